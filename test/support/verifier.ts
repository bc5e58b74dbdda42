// Creates a verifier with one HS256 key and a clock that the test sets, and makes tokens for it.

import { randomBytes } from 'node:crypto';

import {
  createTokenVerifier,
  verifyBearer,
  type TokenpairEvent,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiedToken,
} from '@tokenpair/core';
import { createTestClock, type TestClock } from '@tokenpair/testing';

import { forge, signerFor, type Forgery, type Signer } from './forge.js';
import { audienceName, issuerName } from './issuer.js';

export interface TestVerifier {
  readonly verifier: TokenVerifier;
  readonly clock: TestClock;
  readonly events: TokenpairEvent[];
  readonly secret: Uint8Array;
  readonly signer: Signer;
  /** Header of a valid token, with changes; `undefined` removes a member. */
  header(changes?: object): Record<string, unknown>;
  /** Claims of a valid token, with changes; `undefined` removes a claim. */
  claims(changes?: object): Record<string, unknown>;
  /** A valid token, with changes to its claims and to its parts. */
  token(changes?: object, forgery?: Partial<Forgery>): string;
  /** Verifies a token. */
  verify(token: string): Promise<VerifiedToken>;
}

/** Creates a verifier. Options that are left out have defaults. */
export function createTestVerifier(options: Partial<TokenVerifierOptions> = {}): TestVerifier {
  const clock = createTestClock();
  const events: TokenpairEvent[] = [];
  const secret = randomBytes(32);
  const signer = signerFor('HS256', secret);
  const verifier = createTokenVerifier({
    issuer: issuerName,
    audience: audienceName,
    keys: [{ kid: 'test', algorithm: 'HS256', secret }],
    clockTolerance: 0,
    clock: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const claims = (changes: object = {}) => {
    const now = clock.now() / 1_000;
    return {
      iss: issuerName,
      sub: 'u_1',
      aud: audienceName,
      exp: now + 300,
      iat: now,
      jti: 'jti-1',
      sid: 'sid-1',
      ...changes,
    };
  };
  return {
    verifier,
    clock,
    events,
    secret,
    signer,
    header: goodHeader,
    claims,
    token: (changes, forgery) =>
      forge({ header: goodHeader(), payload: claims(changes), signer, ...forgery }),
    verify: (token) => verifyBearer(verifier, `Bearer ${token}`),
  };
}

function goodHeader(changes: object = {}): Record<string, unknown> {
  return { alg: 'HS256', typ: 'at+jwt', kid: 'test', ...changes };
}

// Issuers and verifiers as in several processes: each with its own list, all over one revocation log and one store.

import { randomBytes } from 'node:crypto';

import {
  createRevocations,
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  verifyBearer,
  type FollowOptions,
  type Revocations,
  type SessionStore,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenpairEvent,
  type TokenVerifier,
  type TokenVerifierOptions,
} from '@tokenpair/core';

import { createLosableLog, type LosableLog } from './losable-log.js';
import { createTestKey } from './keys.js';
import { audienceName, issuerName } from './issuer.js';
import { codeOf } from './outcome.js';

export interface Process<Kind> {
  readonly revocations: Revocations;
  readonly events: TokenpairEvent[];
  readonly tokens: Kind;
  /** `ok`, or the code of the refusal. */
  verify(accessToken: string): Promise<string>;
}

/** Call it under jest's fake timers: the time of all of them, of the log and of the store moves with `advance`. */
export function createProcesses(shared: { readonly store?: SessionStore } = {}) {
  const log = createLosableLog(Date.now);
  const store = shared.store ?? new MemorySessionStore({ capacity: 1_000 });
  const key = createTestKey('HS256', 'test');
  const refreshKeys = [{ kid: '1', secret: randomBytes(32) }] as const;

  return {
    log,
    store,
    issuer(
      options: FollowOptions = {},
      more: Partial<TokenIssuerOptions> = {},
      of = log,
    ): Process<TokenIssuer> {
      const { events, onEvent, revocations } = follow(options, of);
      const tokens = createTokenIssuer({
        issuer: issuerName,
        audience: audienceName,
        keys: [key.signing],
        refreshKeys,
        store,
        revocations,
        onEvent,
        ...more,
      });
      return { revocations, events, tokens, verify: (text) => codeFor(tokens.verifier, text) };
    },
    verifier(
      options: FollowOptions = {},
      of = log,
      more: Partial<TokenVerifierOptions> = {},
    ): Process<TokenVerifier> {
      const { events, revocations } = follow(options, of);
      const tokens = createTokenVerifier({
        issuer: issuerName,
        audience: audienceName,
        keys: [key.verification],
        revocations,
        ...more,
      });
      return { revocations, events, tokens, verify: (text) => codeFor(tokens, text) };
    },
    /** Lets time pass: timers run, and the loops read. */
    advance: (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds),
  };
}

function follow(options: FollowOptions, of: LosableLog) {
  const events: TokenpairEvent[] = [];
  const onEvent = (event: TokenpairEvent) => events.push(event);
  return { events, onEvent, revocations: createRevocations(of, { ...options, onEvent }) };
}

function codeFor(verifier: TokenVerifier, accessToken: string): Promise<string> {
  return codeOf(verifyBearer(verifier, `Bearer ${accessToken}`));
}

export function typesOf(events: readonly TokenpairEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

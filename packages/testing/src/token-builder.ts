// Access tokens for tests of an application that only verifies: valid ones, and some that it must refuse.

import { createHmac, randomBytes, randomUUID } from 'node:crypto';

import { type Clock, type SecretKeyOptions } from '@tokenpair/core';
import { checkOptions } from '@tokenpair/core/store';

/** Options of {@link createTokenBuilder}: the default claims of its tokens. */
export interface TokenBuilderOptions {
  /** Written as `iss`. @defaultValue `'https://issuer.test'` */
  readonly issuer?: string | undefined;
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Lifetime of a token in seconds. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Claims that are added to the default ones or replace them; `undefined` removes a claim. */
export type ClaimChanges = Readonly<Record<string, unknown>>;

/** Makes the values of `Authorization` headers. */
export interface TokenBuilder {
  /** Options for the application's verifier: `createTokenVerifier({ issuer, audience, keys })`. */
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly keys: readonly [SecretKeyOptions];
  /** `Bearer` and a valid token. */
  bearer(claims?: ClaimChanges): string;
  /** `Bearer` and a token that expired an hour ago: refused with `token_expired`. */
  expired(claims?: ClaimChanges): string;
  /** `Bearer` and a token that is signed with another key: refused with `token_invalid`. */
  forged(claims?: ClaimChanges): string;
  /** `Bearer` and a valid token of the same issuer for another service: refused with `token_invalid`. */
  forAnotherAudience(claims?: ClaimChanges): string;
}

/**
 * Makes a key and access tokens under it, to test an application's guards without an issuer, a store or a login.
 *
 * The tokens have the form that an issuer of tokenpair signs (HS256, `typ` `at+jwt`). Claims are not checked.
 *
 * @throws TypeError an option is unknown, or the claims of a token are not an object.
 */
export function createTokenBuilder(options: TokenBuilderOptions = {}): TokenBuilder {
  const {
    issuer = 'https://issuer.test',
    audience = 'https://api.test',
    subject = 'u_1',
    lifetime = 300,
    clock = Date.now,
  } = checkOptions('createTokenBuilder', options, [
    'issuer',
    'audience',
    'subject',
    'lifetime',
    'clock',
  ]);
  const [secret, strangersSecret] = [randomBytes(32), randomBytes(32)];
  const key: SecretKeyOptions = { kid: 'test', algorithm: 'HS256', secret };

  function build(changes: ClaimChanges = {}, signedWith = secret): string {
    const now = Math.floor(clock() / 1_000);
    const claims = {
      iss: issuer,
      sub: subject,
      aud: audience,
      iat: now,
      exp: now + lifetime,
      jti: randomUUID(),
      sid: randomBytes(28).toString('base64url'),
      // Any claim is allowed, so this only checks that it is an object.
      ...checkOptions('claims', changes, Object.keys(changes)),
    };
    const header = { alg: key.algorithm, typ: 'at+jwt', kid: key.kid };
    return `Bearer ${sign(header, claims, signedWith)}`;
  }

  return {
    issuer,
    audience,
    keys: [key],
    bearer: (claims) => build(claims),
    expired: (claims) => {
      const end = Math.floor(clock() / 1_000) - 3_600;
      return build({ iat: end - lifetime, exp: end, ...claims });
    },
    forged: (claims) => build(claims, strangersSecret),
    forAnotherAudience: (claims) => build({ aud: 'https://another.test', ...claims }),
  };
}

function sign(header: object, claims: object, secret: Uint8Array): string {
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

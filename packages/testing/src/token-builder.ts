// Access tokens for the tests of an application that only verifies: good ones, and such as it must refuse.

import { createHmac, randomBytes, randomUUID } from 'node:crypto';

import { type Clock, type SecretKeyOptions } from '@tokenpair/core';
import { checkOptions } from '@tokenpair/core/store';

/** What the tokens of a {@link TokenBuilder} carry unless a test says otherwise. */
export interface TokenBuilderOptions {
  /** Written as `iss`. @defaultValue `'https://issuer.test'` */
  readonly issuer?: string | undefined;
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Seconds that a token is valid. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Claims beside or instead of the builder's own; `undefined` leaves a claim out. */
export type ClaimChanges = Readonly<Record<string, unknown>>;

/** Makes the values of `Authorization` headers. */
export interface TokenBuilder {
  /** What the application's verifier takes: `createTokenVerifier({ issuer, audience, keys })`. */
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly keys: readonly [SecretKeyOptions];
  /** `Bearer` and a good token. */
  bearer(claims?: ClaimChanges): string;
  /** `Bearer` and a token that was good until an hour ago: refused with `token_expired`. */
  expired(claims?: ClaimChanges): string;
  /** `Bearer` and a token that somebody without the key made: refused with `token_invalid`. */
  forged(claims?: ClaimChanges): string;
  /** `Bearer` and a good token of the same issuer for another service: refused with `token_invalid`. */
  forAnotherAudience(claims?: ClaimChanges): string;
}

/**
 * Makes a key of its own and access tokens under it, so that an application's guards can be tested without an issuer,
 * a store or a login.
 *
 * The tokens are what an issuer of tokenpair signs (HS256, `typ` `at+jwt`), and whatever the test makes of the claims:
 * no claim is checked here.
 *
 * @throws TypeError an option is unknown, or the claims of a token are no object.
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
      // Any claim may be there, so only the kind of value is checked.
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

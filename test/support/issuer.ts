// An issuer over a memory store, on one clock that the test sets, with everything that it does written down.

import { createHash, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  MemorySessionStore,
  type SessionStore,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTestClock, type TestClock } from '@tokenpair/testing';

import { createTestKey } from './keys.js';
import { countCalls, type CallLog } from './counting-store.js';

export interface TestIssuer {
  readonly tokens: TokenIssuer;
  readonly clock: TestClock;
  /** The store as the issuer sees it: every call is counted. */
  readonly store: SessionStore;
  /** Names of the store methods that were called, in order. */
  readonly calls: CallLog;
  readonly events: TokenpairEvent[];
  /** Another issuer with the same store, clock and keys, but for what is given. */
  another(options: Partial<TokenIssuerOptions>): TokenIssuer;
}

export const issuerName = 'https://issuer.test';
export const audienceName = 'https://api.test';

/** What the store knows a subject of the test issuer as. */
export function ownerOf(subject: string, issuer = issuerName): string {
  return `${createHash('sha256').update(issuer).digest('base64url').slice(0, 8)}.${subject}`;
}

/** Any options; what is left out is what a test does not care about. Ends with the test process. */
export function createTestIssuer(options: Partial<TokenIssuerOptions> = {}): TestIssuer {
  const clock = createTestClock();
  // Small: a memory store allocates for its capacity when it is made, and tests make thousands.
  const { store, calls } = countCalls(
    options.store ?? new MemorySessionStore({ capacity: 1_000, clock: clock.now }),
  );
  const events: TokenpairEvent[] = [];
  const all: TokenIssuerOptions = {
    issuer: issuerName,
    audience: audienceName,
    keys: [createTestKey('HS256', 'test').signing],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    clockTolerance: 0,
    clock: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
    store,
  };
  return {
    tokens: createTokenIssuer(all),
    clock,
    store,
    calls,
    events,
    another: (changes) => createTokenIssuer({ ...all, ...changes }),
  };
}

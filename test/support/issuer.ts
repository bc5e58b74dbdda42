// Creates an issuer with a memory store and a clock that the test sets, and records its store calls and events.

import { createHash, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  MemorySessionStore,
  type RefreshRefusedEvent,
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
  /** The store of the issuer, with every call recorded. */
  readonly store: SessionStore;
  /** Names of the store methods that were called, in order. */
  readonly calls: CallLog;
  /** What happened. Refused refreshes are in `refusals`. */
  readonly events: TokenpairEvent[];
  /** The event `refresh.refused` of each refused refresh. */
  readonly refusals: RefreshRefusedEvent[];
  /** Creates another issuer with the same store, clock and keys, and with other options. */
  another(options: Partial<TokenIssuerOptions>): TokenIssuer;
}

export const issuerName = 'https://issuer.test';
export const audienceName = 'https://api.test';

/** The owner that the store has for a subject of an issuer. */
export function ownerOf(subject: string, issuer = issuerName): string {
  return `${createHash('sha256').update(issuer).digest('base64url').slice(0, 8)}.${subject}`;
}

/** Creates an issuer. Options that are left out have defaults. It ends with the test process. */
export function createTestIssuer(options: Partial<TokenIssuerOptions> = {}): TestIssuer {
  const clock = createTestClock();
  // Small, because tests create thousands of stores.
  const { store, calls } = countCalls(
    options.store ?? new MemorySessionStore({ capacity: 1_000, clock: clock.now }),
  );
  const events: TokenpairEvent[] = [];
  const refusals: RefreshRefusedEvent[] = [];
  const all: TokenIssuerOptions = {
    issuer: issuerName,
    audience: audienceName,
    keys: [createTestKey('HS256', 'test').signing],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    clockTolerance: 0,
    clock: clock.now,
    onEvent: (event) =>
      event.type === 'refresh.refused' ? refusals.push(event) : events.push(event),
    ...options,
    store,
  };
  return {
    tokens: createTokenIssuer(all),
    clock,
    store,
    calls,
    events,
    refusals,
    another: (changes) => createTokenIssuer({ ...all, ...changes }),
  };
}

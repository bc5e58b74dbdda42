// A loaded key set whose loads the test controls: what a load answers, and when.

import { loadedKeySet, type KeyRefreshOptions, type KeySource } from '@tokenpair/core';
import type { TokenpairEvent, VerificationKeyOptions } from '@tokenpair/core';
import { createTestClock, type TestClock } from '@tokenpair/testing';

import { createTestKey } from './keys.js';

export interface TestLoader {
  readonly source: KeySource;
  readonly clock: TestClock;
  readonly events: TokenpairEvent[];
  /** The signal of each load so far. */
  readonly loads: AbortSignal[];
  /** Sets the answer of the next loads. */
  answer: () => unknown;
  /** Makes every load from now on wait until the returned function is called. */
  hold(): () => void;
  /** Waits until no load is running. */
  settle(): Promise<void>;
}

export function createTestLoader(
  keys: readonly VerificationKeyOptions[],
  options: KeyRefreshOptions = {},
): TestLoader {
  const clock = createTestClock();
  const events: TokenpairEvent[] = [];
  const loads: AbortSignal[] = [];
  let gate: Promise<void> | undefined;
  let underWay: Promise<unknown> = Promise.resolve();

  const source = loadedKeySet(
    (signal) => {
      loads.push(signal);
      const answer = gate ? gate.then(() => loader.answer()) : loader.answer();
      underWay = Promise.resolve(answer).catch(() => {});
      return answer as never;
    },
    { clock: clock.now, onEvent: (event) => events.push(event), ...options },
  );
  const loader: TestLoader = {
    source,
    clock,
    events,
    loads,
    answer: async () => keys,
    hold() {
      let release!: () => void;
      gate = new Promise((resolve) => {
        release = () => {
          gate = undefined;
          resolve();
        };
      });
      return release;
    },
    async settle() {
      await underWay;
      // The work after an answer takes a few more turns.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return loader;
}

/** A public key with this key ID. */
export function publicKey(kid: string): VerificationKeyOptions {
  return createTestKey('ES256', kid).verification;
}

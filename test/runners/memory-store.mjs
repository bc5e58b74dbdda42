// Runs the suites for session stores and revocation logs on those in memory, with the test runner that loads this file. It imports the built
// packages, because these runners compile no TypeScript.
import { MemorySessionStore } from '@tokenpair/core';
import { MemoryRevocationLog } from '@tokenpair/core/store';
import { createTestClock, describeRevocationLog, describeSessionStore } from '@tokenpair/testing';

function makeStore() {
  const clock = createTestClock();
  const store = new MemorySessionStore({ capacity: 1_000, clock: clock.now });
  return {
    store,
    another: () => store,
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
  };
}

function makeLog() {
  const clock = createTestClock();
  const log = new MemoryRevocationLog(clock.now);
  return {
    log,
    another: () => log,
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
  };
}

export function describeMemoryStore(runner) {
  describeSessionStore('the memory store', makeStore, {
    ...runner,
    notShown: { garble: 'its records are objects of this process', hang: 'it calls no server' },
  });
  describeRevocationLog('the memory log', makeLog, {
    ...runner,
    notShown: {
      lose: 'it has no replica',
      flush: 'no other process can remove its entries',
      demote: 'it has no replica',
      hang: 'it sends no requests',
    },
  });
}

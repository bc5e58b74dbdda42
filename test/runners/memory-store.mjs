// Runs the suite for session stores on the memory store, with the test runner that loads this file. It imports the built
// packages, because these runners compile no TypeScript.
import { MemorySessionStore } from '@tokenpair/core';
import { createTestClock, describeSessionStore } from '@tokenpair/testing';

function makeStore() {
  const clock = createTestClock();
  const store = new MemorySessionStore({ capacity: 1_000, clock: clock.now });
  return {
    store,
    another: () => store,
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
  };
}

export function describeMemoryStore(runner) {
  describeSessionStore('the memory store', makeStore, {
    ...runner,
    notShown: { garble: 'its records are objects of this process', hang: 'it calls no server' },
  });
}

// The suite on the memory store, for whichever runner loads it. Of the built packages: no runner of these transforms them.
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
    notShown: { garble: 'it is in this process alone', hang: 'it asks nobody' },
  });
}

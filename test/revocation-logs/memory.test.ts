import { MemoryRevocationLog } from '@tokenpair/core/store';
import { createTestClock, describeRevocationLog } from '@tokenpair/testing';

describeRevocationLog(
  'the memory log',
  () => {
    const clock = createTestClock();
    const log = new MemoryRevocationLog(clock.now);
    return {
      log,
      another: () => log,
      advance: (milliseconds) => clock.advance(milliseconds / 1_000),
    };
  },
  {
    notShown: {
      lose: 'it has no replica',
      flush: 'no other process can remove its entries',
      demote: 'it has no replica',
      hang: 'it sends no requests',
    },
  },
);

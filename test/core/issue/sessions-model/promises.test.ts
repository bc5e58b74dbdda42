// The promises of a session in random worlds, with the memory store: any number of tabs with independent delays, losses,
// failovers, key changes, step-ups, a thief. A failure prints what happened.

import * as core from '@tokenpair/core';
import fc from 'fast-check';

import { anyLife, kinds, live } from '../../../support/tabs/random-world.js';

describe('every promise holds in random worlds with', () => {
  it.each(Object.entries(kinds))(
    '%s',
    async (_, kind) => {
      await fc.assert(
        fc.asyncProperty(anyLife(kind), (life) => live(kind, life, core)),
        { numRuns: 200, interruptAfterTimeLimit: 5_000 },
      );
    },
    60_000,
  );
});

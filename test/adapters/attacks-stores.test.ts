// Accidents in a store: an ID that comes again, as that of a session that takes over a token of a former system.

import { ownerTag, type NewSession } from '@tokenpair/core/store';

import { storeKinds } from '../support/stores.js';

const limit = { max: 3, onLimit: 'evict-oldest' } as const;

describe.each(storeKinds)('$name', (kind) => {
  it('creates a session again whose earlier life has ended by its time', async () => {
    const { store, close } = await kind.open(Date.now);
    try {
      // In Redis, the record of a session that has ended remains for a millisecond: several rounds meet it.
      for (const letter of 'ABCDEFGHIJKLMNOPQRST') {
        const owner = `o${letter}`;
        const sessionId = ownerTag(owner) + letter.repeat(21) + 'A';
        const session: NewSession = {
          sessionId,
          owner,
          generation: 2,
          secretHash: 'h'.repeat(22),
          state: '1',
          data: '{}',
          idleLifetime: 3_600_000,
          absoluteLifetime: 7_200_000,
        };
        await store.create(session, limit);
        await store.swap(sessionId, { data: '{}' }, { expiresAt: Date.now() - 1_000 });
        expect(await store.create(session, limit)).toMatchObject({ outcome: 'created' });
        expect(await store.get(sessionId)).toMatchObject({ sessionId });
        expect(await store.list(owner)).toHaveLength(1);
      }
    } finally {
      await close();
    }
  });
});

import { deepEqual, equal, ok } from 'node:assert/strict';

import { isAuthError } from '@tokenpair/core';
import type { SessionStore } from '@tokenpair/core/store';

import { type Section } from './case.js';
import { inRounds } from './parallel.js';
import { expectOf, idsOf, many, outcomeOf, repeat, rotateOnce } from './sessions.js';

export const revoking: Section = {
  title: 'revoking',
  cases: [
    {
      name: 'is final: the session is absent to every method',
      async run({ store, create, isOver }) {
        const sessionId = await create();
        equal(await store.revoke(sessionId), true);
        await isOver(sessionId);
      },
    },
    {
      name: `tells one of ${many} parallel callers that it ended the session`,
      needs: 'another',
      async run({ store, other, create }) {
        await inRounds({ store, other }, async (caller) => {
          const sessionId = await create();
          const answers = await Promise.all(
            repeat(many, (index) => caller(index).revoke(sessionId)),
          );
          equal(answers.filter(Boolean).length, 1);
          equal(await store.revoke(sessionId), false);
        });
      },
    },
    {
      name: 'returns false for a session that was never created',
      async run({ store, session }) {
        equal(await store.revoke(session().sessionId), false);
      },
    },
    {
      name: 'leaves every other session as it is',
      async run({ store, owner, create }) {
        const gone = await create();
        const sibling = await create();
        const stranger = await create({ owner: `${owner}2` });
        await store.revoke(gone);
        equal(await outcomeOf(store, sibling, 1), 'swapped');
        equal(await outcomeOf(store, stranger, 1), 'swapped');
      },
    },
    {
      name: `wins against ${many} concurrent writes: the session does not come back`,
      needs: 'another',
      async run({ store, other, create, isOver }) {
        await inRounds({ store, other }, async (caller) => {
          const sessionId = await create();
          const before = repeat(many / 2, (index) => write(caller(index), sessionId, index));
          const revoked = caller(0).revoke(sessionId);
          const during = repeat(many / 2, (index) => write(caller(index), sessionId, index));
          equal(await revoked, true);
          const after = repeat(3, () => outcomeOf(other, sessionId, 1));
          deepEqual(new Set(await Promise.all(after)), new Set(['absent']));
          await Promise.all([...before, ...during]);
          await isOver(sessionId);
        });
      },
    },
  ],
};

export const revokingOwners: Section = {
  title: 'revoking an owner',
  cases: [
    {
      name: 'ends all of its sessions and no other, and names them',
      async run({ store, owner, create }) {
        const mine = [await create(), await create(), await create()];
        const stranger = await create({ owner: `${owner}2` });
        deepEqual((await store.revokeOwner(owner)).toSorted(), mine.toSorted());
        for (const sessionId of mine) equal(await outcomeOf(store, sessionId, 1), 'absent');
        deepEqual(await store.list(owner), []);
        equal(await outcomeOf(store, stranger, 1), 'swapped');
      },
    },
    {
      name: 'answers nothing for an owner without sessions',
      async run({ store, owner }) {
        deepEqual(await store.revokeOwner(owner), []);
      },
    },
    {
      name: 'keeps exactly the session that is excepted',
      async run({ store, owner, create }) {
        const gone = [await create(), await create()];
        const kept = await create();
        deepEqual((await store.revokeOwner(owner, kept)).toSorted(), gone.toSorted());
        deepEqual(idsOf(await store.list(owner)), [kept]);
        equal(await outcomeOf(store, kept, 1), 'swapped');
      },
    },
    {
      name: 'ignores an exception that is not a session of the owner',
      async run({ store, owner, create }) {
        const mine = await create();
        const stranger = await create({ owner: `${owner}2` });
        deepEqual(await store.revokeOwner(owner, stranger), [mine]);
        equal((await store.get(stranger))?.sessionId, stranger);
      },
    },
    {
      name: 'ends no session of an owner that has the same UTF-8 form',
      async run({ store, other, owner, create }) {
        const theirs = `${owner}\uFFFD`;
        const sessionId = await create({ owner: theirs });
        for (const malformed of [`${owner}\uD800`, `${owner}\uDFFF`]) {
          for (const one of [store, other]) {
            deepEqual(await orRefused(one.revokeOwner(malformed)), []);
            deepEqual(await orRefused(one.list(malformed)), []);
          }
        }
        deepEqual(idsOf(await store.list(theirs)), [sessionId]);
        equal(await outcomeOf(other, sessionId, 1), 'swapped');
      },
    },
    {
      name: 'names every session to one of several parallel callers only',
      needs: 'another',
      async run({ store, other, owner, create }) {
        await inRounds({ store, other }, async (caller) => {
          const mine = [await create(), await create(), await create()];
          const answers = await Promise.all(
            repeat(20, (index) => caller(index).revokeOwner(owner)),
          );
          deepEqual(answers.flat().toSorted(), mine.toSorted());
        });
      },
    },
    {
      name: 'wins against concurrent writes',
      needs: 'another',
      async run({ store, other, owner, create }) {
        await inRounds({ store, other }, async (caller) => {
          const mine = [await create(), await create()];
          const writes = () =>
            mine.flatMap((id) => repeat(many / 4, (index) => write(caller(index), id, index)));
          const before = writes();
          const ended = caller(0).revokeOwner(owner);
          const during = writes();
          deepEqual((await ended).toSorted(), mine.toSorted());
          await Promise.all([...before, ...during]);
          for (const sessionId of mine) equal(await outcomeOf(other, sessionId, 1), 'absent');
          deepEqual(await store.list(owner), []);
        });
      },
    },
    {
      name: 'leaves the owner free to sign in again',
      async run({ store, owner, create }) {
        await create();
        await store.revokeOwner(owner);
        const sessionId = await create();
        equal(await outcomeOf(store, sessionId, 1), 'swapped');
        deepEqual(idsOf(await store.list(owner)), [sessionId]);
      },
    },
  ],
};

/** A rotation, an update or a report, whichever comes next. */
function write(store: SessionStore, sessionId: string, index: number): Promise<unknown> {
  if (index % 5 === 3) return store.confirm(sessionId, 1);
  if (index % 5 === 4) return store.swap(sessionId, expectOf(1), { data: `update ${index}` });
  return rotateOnce(store, sessionId, 1 + (index % 3));
}

// A lone surrogate has no unique UTF-8 form. A store may refuse such an owner, or know that it has no sessions.
async function orRefused<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (error) {
    ok(error instanceof TypeError || isAuthError(error));
    return [];
  }
}

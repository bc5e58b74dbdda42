import { deepEqual, equal, ok } from 'node:assert/strict';

import { isAuthError } from '@tokenpair/core';

import { type Section } from './case.js';
import { idsOf, many, outcomeOf, repeat } from './sessions.js';

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
        const sessionId = await create();
        const answers = await Promise.all(
          repeat(many, (index) => (index % 2 === 0 ? store : other).revoke(sessionId)),
        );
        equal(answers.filter(Boolean).length, 1);
        equal(await store.revoke(sessionId), false);
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
      async run({ store, subject, create }) {
        const gone = await create();
        const sibling = await create();
        const stranger = await create({ subject: `${subject}2` });
        await store.revoke(gone);
        equal(await outcomeOf(store, sibling, 1), 'swapped');
        equal(await outcomeOf(store, stranger, 1), 'swapped');
      },
    },
    {
      name: `wins against ${many} concurrent rotations: the session does not come back`,
      needs: 'another',
      async run({ store, other, create, isOver }) {
        const sessionId = await create();
        const rotations = (one: typeof store) =>
          repeat(many / 2, (index) => outcomeOf(one, sessionId, 1 + (index % 3)));
        const before = rotations(other);
        const revoked = store.revoke(sessionId);
        const during = rotations(other);
        equal(await revoked, true);
        deepEqual(new Set(await Promise.all(rotations(other))), new Set(['absent']));
        await Promise.all([...before, ...during]);
        await isOver(sessionId);
      },
    },
  ],
};

export const revokingSubjects: Section = {
  title: 'revoking a subject',
  cases: [
    {
      name: 'ends all of its sessions and no other, and names them',
      async run({ store, subject, create }) {
        const mine = [await create(), await create(), await create()];
        const stranger = await create({ subject: `${subject}2` });
        deepEqual((await store.revokeSubject(subject)).toSorted(), mine.toSorted());
        for (const sessionId of mine) equal(await outcomeOf(store, sessionId, 1), 'absent');
        deepEqual(await store.list(subject), []);
        equal(await outcomeOf(store, stranger, 1), 'swapped');
      },
    },
    {
      name: 'answers nothing for a subject without sessions',
      async run({ store, subject }) {
        deepEqual(await store.revokeSubject(subject), []);
      },
    },
    {
      name: 'keeps exactly the session that is excepted',
      async run({ store, subject, create }) {
        const gone = [await create(), await create()];
        const kept = await create();
        deepEqual((await store.revokeSubject(subject, kept)).toSorted(), gone.toSorted());
        deepEqual(idsOf(await store.list(subject)), [kept]);
        equal(await outcomeOf(store, kept, 1), 'swapped');
      },
    },
    {
      name: 'ignores an exception that is not a session of the subject',
      async run({ store, subject, create }) {
        const mine = await create();
        const stranger = await create({ subject: `${subject}2` });
        deepEqual(await store.revokeSubject(subject, stranger), [mine]);
        equal((await store.get(stranger))?.sessionId, stranger);
      },
    },
    {
      name: 'ends no session of a subject that has the same UTF-8 form',
      async run({ store, other, subject, create }) {
        const theirs = `${subject}\uFFFD`;
        const sessionId = await create({ subject: theirs });
        for (const malformed of [`${subject}\uD800`, `${subject}\uDFFF`]) {
          for (const one of [store, other]) {
            deepEqual(await orRefused(one.revokeSubject(malformed)), []);
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
      async run({ store, other, subject, create }) {
        const mine = [await create(), await create(), await create()];
        const answers = await Promise.all(
          repeat(20, (index) => (index % 2 === 0 ? store : other).revokeSubject(subject)),
        );
        deepEqual(answers.flat().toSorted(), mine.toSorted());
      },
    },
    {
      name: 'wins against concurrent rotations',
      needs: 'another',
      async run({ store, other, subject, create }) {
        const mine = [await create(), await create()];
        const rotations = () =>
          mine.flatMap((id) => repeat(many / 4, () => outcomeOf(other, id, 1)));
        const before = rotations();
        const ended = store.revokeSubject(subject);
        const during = rotations();
        await Promise.all([...before, ended, ...during]);
        deepEqual(new Set(await Promise.all(rotations())), new Set(['absent']));
        deepEqual(await store.list(subject), []);
      },
    },
    {
      name: 'leaves the subject free to sign in again',
      async run({ store, subject, create }) {
        await create();
        await store.revokeSubject(subject);
        const sessionId = await create();
        equal(await outcomeOf(store, sessionId, 1), 'swapped');
        deepEqual(idsOf(await store.list(subject)), [sessionId]);
      },
    },
  ],
};

// A lone surrogate has no unique UTF-8 form. A store may refuse such a subject, or know that it has no sessions.
async function orRefused<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (error) {
    ok(error instanceof TypeError || isAuthError(error));
    return [];
  }
}

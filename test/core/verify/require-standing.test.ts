// Tests that the answer which is kept for a token is never older than the list.

import * as fc from 'fast-check';

import { readLines } from '../../../packages/core/src/revocations/lines.js';
import { RevocationList } from '../../../packages/core/src/revocations/revocation-list.js';
import {
  isInGoodStanding,
  standingOf,
} from '../../../packages/core/src/verify/require-standing.js';

const sessions = ['a', 'b', 'c'].map((name) => name.repeat(38));
const tags = sessions.map((sessionId) => sessionId.slice(0, 16));

const listed = (claims: { sid: string; rev: number }) => ({
  standing: standingOf(claims),
  passedAt: -1,
});

const oneOf = (texts: readonly string[]) => fc.constantFrom(...texts);
const text = fc.oneof(
  oneOf(sessions).map((id) => `o ${id}`),
  oneOf([...sessions, ...tags]).map((target) => `s ${target}`),
  fc.tuple(oneOf(tags), oneOf(sessions)).map(([tag, id]) => `s ${tag} ${id}`),
  oneOf(['S', 'O', 'x from a later version', '? may be ignored', '']),
);
const position = fc.integer({ min: 1, max: 20 });
const change = fc.oneof(
  fc.record({ how: fc.constant('apply' as const), text, position }),
  fc.record({ how: fc.constant('absorb' as const), text, position }),
  fc.record({ how: fc.constant('kill' as const), text, position }),
);

it('is asked again after every change of the list, and its answers are those of the list', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const list = new RevocationList({ max: 100 });
      const revocations = { follower: { list, verdictOnUnlisted: () => undefined } };
      const kept = sessions.flatMap((sid) => [0, 5, 10, 15, 20].map((rev) => listed({ sid, rev })));
      for (const { how, text: line, position: at } of changes) {
        if (how === 'kill') list.kill(at);
        else if (how === 'apply') list.apply(readLines(line), at, 0);
        else {
          const other = new RevocationList({ max: 100 });
          other.apply(readLines(line), at, 0);
          list.absorb(other, at, 0);
        }
        for (const token of kept) {
          const { rev, tag, sessionId } = token.standing;
          const verdict = list.verdictOn(rev, tag, sessionId);
          const passes = isInGoodStanding(revocations as never, token);
          expect(passes).toBe(verdict === undefined);
        }
      }
    }),
  );
});

it('is asked again after the oldest facts were dropped', () => {
  const list = new RevocationList({ max: 100 });
  const revocations = { follower: { list, verdictOnUnlisted: () => undefined } };
  const token = listed({ sid: 'z'.repeat(38), rev: 1 });
  expect(isInGoodStanding(revocations as never, token)).toBe(true);
  for (let count = 0; count < 101; count += 1) {
    const sessionIds = [String(count).padStart(38, '0')];
    list.apply([{ kind: 'ended', sessionIds }], count + 1, 0);
  }
  expect(list.localStaleBefore).toBeGreaterThan(1);
  expect(isInGoodStanding(revocations as never, token)).toBe(false);
});

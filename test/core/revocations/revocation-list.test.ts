import fc from 'fast-check';

import { readLines, writeEntry } from '../../../packages/core/src/revocations/lines.js';
import { RevocationList } from '../../../packages/core/src/revocations/revocation-list.js';

const subjects = ['subject-one-tag-', 'subject-two-tag-'];
const sessions = subjects.flatMap((tag) => [1, 2, 3].map((n) => `${tag}session-${n}-------------`));
const tagOf = (sessionId: string) => sessionId.slice(0, 16);
const idOf = (n: number) => `t${String(n).padStart(37, '0')}`;

interface Entry {
  readonly position: number;
  readonly text: string;
}

const position = fc.integer({ min: 1, max: 12 });
const oneSession = fc.constantFrom(...sessions);
const line = fc.oneof(
  fc.array(oneSession, { minLength: 1, maxLength: 3 }).map((ids) => `o ${ids.join(' ')}`),
  fc
    .tuple(
      fc.oneof(fc.constantFrom(...subjects), oneSession),
      fc.array(oneSession, { maxLength: 2 }),
    )
    .map(([target, except]) => ['s', target, ...except].join(' ')),
  fc.constantFrom('S', 'O', 'O 3', '? later', 'x later'),
);
const entry: fc.Arbitrary<Entry> = fc.record({
  position,
  text: fc.array(line, { maxLength: 3 }).map((lines) => lines.join('\n')),
});

/** What the table of the lines says, by looking at every line. */
function verdictByTable(entries: readonly Entry[], rev: number, sessionId: string) {
  let verdict: string | undefined;
  for (const { position: at, text } of entries) {
    for (const one of text.split('\n')) {
      const [kind, first = '', ...rest] = one.split(' ');
      if (kind === 'o' && [first, ...rest].includes(sessionId)) return 'revoked';
      if (kind === 'O' && rev < (first === '' ? at : Number(first))) return 'revoked';
      const applies = first === sessionId || first === tagOf(sessionId);
      const isStale = kind === 's' && applies && !rest.includes(sessionId);
      if ((isStale || kind === 'S' || kind === 'x') && rev < at) verdict = 'stale';
    }
  }
  return verdict;
}

function listOf(entries: readonly Entry[], max = 1_000_000): RevocationList {
  const list = new RevocationList({ max });
  list.keep = 60_000;
  for (const { position: at, text } of entries) list.apply(readLines(text), at, 0);
  return list;
}

const verdictsOf = (list: RevocationList) =>
  sessions.flatMap((sessionId) =>
    Array.from({ length: 14 }, (_, rev) => list.verdictOn(rev, tagOf(sessionId), sessionId)),
  );

const refusedBy = (list: RevocationList) =>
  sessions.filter((id) => list.verdictOn(5, tagOf(id), id) !== undefined);

describe('the list', () => {
  it('says what the table of the lines says, in any order and with any repetition', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 12 }).chain((entries) =>
          fc.tuple(
            fc.constant(entries),
            // Every entry at least once, some several times, in any order.
            fc
              .array(fc.nat({ max: Math.max(0, entries.length - 1) }), { maxLength: 8 })
              .map((again) => [...entries, ...again.flatMap((index) => entries[index] ?? [])])
              .chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
          ),
        ),
        ([entries, shuffled]) => {
          const expected = sessions.flatMap((sessionId) =>
            Array.from({ length: 14 }, (_, rev) => verdictByTable(entries, rev, sessionId)),
          );
          expect(verdictsOf(listOf(shuffled))).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is the same when two lists that have heard different parts are joined', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 8 }),
        fc.array(entry, { maxLength: 8 }),
        (one, other) => {
          const joined = listOf(one);
          joined.absorb(listOf(other), 12, 0);
          expect(verdictsOf(joined)).toEqual(verdictsOf(listOf([...one, ...other])));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('names the lines that another list lacks: with them, both say the same', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 8 }),
        fc.array(entry, { maxLength: 8 }),
        (one, other) => {
          const [full, lacking] = [listOf(one), listOf(other)];
          lacking.apply(full.linesMissingIn(lacking), 13, 0);
          lacking.kill(full.everythingBefore);
          // A line that was not understood is never announced again. Such lists are left out.
          fc.pre(full.localStaleBefore === 0);
          // What was missing is announced at a new position, so it refuses at least as much.
          expect(refusedBy(lacking)).toEqual(expect.arrayContaining(refusedBy(full)));
          expect(full.linesMissingIn(lacking)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never says less with many marks of one target', () => {
    const target = subjects[0] ?? '';
    const entries = Array.from({ length: 40 }, (_, n) => ({
      position: n + 1,
      text: `s ${target} ${target}${String(39 - n).padStart(22, '-')}`,
    }));
    const list = listOf(entries);
    expect(list.facts).toBeLessThanOrEqual(16);
    for (const sessionId of sessions) {
      for (let rev = 0; rev < 42; rev += 1) {
        const expected = verdictByTable(entries, rev, sessionId);
        expect(list.verdictOn(rev, tagOf(sessionId), sessionId)).toBe(expected);
      }
    }
  });

  it('forgets a fact when the tokens that it concerns have expired, and not before', () => {
    const list = new RevocationList({ max: 1_000 });
    list.keep = 8_000;
    const [one = '', two = ''] = sessions;
    list.apply(readLines(`o ${one}\ns ${tagOf(two)}`), 5, 0);
    list.forget(8_999);
    expect(list.facts).toBe(2);
    list.apply(readLines(`o ${one}`), 5, 9_000); // heard again
    list.forget(17_000);
    expect(list.facts).toBe(1);
    expect(list.hasEnded(one)).toBe(true);
    list.forget(20_000);
    list.forget(30_000);
    expect(list.facts).toBe(0);
  });

  it('forgets 5 000 facts per turn of the event loop', async () => {
    const list = new RevocationList({ max: 1_000_000 });
    list.keep = 8_000;
    for (let n = 0; n < 12_000; n += 1) {
      const id = `t${String(n).padStart(37, '0')}`;
      list.apply([{ kind: 'ended', sessionIds: [id] }], n + 1, 0);
    }
    list.forget(1_000);
    list.forget(9_001);
    expect(list.facts).toBe(7_000);
    await new Promise(setImmediate);
    expect(list.facts).toBe(2_000);
    await new Promise(setImmediate);
    expect(list.facts).toBe(0);
  });

  it('drops the oldest facts when it is full: their tokens refresh, and no other session is refused', async () => {
    const dropped: number[] = [];
    const list = new RevocationList({ max: 800, onOverflow: (before) => dropped.push(before) });
    list.keep = 60_000;
    for (let n = 0; n < 801; n += 1) list.apply(readLines(`o ${idOf(n)}`), n + 1, 0);
    expect(dropped).toEqual([100]);
    list.forget(1);
    await new Promise(setImmediate);
    expect(list.facts).toBe(701);
    expect(list.verdictOn(99, 't'.padEnd(16, '0'), idOf(0))).toBe('stale');
    expect(list.verdictOn(100, 't'.padEnd(16, '0'), idOf(9_999))).toBeUndefined();
    expect(list.verdictOn(500, 't'.padEnd(16, '0'), idOf(800))).toBe('revoked');
  });
});

describe('an entry', () => {
  it('has at most 100 session IDs and 8 KB, and keeps every line', () => {
    const ids = Array.from({ length: 250 }, (_, n) => `t${String(n).padStart(37, '0')}`);
    let rest = ids.map((id) => ({ kind: 'ended', sessionIds: [id] }) as const);
    const read: string[] = [];
    while (rest.length > 0) {
      const { text, count } = writeEntry(rest);
      expect(count).toBeLessThanOrEqual(100);
      expect(text.length).toBeLessThanOrEqual(8_192);
      for (const one of readLines(text)) if (one.kind === 'ended') read.push(...one.sessionIds);
      rest = rest.slice(count);
    }
    expect(read).toEqual(ids);
    const stale = Array.from(
      { length: 1_000 },
      (_, n) => ({ kind: 'stale', target: String(n).padStart(16, '0'), except: [] }) as const,
    );
    const { text, count } = writeEntry(stale);
    expect(text.length).toBeLessThanOrEqual(8_192);
    expect(readLines(text)).toEqual(stale.slice(0, count));
  });

  it.each([
    ['', []],
    ['? something of a later version', []],
    ['O', [{ kind: 'kill', mark: undefined }]],
    ['O 17', [{ kind: 'kill', mark: 17 }]],
    ['S', [{ kind: 'all stale' }]],
    ['O 17 18', [{ kind: 'unknown' }]],
    ['o', [{ kind: 'unknown' }]],
    ['o short', [{ kind: 'unknown' }]],
    ['s short', [{ kind: 'unknown' }]],
    ['S now', [{ kind: 'unknown' }]],
    ['z', [{ kind: 'unknown' }]],
  ])('is read line by line: %j', (text, lines) => {
    expect(readLines(text)).toEqual(lines);
  });
});

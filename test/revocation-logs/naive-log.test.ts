// The suite can fail: every likely fault of a log fails the cases that are meant for it, and every case is failed by at least one
// fault.

import { setImmediate as turn } from 'node:timers/promises';

import type { NewRevocationEntry, Position } from '@tokenpair/core/store';
import {
  createTestClock,
  describeRevocationLog,
  type RevocationLogUnderTest,
} from '@tokenpair/testing';

import { collectCases, testWithFaults, type Failing } from '../support/faults.js';
import { PlainLog, PlainLogData, type PlainFeed } from '../support/plain-log.js';

type LogClass = typeof PlainLog;

interface Naive {
  readonly log: LogClass;
}

const order = [
  'gives every entry a greater position than all before it, over two connections',
  'gives 200 appends at once one order, over two connections, and loses none',
];
const texts = [
  'keeps one of several lines exactly',
  'keeps one of 8 192 bytes exactly',
  'keeps one with control characters and line ends exactly',
  'keeps one of any alphabet exactly',
  'keeps one that looks like JSON exactly',
  'keeps one that looks like a number exactly',
  'keeps one that looks like SQL exactly',
  'keeps one with spaces around it exactly',
];

/** A case is run in both modes. */
const underCore = (name: string) => ['accept', 'refuse'].map((mode) => `${name}: ${mode}`);

const faults: Readonly<Record<string, Naive & Failing>> = {
  'reads first and writes in a second step': {
    log: class extends PlainLog {
      override step<T>(action: () => Promise<T>) {
        return this.data.isSilent ? this.whenSilent() : action();
      }
    },
    fails: [
      'gives 200 appends at once one order, over two connections, and loses none',
      'shows no entry below a position that a reader has passed',
      'is one of 50 first appends at once, for all of them',
    ],
  },
  'takes positions that do not rise within a millisecond': {
    log: class extends PlainLog {
      override positionAfter(_head: Position, floor: Position, now: Position) {
        return Math.max(floor + 1, now);
      }
    },
    fails: [
      ...order,
      'goes on above the last position after its clock was set back by an hour',
      'goes on above the last position after its clock was set back by a day',
    ],
  },
  'ignores the floor': {
    log: class extends PlainLog {
      override positionAfter(head: Position, _floor: Position, now: Position) {
        return Math.max(head + 1, now);
      }
    },
    fails: [
      'takes a position above a floor that is an hour ahead, and goes on above it',
      'takes the floor of a first entry',
      'begin after a position at which there is no entry',
    ],
  },
  'counts entries instead of asking a clock': {
    log: class extends PlainLog {
      override positionAfter(head: Position, floor: Position) {
        return Math.max(head, floor) + 1;
      }
    },
    fails: [
      'takes positions from a clock, in microseconds',
      'of all data is not hidden by later entries of a process that does not know them',
    ],
  },
  'names no entry before it': {
    log: class extends PlainLog {
      override toEntry(position: Position, _previous: Position, { text }: NewRevocationEntry) {
        return { position, previous: 0, text };
      }
    },
    fails: order,
  },
  'names the position that its writer knew as the one before': {
    log: class extends PlainLog {
      override toEntry(
        position: Position,
        previous: Position,
        { text, floor }: NewRevocationEntry,
      ) {
        return { position, previous: Math.max(previous, floor), text };
      }
    },
    fails: [
      'of the last entries is not hidden by later entries of a process that knows the lost positions',
    ],
  },
  'keeps the head in another place than the entries': {
    log: class extends PlainLog {
      override async page(feed: PlainFeed, after: Position, limit: number) {
        const { head } = feed;
        await turn();
        return { ...(await super.page(feed, after, limit)), head: Math.max(head, after) };
      }
    },
    fails: [
      'are empty after the last position and after a greater one, and name the head',
      'of the last entries shows in the head',
    ],
  },
  'reads head and entries in two steps': {
    log: class extends PlainLog {
      override async read(issuer: string, after: Position, limit: number) {
        const { entries, more } = await super.read(issuer, after, limit);
        await turn();
        return { ...(await super.read(issuer, after, 0)), entries, more };
      }
    },
    fails: ['show head, kill mark and entries of one moment while others append'],
  },
  'keeps the head when entries are lost': {
    log: class extends PlainLog {
      override setHead(feed: PlainFeed, position: Position) {
        let head = position;
        Object.defineProperty(feed, 'head', {
          get: () => head,
          set: (next: Position) => {
            head = Math.max(head, next);
          },
          enumerable: true,
          configurable: true,
        });
      }
    },
    fails: [
      'of the last entries shows in the head',
      'of the last entries is not hidden by later entries of a process that does not know them',
      ...underCore('forgets no revocation when the log loses its last entries'),
    ],
  },
  'includes the entry at the position': {
    log: class extends PlainLog {
      override isAfter(position: Position, after: Position) {
        return position >= after;
      }
    },
    fails: [
      'have at most the limit, and the oldest entries after the position',
      'are empty after the last position and after a greater one, and name the head',
      'begin after a position at which there is no entry',
    ],
  },
  'never says that there is more': {
    log: class extends PlainLog {
      override hasMore() {
        return false;
      }
    },
    fails: [
      'have at most the limit, and the oldest entries after the position',
      'say that there is more until the last entry, and never after it',
    ],
  },
  'says that there is more for a limit of 0': {
    log: class extends PlainLog {
      override hasMore(count: number, limit: number) {
        return count > limit;
      }
    },
    fails: ['have no entry for a limit of 0, and say all else'],
  },
  'keeps entries as long as the last `keep` says': {
    log: class extends PlainLog {
      override keepAfter(_before: number, given: number) {
        return given;
      }
    },
    fails: ['keeps every entry as long as the greatest `keep` says, also that of another process'],
  },
  'trims too early': {
    log: class extends PlainLog {
      override trim(feed: PlainFeed, oldest: Position) {
        super.trim(feed, oldest + 1_800_000_000);
      }
    },
    fails: [
      'has an entry until `keep` is over, also when others are appended',
      'keeps every entry as long as the greatest `keep` says, also that of another process',
    ],
  },
  'cuts off entries in silence when its clock jumps': {
    log: class extends PlainLog {
      override hasJumped() {
        return false;
      }
    },
    fails: [
      'shows what was cut off when its clock jumps ahead by less than `keep`',
      'shows what was cut off when its clock jumps ahead: entries may be young in truth',
    ],
  },
  'sees no jump of its clock that is smaller than `keep`': {
    log: class extends PlainLog {
      override hasJumped({ head, keep }: PlainFeed, now: Position) {
        return now - head > keep * 1_000;
      }
    },
    fails: ['shows what was cut off when its clock jumps ahead by less than `keep`'],
  },
  'says that the log begins at the oldest entry that is left': {
    log: class extends PlainLog {
      override async page(feed: PlainFeed, after: Position, limit: number) {
        const from = feed.entries[0]?.position ?? 0;
        return { ...(await super.page(feed, after, limit)), from };
      }
    },
    fails: ['keeps the kill mark and the beginning when the first entries are gone'],
  },
  'says that the log begins at 0': {
    log: class extends PlainLog {
      override async page(feed: PlainFeed, after: Position, limit: number) {
        return { ...(await super.page(feed, after, limit)), from: 0 };
      }
    },
    fails: [
      'is where the log begins, and names none before it',
      'of all data is not hidden by later entries of a process that knows the lost positions',
      'of all data is not hidden by later entries of a process that does not know them',
    ],
  },
  'sets the kill mark to what an append gives': {
    log: class extends PlainLog {
      override raise(
        feed: PlainFeed,
        position: Position,
        everything: NewRevocationEntry['everything'],
      ) {
        if (everything !== undefined) {
          feed.everything = everything === 'here' ? position : everything;
        }
      }
    },
    fails: [
      'raises the kill mark to an entry or to a given position, and never lowers it',
      'never lowers the kill mark for an entry below it',
    ],
  },
  'puts all issuers into one log': {
    log: class extends PlainLog {
      override keyOf() {
        return 'log';
      }
    },
    fails: ['of one issuer changes nothing for another one that appends at the same time'],
  },
  'keeps the issuers in an object': {
    log: class extends PlainLog {
      override keyOf(issuer: string) {
        return issuer === '__proto__' ? `${issuer}${Math.random()}` : issuer;
      }
    },
    fails: ['keeps the log of an issuer with a name that objects inherit'],
  },
  'cuts the name of an issuer and its odd characters': {
    log: class extends PlainLog {
      override keyOf(issuer: string) {
        const isOdd = issuer.length > 2_000 || /[☃|]/u.test(issuer);
        return isOdd ? `${issuer}${Math.random()}` : issuer;
      }
    },
    fails: [
      'keeps the log of an issuer with separators and braces',
      'keeps the log of an issuer with any alphabet',
      'keeps the log of an issuer with 2 048 characters',
    ],
  },
  'drops an empty entry': {
    log: class extends PlainLog {
      override async page(feed: PlainFeed, after: Position, limit: number) {
        const page = await super.page(feed, after, limit);
        return { ...page, entries: page.entries.filter(({ text }) => text !== '') };
      }
    },
    fails: ['keeps an empty text exactly'],
  },
  'interprets the text of an entry': {
    log: class extends PlainLog {
      override toEntry(position: Position, previous: Position, { text }: NewRevocationEntry) {
        const words = text.trim().split(/\s+/u);
        const plain = words.join(' ').replaceAll(/[^ \w]|^0+/gu, '');
        return { position, previous, text: plain.slice(0, 1_000) };
      }
    },
    fails: texts,
  },
  'drops an entry that it has already': {
    log: class extends PlainLog {
      override async append(entry: NewRevocationEntry) {
        const feed = this.feedOf(entry.issuer);
        if (feed?.entries.some(({ text }) => text === entry.text)) return feed.head + 1;
        return super.append(entry);
      }
    },
    fails: ['has an entry that is appended twice once or twice, and answers its position'],
  },
  'answers for a log that does not exist': {
    log: class extends PlainLog {
      override begin() {
        return { ...super.begin(), everything: 1, head: 0 };
      }
    },
    fails: ['comes after a page with head 0 and without entries', 'of all data shows as a new log'],
  },
  'takes entries after it was demoted': {
    log: class extends PlainLog {
      override async append(entry: NewRevocationEntry) {
        this.data.isDemoted = false;
        return super.append(entry);
      }
    },
    fails: ['is not risked: a backend that was demoted takes no entry'],
  },
  'waits for an answer without end': {
    log: class extends PlainLog {
      override whenSilent() {
        return new Promise<never>(() => {});
      }
    },
    fails: ['rejects in time when nothing answers it, whatever is asked'],
  },
  'acknowledges an append that nothing has answered': {
    log: class extends PlainLog {
      override async append(entry: NewRevocationEntry) {
        return this.data.isSilent ? entry.floor + 1 : super.append(entry);
      }
    },
    fails: ['has an entry whose append was not answered, once it is appended again'],
  },
  'shows the head, and nothing else': {
    log: class extends PlainLog {
      override async page(feed: PlainFeed, after: Position, limit: number) {
        return { ...(await super.page(feed, after, limit)), everything: 0, entries: [] };
      }
    },
    fails: [
      ...underCore('refuses the tokens of a session that has ended, in every process'),
      ...underCore('asks for one refresh after a change of claims, and then lets the session in'),
      ...underCore('refuses all tokens from before a kill, and none of a login after it'),
      ...underCore('forgets no revocation when the log loses its last entries'),
      ...underCore('forgets no revocation when all data is lost, and signs no user out'),
    ],
  },
  'answers although its server does not': {
    log: class extends PlainLog {
      override step<T>(action: () => Promise<T>) {
        return this.data.inTurn(action);
      }
    },
    fails: [
      'rejects in time when nothing answers it, whatever is asked',
      'answers 503 under `refuse` when it does not answer, and goes on afterwards',
    ],
  },
  'changes the numbers in a text': {
    log: class extends PlainLog {
      override toEntry(position: Position, previous: Position, { text }: NewRevocationEntry) {
        const changed = text.replaceAll(/\d{16}/g, (digits) =>
          String(Math.min(Number(digits), position)),
        );
        return { position, previous, text: changed };
      }
    },
    fails: ['lets a position above 2^52 change nothing'],
  },
};

function makeLog(Log: LogClass): RevocationLogUnderTest {
  const clock = createTestClock();
  const data = new PlainLogData();
  return {
    log: new Log(data, clock.now),
    another: () => new Log(data, clock.now),
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
    lose: (issuer, count) => data.lose(issuer, count),
    flush: () => data.feeds.clear(),
    demote: () => {
      data.isDemoted = true;
      return () => {
        data.isDemoted = false;
      };
    },
    hang: () => {
      data.isSilent = true;
      return () => {
        data.isSilent = false;
      };
    },
  };
}

describe('the suite for revocation logs', () => {
  testWithFaults<Naive>({
    kind: 'log',
    leastCases: 40,
    plain: { log: PlainLog },
    faults,
    define: ({ log }, runner) => describeRevocationLog('a naive log', () => makeLog(log), runner),
  });

  it('asks a log nothing more after a case has failed', async () => {
    let reads = 0;
    class FullLog extends PlainLog {
      override async append(): Promise<never> {
        await turn();
        throw new Error('no space left');
      }
      override read(...request: Parameters<PlainLog['read']>) {
        reads += 1;
        return super.read(...request);
      }
    }
    const cases = collectCases((runner) =>
      describeRevocationLog('a full log', () => makeLog(FullLog), runner),
    );
    // The others follow the log until they are closed.
    const plain = cases.filter(({ name }) => !/: (accept|refuse)$/.test(name));
    const results = await Promise.allSettled(plain.map(({ run }) => run()));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(5);
    const before = reads;
    for (let round = 0; round < 50; round += 1) await turn();
    expect(reads).toBe(before);
  });
});

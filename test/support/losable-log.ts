// A revocation log in memory that can lose entries, be flushed, fail, and hold back what it was asked.

import {
  MemoryRevocationLog,
  type NewRevocationEntry,
  type RevocationLog,
  type RevocationPage,
} from '@tokenpair/core/store';

type Appended = NewRevocationEntry & { readonly position: number };

export interface LosableLog extends RevocationLog {
  /** Loses the last entries, as a failover does. */
  lose(count: number): Promise<void>;
  /** Moves the clock of the log. */
  skew(milliseconds: number): void;
  /** Loses everything. */
  flush(): void;
  /** The methods reject from now on, or work again. */
  break(which: 'append' | 'read' | 'both' | 'none'): void;
  /** Changes every page. */
  alter(change: PageChange): void;
  /** The texts that the log has. */
  texts(): readonly string[];
  /** Calls of each method. */
  readonly calls: { append: number; read: number };
}

type PageChange = (page: RevocationPage) => unknown;

const unchanged: PageChange = (page) => page;

/** @param now - milliseconds since the epoch. */
export function createLosableLog(now: () => number): LosableLog {
  let isReplaying = false;
  let offset = 0;
  const make = () => new MemoryRevocationLog(() => (isReplaying ? 1 : now() + offset));
  let log = make();
  let appended: Appended[] = [];
  let broken = 'none';
  let change = unchanged;
  const calls = { append: 0, read: 0 };
  const failIf = (which: string) => {
    if (broken === which || broken === 'both') throw new Error(`${which} failed`);
  };
  return {
    calls,
    async append(entry) {
      calls.append += 1;
      failIf('append');
      const asked = log;
      const position = await asked.append(entry);
      // Lost before the answer came.
      if (asked === log) appended.push({ ...entry, position });
      return position;
    },
    async read(issuer, after, limit) {
      calls.read += 1;
      failIf('read');
      return change(await log.read(issuer, after, limit)) as RevocationPage;
    },
    async lose(count) {
      appended = appended.slice(0, -count);
      log = make();
      isReplaying = true;
      // Without a wait in between, so that no other entry gets among them.
      const replayed = appended.map((entry) => {
        const { position } = entry;
        const everything = entry.everything === 'here' ? position : entry.everything;
        return log.append({ ...entry, floor: position - 1, everything });
      });
      isReplaying = false;
      await Promise.all(replayed);
    },
    skew(milliseconds) {
      offset = milliseconds;
    },
    flush() {
      appended = [];
      log = make();
    },
    break(which) {
      broken = which;
    },
    alter(next) {
      change = next;
    },
    texts: () => appended.map(({ text }) => text).filter((text) => text !== ''),
  };
}

// A revocation log in the memory of one process.

import { readClock, systemClock, type Clock } from '../hooks/clock.js';
import type { Millis } from '../lib/duration.js';
import type {
  NewRevocationEntry,
  Position,
  RevocationEntry,
  RevocationLog,
  RevocationPage,
} from './revocation-log.js';

interface IssuerLog {
  head: Position;
  from: Position;
  everything: Position;
  keep: Millis;
  /** How far the clock was ahead of a clock that is never set, at the last append. */
  ahead: Millis;
  /** In the order of their positions. */
  entries: RevocationEntry[];
}

/** Issuers ask for so much more than their tokens live: what is cut off after a smaller jump of the clock has expired. */
const longestJump: Millis = 600_000;

/** Keeps the log in the memory of this process. */
export class MemoryRevocationLog implements RevocationLog {
  readonly #clock: Clock;
  readonly #logs = new Map<string, IssuerLog>();

  /** @param clock - milliseconds since the epoch, for positions and for `keep`. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  // The methods are async so that an error becomes a rejection. None of them awaits, so each is one atomic step.

  async append({ issuer, text, floor, keep, everything }: NewRevocationEntry): Promise<Position> {
    const log = this.#logs.get(issuer) ?? newLog();
    const time = readClock(this.#clock);
    const now = Math.floor(time * 1_000);
    const position = Math.max(now, log.head + 1, floor + 1);
    log.keep = Math.max(log.keep, keep);
    const ahead = time - performance.now();
    const jump = Math.min((now - log.head) / 1_000, ahead - log.ahead);
    // A new log, or the clock jumped ahead: then young entries are cut off. A log that was quiet, as this one may be, has lost none.
    if (log.head === 0 || jump > Math.min(log.keep, longestJump)) log.from = position;
    log.ahead = ahead;
    dropBefore(log, now - log.keep * 1_000);
    log.entries.push({ position, previous: log.head, text });
    log.head = position;
    if (everything !== undefined) {
      log.everything = Math.max(log.everything, everything === 'here' ? position : everything);
    }
    this.#logs.set(issuer, log);
    return position;
  }

  async read(issuer: string, after: Position, limit: number): Promise<RevocationPage> {
    const { head, from, everything, keep, entries } = this.#logs.get(issuer) ?? newLog();
    const first = limit === 0 ? entries.length : indexAfter(entries, after);
    const page = entries.slice(first, first + limit);
    return { head, from, everything, keep, more: first + limit < entries.length, entries: page };
  }
}

function newLog(): IssuerLog {
  return { head: 0, from: 0, everything: 0, keep: 0, ahead: 0, entries: [] };
}

// In large steps: to remove the first element of an array moves all others.
function dropBefore({ entries }: IssuerLog, oldest: Position): void {
  const expired = indexAfter(entries, oldest - 1);
  if (expired * 8 > entries.length) entries.splice(0, expired);
}

/** Index of the first entry after a position. */
function indexAfter(entries: readonly RevocationEntry[], after: Position): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.position ?? 0) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

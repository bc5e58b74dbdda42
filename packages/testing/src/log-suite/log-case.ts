// A case of the suite for revocation logs, and what it gets to work with.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  NewRevocationEntry,
  Position,
  RevocationEntry,
  RevocationLog,
} from '@tokenpair/core/store';

import type { Case, Section, SuiteTime } from '../define-suite.js';
import type { LogHook, RevocationLogUnderTest } from './log-under-test.js';

export type LogCase = Case<LogWorld, LogHook>;

export type LogSection = Section<LogWorld, LogHook>;

export interface LogWorld {
  readonly log: RevocationLog;
  /** A second log over the same data. */
  readonly other: RevocationLog;
  readonly under: RevocationLogUnderTest;
  readonly time: SuiteTime;
  /** Whose log it is, unless a case says otherwise. */
  readonly issuer: string;
  /** An entry of that issuer, with a text that no other has. */
  readonly entry: (changes?: Partial<NewRevocationEntry>) => NewRevocationEntry;
  /** Appends one after the other, and answers their positions. */
  readonly appendAll: (
    count: number,
    changes?: Partial<NewRevocationEntry>,
  ) => Promise<readonly Position[]>;
  /** Every entry of the issuer from a position to the end, through pages of 7. */
  readonly readAll: (log?: RevocationLog, after?: Position) => Promise<readonly RevocationEntry[]>;
}

/** Runs a case with two logs over the same data. */
export async function runInLogWorld(
  under: RevocationLogUnderTest,
  time: SuiteTime,
  run: (world: LogWorld) => Promise<void>,
): Promise<void> {
  const { log } = under;
  const other = (await under.another?.()) ?? log;
  try {
    await run(toLogWorld(under, other, time));
  } finally {
    await log.close?.();
    if (other !== log) await other.close?.();
  }
}

let texts = 0;

function toLogWorld(
  under: RevocationLogUnderTest,
  other: RevocationLog,
  time: SuiteTime,
): LogWorld {
  const { log } = under;
  const issuer = `https://${randomBytes(6).toString('hex')}.test`;
  const entry = (changes: Partial<NewRevocationEntry> = {}) => ({
    issuer,
    text: `? ${(texts += 1)}`,
    floor: 0,
    keep: time.hour,
    ...changes,
  });
  return {
    log,
    other,
    under,
    time,
    issuer,
    entry,
    async appendAll(count, changes) {
      const positions: Position[] = [];
      while (positions.length < count) positions.push(await log.append(entry(changes)));
      return positions;
    },
    readAll: (from = log, after = 0) => readOn(from, issuer, after),
  };
}

/** Every entry after a position. Asserts that each page ends the log or says that there is more. */
export async function readOn(
  log: RevocationLog,
  issuer: string,
  after: Position,
): Promise<readonly RevocationEntry[]> {
  const found: RevocationEntry[] = [];
  for (let cursor = after; ; cursor = found.at(-1)?.position ?? cursor) {
    const { head, more, entries } = await log.read(issuer, cursor, 7);
    ok(entries.length <= 7, 'read() answered more entries than the limit');
    found.push(...entries);
    if (more) ok(entries.length > 0, 'read() answered no entry, and that there is more');
    else {
      if (entries.length > 0) equal(entries.at(-1)?.position, head);
      return found;
    }
  }
}

/** Asserts that the entries are in the order of their positions, and that each names the one before it. */
export function isChained(entries: readonly RevocationEntry[], before: Position): void {
  let last = before;
  for (const { position, previous } of entries) {
    equal(previous, last, 'previous is not the position of the entry before it');
    ok(position > last, 'positions do not rise');
    ok(Number.isSafeInteger(position) && position <= 2 ** 52, 'a position is a whole number');
    last = position;
  }
}

export const textsOf = (entries: readonly RevocationEntry[]): readonly string[] =>
  entries.map(({ text }) => text);

export const positionsOf = (entries: readonly RevocationEntry[]): readonly Position[] =>
  entries.map(({ position }) => position);

/** Asserts that there is no log of this issuer. */
export async function isAbsent(log: RevocationLog, issuer: string): Promise<void> {
  for (const limit of [0, 10]) {
    const { head, everything, more, entries } = await log.read(issuer, 0, limit);
    deepEqual(
      { head, everything, more, entries },
      { head: 0, everything: 0, more: false, entries: [] },
    );
  }
}

/** A log whose network is slow: every request and every answer is delayed by another time, so that they overtake each other. */
export function withDelays(log: RevocationLog): RevocationLog {
  return {
    append: (entry) => delayed(() => log.append(entry)),
    read: (...request) => delayed(() => log.read(...request)),
  };
}

async function delayed<T>(request: () => Promise<T>): Promise<T> {
  await sleep(Math.random() * 5);
  const answer = await request();
  await sleep(Math.random() * 5);
  return answer;
}

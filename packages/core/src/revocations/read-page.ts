// Reads a page of a log and checks its form: a garbled page counts as an error and changes nothing.

import { abortWhenLate } from '../lib/deadline.js';
import { isObject } from '../lib/options.js';
import { isPosition, readLines, type Line } from './lines.js';
import type { Position, RevocationEntry, RevocationLog, RevocationPage } from './revocation-log.js';

export interface ReadEntry extends Omit<RevocationEntry, 'text'> {
  readonly lines: readonly Line[];
}

export interface ReadPage extends Omit<RevocationPage, 'entries'> {
  readonly entries: readonly ReadEntry[];
}

export const entriesPerPage = 200;

/** A log answers within 3 seconds, or it is down. */
export const logDeadline = 3_000;

/** @throws an error of the log, or a TypeError: the page is garbled or of another issuer. */
export async function readPage(
  log: Pick<RevocationLog, 'read'>,
  issuer: string,
  after: Position,
  limit: number,
  deadline: number = logDeadline,
): Promise<ReadPage> {
  const page = await readRawPage(log, issuer, after, limit, deadline);
  const entries = page.entries.map(({ position, previous, text }) => ({
    position,
    previous,
    lines: readLines(text),
  }));
  const marks = entries.flatMap(({ lines }) => lines.flatMap((line) => markOf(line) ?? []));
  if (!marks.every(isPosition)) throw new TypeError('the revocation log has a garbled kill mark');
  return { ...page, entries };
}

/** The same, with the text of the entries. */
export async function readRawPage(
  log: Pick<RevocationLog, 'read'>,
  issuer: string,
  after: Position,
  limit: number,
  deadline: number = logDeadline,
): Promise<RevocationPage> {
  const page: unknown = await abortWhenLate(
    (signal) => log.read(issuer, after, limit, { signal }),
    deadline,
  );
  if (!isPage(page) || !isAfter(page, after)) {
    throw new TypeError('the page of the revocation log is garbled');
  }
  if (page.issuer !== undefined && page.issuer !== issuer) {
    // The other server has chosen the name.
    const name = JSON.stringify(page.issuer.slice(0, 200));
    throw new TypeError(`the revocation log is that of ${name}, not of '${issuer}'`);
  }
  return page;
}

// Otherwise a follower that reads on could be kept busy for ever.
function isAfter({ head, from, more, entries }: RevocationPage, after: Position): boolean {
  return (
    (head === 0 || from <= head) &&
    entries.every(({ position }) => position > after) &&
    (!more || entries.length > 0)
  );
}

function markOf(line: Line): Position | undefined {
  return line.kind === 'kill' ? line.mark : undefined;
}

function isPage(page: unknown): page is RevocationPage {
  if (!isObject(page)) return false;
  const { issuer = '', head, from, everything, keep, age = 0, entries } = page;
  return (
    [head, from, everything].every(isPosition) &&
    [keep, age].every((time) => Number.isFinite(time) && Number(time) >= 0) &&
    typeof issuer === 'string' &&
    Array.isArray(entries) &&
    entries.every(isEntry)
  );
}

function isEntry(entry: unknown): boolean {
  return (
    isObject(entry) &&
    isPosition(entry['position']) &&
    isPosition(entry['previous']) &&
    typeof entry['text'] === 'string'
  );
}

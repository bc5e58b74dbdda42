// The revocation log on Postgres. Every step is one statement and one round trip.

import { RevocationsUnavailableError } from '@tokenpair/core';
import {
  withDeadline,
  type NewRevocationEntry,
  type Position,
  type RevocationEntry,
  type RevocationLog,
  type RevocationPage,
} from '@tokenpair/core/store';

import { sendStatement, type Answer } from './client.js';
import type { PostgresSettings } from './postgres-options.js';
import { sendUntilDone } from './repeat.js';
import { toRevocationStatements, type RevocationStatements } from './revocation-sql.js';
import { escapeText, hashOf, unescapeText } from './text.js';

/**
 * Keeps the entries of each issuer in a table. Both methods reject with {@link RevocationsUnavailableError} (503) when Postgres
 * fails, is slower than the deadline, is a standby, or holds something else than a log.
 */
export class PostgresRevocationLog implements RevocationLog {
  readonly #settings: PostgresSettings;
  readonly #statements: RevocationStatements;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
    this.#statements = toRevocationStatements(settings.tables);
  }

  async append(entry: NewRevocationEntry): Promise<Position> {
    const { issuer, text, floor, keep, everything = '' } = entry;
    const numbers = [floor, Math.ceil(keep), everything].map(String);
    const values = [hashOf(issuer), escapeText(issuer), escapeText(text), ...numbers];
    return this.#ask(this.#statements.append, values, ({ position }) => toNumber(position));
  }

  async read(issuer: string, after: Position, limit: number): Promise<RevocationPage> {
    const values = [hashOf(issuer), String(after), String(limit)];
    return this.#ask(this.#statements.read, values, (answer) => toPage(answer, limit));
  }

  async #ask<T>(text: string, values: string[], read: (answer: Answer) => T): Promise<T> {
    const { client, tables, deadline } = this.#settings;
    const end = performance.now() + deadline;
    const send = () => sendStatement(client, text, values, tables, 'revocations');
    try {
      return read(await withDeadline(sendUntilDone(send, { end }), deadline));
    } catch (cause) {
      throw new RevocationsUnavailableError({ cause });
    }
  }
}

function toPage(
  { head, begins, everything, keep, entries: list }: Answer,
  limit: number,
): RevocationPage {
  const found: readonly EntryColumns[] = JSON.parse(list ?? '[]');
  const entries = found.map(toEntry);
  const page = {
    head: toNumber(head),
    from: toNumber(begins),
    everything: toNumber(everything),
    keep: toNumber(keep),
    entries,
  };
  return { ...page, more: limit > 0 && entries.length === limit && isBefore(entries, page.head) };
}

/** Position, previous position and lines. */
type EntryColumns = readonly [unknown, unknown, unknown];

function toEntry([position, previous, lines]: EntryColumns): RevocationEntry {
  return {
    position: toNumber(String(position)),
    previous: toNumber(String(previous)),
    text: unescapeText(String(lines)),
  };
}

const isBefore = (entries: readonly RevocationEntry[], head: Position): boolean =>
  (entries.at(-1)?.position ?? head) < head;

/** @param text - null in the row of an issuer without a log. */
function toNumber(text: string | null | undefined): number {
  if (text === null) return 0;
  if (text === undefined || !/^\d+$/.test(text)) {
    throw new Error('the tables of the revocation log hold something else');
  }
  return Number(text);
}

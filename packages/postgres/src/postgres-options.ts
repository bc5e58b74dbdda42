// The options that every part of this package takes.

import { toSeconds, type Duration } from '@tokenpair/core/store';

import { requireClient, type PostgresClient } from './client.js';
import { readTables, type PostgresSchemaOptions } from './schema.js';
import type { Tables } from './tables.js';

interface GivenOptions extends PostgresSchemaOptions {
  readonly client: PostgresClient;
  readonly deadline?: Duration | undefined;
}

export interface PostgresSettings {
  readonly client: PostgresClient;
  readonly tables: Tables;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * @param maxDeadline - seconds.
 * @throws TypeError naming the option that is wrong.
 */
export function readPostgresOptions(
  { client, table, schema, deadline = 1 }: GivenOptions,
  maxDeadline: number,
): PostgresSettings {
  requireClient(client);
  const maxNumber = Math.min(60, maxDeadline);
  const bounds = { min: 0.01, max: maxDeadline, maxNumber, fractions: true };
  const tables = readTables(table, schema);
  return { client, tables, deadline: toSeconds('deadline', deadline, bounds) * 1_000 };
}

/**
 * Requires that options have the member `client`. The value is not in the message: the address of a server may hold its password.
 *
 * @throws TypeError a client, or something else, was passed in place of options.
 */
export function requireClientMember(caller: string, options: unknown): void {
  // The client of postgres.js is a function.
  const isClient = ['query', 'unsafe'].some((name) => typeof Object(options)[name] === 'function');
  if (!isClient && 'client' in Object(options)) return;
  const got = isClient ? '; got a client' : ' with a client';
  throw new TypeError(
    `${caller} takes options${got}. Pass it as a member: new ${caller}({ client }).`,
  );
}

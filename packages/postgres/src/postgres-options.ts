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
  const bounds = { min: 0.01, max: maxDeadline, fractions: true };
  const tables = readTables(table, schema);
  return { client, tables, deadline: toSeconds('deadline', deadline, bounds) * 1_000 };
}

/** @throws TypeError a client was passed in place of options. */
export function requireNoClient(caller: string, options: unknown): void {
  if (typeof Object(options).query !== 'function') return;
  throw new TypeError(
    `${caller} takes options; got a client. Pass it as a member: new ${caller}({ client }).`,
  );
}

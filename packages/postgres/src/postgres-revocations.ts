// Revocations that all processes hear of, through Postgres.

import {
  checkOptions,
  followOptionNames,
  LogRevocations,
  type Duration,
  type FollowOptions,
} from '@tokenpair/core/store';

import type { PostgresClient } from './client.js';
import { readPostgresOptions, requireClientMember } from './postgres-options.js';
import { PostgresRevocationLog } from './postgres-revocation-log.js';
import type { PostgresSchemaOptions } from './schema.js';

/** Options of {@link PostgresRevocations}. */
export interface PostgresRevocationsOptions extends FollowOptions, PostgresSchemaOptions {
  /** A `Pool` of pg 8, or another object with `query(text, values)`. Always on the primary. Close it yourself. */
  readonly client: PostgresClient;
  /** Maximum time for each step: 0.01 to 3 seconds, fractions of a second too. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
  /**
   * Pause between two reads of the log: 0.02 to 5 seconds, fractions of a second too. @defaultValue `0.25` (seconds)
   */
  readonly pollInterval?: Duration | undefined;
}

/**
 * Keeps the revocation log of an issuer in Postgres 13 or newer: a logout in one process holds in all of them about
 * `pollInterval` later. Works behind PgBouncer in transaction mode and in every isolation level.
 *
 * Give one object to `createTokenIssuer`, which announces, and one in each other process to `createTokenVerifier`, which reads. The
 * tables are created by {@link postgresSchema}. A process that only verifies needs no right but `SELECT` on the two tables with
 * `_log` and `_revocation` behind the name.
 *
 * Every step is one statement. Always on the primary: a standby counts as no contact. With asynchronous replication a failover may
 * lose entries; the issuers that had read them append them again.
 *
 * @throws TypeError naming the option that is wrong.
 * @example
 * ```ts
 * const revocations = new PostgresRevocations({ client: pool });
 * const tokens = createTokenIssuer({ issuer, audience, keys, refreshKeys, store, revocations });
 * await revocations.ready({ within: 10 });
 * ```
 */
export class PostgresRevocations extends LogRevocations {
  constructor(options: PostgresRevocationsOptions) {
    requireClientMember('PostgresRevocations', options);
    const { client, table, schema, deadline, ...follow } = checkOptions(
      'PostgresRevocations',
      options,
      ['client', 'table', 'schema', 'deadline', ...followOptionNames],
    );
    const settings = readPostgresOptions({ client, table, schema, deadline }, 3);
    super(new PostgresRevocationLog(settings), follow, { pollInterval: 0.25 });
  }
}

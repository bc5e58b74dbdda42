// Every text that is sent to Postgres: the tables, and one statement for each step of the store.
//
// Every value is sent as text and gets its type in the statement, and every column of an answer is text under a name of one
// word: so no setting of a client and no transform of a query builder changes what arrives. Instants are whole milliseconds.

import type { Change, Expected } from '@tokenpair/core/store';

import { toRevocationSchema } from './revocation-sql.js';
import type { Tables } from './tables.js';

/** The steps of the store. All but `swap`, which depends on what is expected and changed. */
export interface Statements {
  readonly create: string;
  readonly get: string;
  readonly swap: (sessionId: string, expect: Expected, next: Change) => Statement;
  readonly confirm: string;
  readonly revoke: string;
  readonly revokeOwner: string;
  readonly list: string;
  readonly raise: string;
  readonly removeEnded: string;
  readonly removeOwners: string;
}

export interface Statement {
  readonly text: string;
  readonly values: string[];
}

/**
 * The statements that create the tables. Each may run again, and changes nothing then.
 *
 * A rotation changes no indexed column and finds room in its page, so Postgres touches no index (a HOT update). Every ID begins
 * with the tag of its owner, so the primary key also finds the sessions of an owner.
 */
export function toSchema(tables: Tables): readonly string[] {
  const { session, owner, mark, name } = tables;
  return [
    `CREATE TABLE IF NOT EXISTS ${session} (
  session_id text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  secret_hash text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  rotated_at timestamptz NOT NULL,
  confirmed bigint NOT NULL,
  data text COLLATE "C" NOT NULL,
  idle_lifetime_ms bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  remove_at timestamptz NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS "${name}_remove_at" ON ${session} (remove_at)`,
    `CREATE TABLE IF NOT EXISTS ${owner} (
  owner_tag text COLLATE "C" PRIMARY KEY,
  changed_at timestamptz NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE TABLE IF NOT EXISTS ${mark} (
  name_hash text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  value bigint NOT NULL
)`,
    ...toRevocationSchema(tables),
  ];
}

// Not now(): that is the beginning of the transaction.
const clock = 'clock_timestamp()';
const currentMillisecond = `date_trunc('milliseconds', ${clock})`;
const span = (milliseconds: string) => `${milliseconds} * interval '1 millisecond'`;
const endOf = (s: string) =>
  `LEAST(${s}.rotated_at + ${span(`${s}.idle_lifetime_ms`)}, ${s}.expires_at)`;
const time = (instant: string) => `to_json(${instant})::text AS time`;

/** The sessions of an owner, by the beginning of their IDs. */
const isOf = (tag: string, name: string) =>
  `s.session_id >= ${tag}::text AND s.session_id < ${tag}::text || '~' AND s.owner = ${name}::text`;

// Of two statements at once that change one row or one owner, the second one waits for the first. A statement sees what was
// committed before it began: after its wait it cannot answer, and changes nothing. The store then sends it again.
export function toStatements({ session, owner, mark }: Tables): Statements {
  // The row of the owner is taken only as the statement has seen it. `changed_at` never repeats.
  const gate = (tag: string) => `
t AS MATERIALIZED (SELECT ${currentMillisecond} AS now),
seen AS MATERIALIZED (SELECT o.changed_at FROM ${owner} o WHERE o.owner_tag = ${tag}::text),
gate AS (
  INSERT INTO ${owner} AS o (owner_tag, changed_at) VALUES (${tag}::text, ${clock})
  ON CONFLICT (owner_tag) DO UPDATE SET changed_at = GREATEST(o.changed_at + interval '1 microsecond', EXCLUDED.changed_at)
  WHERE o.changed_at = (SELECT changed_at FROM seen)
  RETURNING true)`;

  return {
    /**
     * $1 ID, $2 owner, $3 its tag, $4 generation, $5 hash, $6 state, $7 data, $8 idle lifetime, $9 absolute lifetime, $10 maximum,
     * $11 'reject' or 'evict-oldest', $12 ID that it replaces.
     */
    create: `
WITH ${gate('$3')},
mine AS MATERIALIZED (
  SELECT s.*, t.now < ${endOf('s')} AS live FROM ${session} s, t
  WHERE ${isOf('$3', '$2')} AND EXISTS (SELECT FROM gate) FOR UPDATE OF s),
same AS (SELECT * FROM mine WHERE live AND session_id = $1 AND generation = $4::bigint AND secret_hash = $5),
others AS (
  SELECT session_id, row_number() OVER (ORDER BY rotated_at DESC, session_id DESC) AS place
  FROM mine WHERE live AND session_id <> $1 AND session_id <> $12),
reached AS (SELECT $11 = 'reject' AND count(*) >= $10::bigint AS yes FROM others),
created AS (
  INSERT INTO ${session} AS s (session_id, owner, generation, secret_hash, state, rotated_at, confirmed, data,
    idle_lifetime_ms, expires_at, created_at, remove_at)
  SELECT $1::text, $2::text, $4::bigint, $5::text, $6::text, now, 0, $7::text, $8::bigint, now + ${span('$9::bigint')}, now,
    now + ${span('LEAST($8::bigint, $9::bigint)')}
  FROM t, gate, reached WHERE NOT yes AND NOT EXISTS (SELECT FROM same)
  ON CONFLICT (session_id) DO UPDATE SET (owner, generation, secret_hash, state, rotated_at, confirmed, data, idle_lifetime_ms,
    expires_at, created_at, remove_at) = (EXCLUDED.owner, EXCLUDED.generation, EXCLUDED.secret_hash, EXCLUDED.state,
    EXCLUDED.rotated_at, 0, EXCLUDED.data, EXCLUDED.idle_lifetime_ms, EXCLUDED.expires_at, EXCLUDED.created_at,
    EXCLUDED.remove_at)
  WHERE EXCLUDED.created_at >= ${endOf('s')}
  RETURNING s.*),
ended AS (
  DELETE FROM ${session} s WHERE EXISTS (SELECT FROM created) AND s.session_id IN (
    SELECT session_id FROM others WHERE place >= $10::bigint
    UNION ALL SELECT session_id FROM mine WHERE live AND session_id = $12 AND session_id <> $1)
  RETURNING s.session_id)
SELECT
  CASE WHEN NOT EXISTS (SELECT FROM gate) THEN 'again' WHEN EXISTS (SELECT FROM created) THEN 'created'
    WHEN EXISTS (SELECT FROM same) THEN 'created' WHEN (SELECT yes FROM reached) THEN 'limit' ELSE 'taken' END AS outcome,
  ${time('t.now')},
  COALESCE((SELECT row_to_json(c)::text FROM created c), (SELECT row_to_json(s)::text FROM same s)) AS session,
  (SELECT json_agg(session_id ORDER BY place DESC)::text FROM others JOIN ended USING (session_id)) AS evicted,
  (SELECT session_id FROM ended WHERE session_id = $12) AS replaced
FROM t`,

    /** $1 ID. A standby would answer from a past that its primary may have left. */
    get: `
SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'read' END AS outcome, ${time(clock)},
  (SELECT row_to_json(s)::text FROM ${session} s WHERE s.session_id = $1) AS session`,

    /**
     * `swapped` is the record after the change. `session` is the record that the statement saw when it began: a look that locks
     * nothing, so that a conflict writes nothing.
     */
    swap: (sessionId, expect, { token, data, idleLifetime, expiresAt }) => {
      const values = [sessionId];
      const value = (given: string | number) => `$${values.push(String(given))}`;
      const conditions = ['s.session_id = $1', `${clock} < ${endOf('s')}`];
      const changes: string[] = [];
      const is = (column: string, given: string | number | undefined) =>
        given !== undefined && conditions.push(`s.${column} = ${value(given)}`);
      const becomes = (column: string, next: string) => changes.push(`${column} = ${next}`);

      is('generation', expect.generation);
      is('secret_hash', expect.secretHash);
      is('confirmed', expect.confirmed);
      is('data', expect.data);
      if (expect.olderThan !== undefined) {
        const age = span(`${value(expect.olderThan)}::bigint`);
        conditions.push(`s.rotated_at NOT BETWEEN ${clock} - ${age} AND ${clock} + ${age}`);
      }
      if (token !== undefined) {
        becomes('generation', value(token.generation));
        becomes('secret_hash', value(token.secretHash));
        becomes('state', value(token.state));
        becomes('rotated_at', currentMillisecond);
      }
      if (data !== undefined) becomes('data', value(data));
      const ends = ['s.remove_at'];
      if (idleLifetime !== undefined) {
        const lifetime = `${value(idleLifetime)}::bigint`;
        becomes('idle_lifetime_ms', lifetime);
        ends.push(`s.rotated_at + ${span(lifetime)}`);
      }
      if (expiresAt !== undefined) {
        const end = `to_timestamp(${value(expiresAt)}::double precision / 1000)`;
        becomes('expires_at', end);
        ends.push(end);
      }
      if (ends.length > 1) becomes('remove_at', `LEAST(${ends.join(', ')})`);
      const text = `
WITH swapped AS (UPDATE ${session} s SET ${changes.join(', ')} WHERE ${conditions.join(' AND ')} RETURNING s.*)
SELECT (SELECT row_to_json(s)::text FROM swapped s) AS swapped,
  (SELECT row_to_json(s)::text FROM ${session} s WHERE s.session_id = $1) AS session, ${time(clock)}`;
      return { text, values };
    },

    /** $1 ID, $2 generation. */
    confirm: `
WITH confirmed AS (
  UPDATE ${session} s SET confirmed = $2::bigint
  WHERE s.session_id = $1::text AND s.confirmed < $2::bigint AND $2::bigint <= s.generation + 1 AND ${clock} < ${endOf('s')}
  RETURNING s.*)
SELECT ${time(clock)}, COALESCE((SELECT row_to_json(s)::text FROM confirmed s),
  (SELECT row_to_json(s)::text FROM ${session} s WHERE s.session_id = $1)) AS session`,

    /** $1 ID. */
    revoke: `
WITH ended AS (DELETE FROM ${session} s WHERE s.session_id = $1::text RETURNING ${clock} < ${endOf('s')} AS was_live)
SELECT CASE WHEN EXISTS (SELECT FROM ended WHERE was_live) THEN 'ended' ELSE 'absent' END AS outcome`,

    /** $1 owner, $2 its tag, $3 ID to keep. */
    revokeOwner: `
WITH ${gate('$2')},
ended AS (
  DELETE FROM ${session} s USING gate WHERE ${isOf('$2', '$1')} AND s.session_id <> $3::text
  RETURNING s.session_id, ${clock} < ${endOf('s')} AS was_live)
SELECT CASE WHEN EXISTS (SELECT FROM gate) THEN 'ended' ELSE 'again' END AS outcome,
  (SELECT json_agg(session_id)::text FROM ended WHERE was_live) AS evicted`,

    /** $1 owner, $2 its tag. */
    list: `
SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'read' END AS outcome, ${time(clock)}, (
  SELECT json_agg(row_to_json(s) ORDER BY s.rotated_at DESC)::text FROM ${session} s
  WHERE ${isOf('$2', '$1')} AND ${clock} < ${endOf('s')}) AS session`,

    /** $1 hash of the name, $2 name, $3 value. 0 writes nothing. */
    raise: `
WITH raised AS (
  INSERT INTO ${mark} AS m (name_hash, name, value) SELECT $1::text, $2::text, $3::bigint WHERE $3::bigint > 0
  ON CONFLICT (name_hash) DO UPDATE SET value = GREATEST(m.value, EXCLUDED.value) RETURNING m.value)
SELECT 'raised' AS outcome, COALESCE((SELECT value FROM raised),
  (SELECT m.value FROM ${mark} m WHERE m.name_hash = $1::text), 0)::text AS value`,

    /**
     * $1 maximum number of rows. A row is due when its session would have ended without a rotation since the last look: it has
     * ended and is removed, or gets the time of the next look.
     */
    removeEnded: `
WITH t AS MATERIALIZED (SELECT ${clock} AS now),
due AS MATERIALIZED (
  SELECT s.session_id, ${endOf('s')} AS ends FROM ${session} s, t WHERE s.remove_at <= t.now
  ORDER BY s.remove_at LIMIT $1::bigint FOR UPDATE OF s SKIP LOCKED),
removed AS (
  DELETE FROM ${session} s USING due, t WHERE s.session_id = due.session_id AND due.ends <= t.now RETURNING true),
postponed AS (
  UPDATE ${session} s SET remove_at = due.ends FROM due, t WHERE s.session_id = due.session_id AND due.ends > t.now)
SELECT 'removed' AS outcome, (SELECT count(*) FROM due)::text AS looked, (SELECT count(*) FROM removed)::text AS removed`,

    /**
     * $1 tag to begin at, $2 number of rows to look at. Removes the row of an owner without sessions and without a login for a
     * day. A row that a login has locked is skipped, and one that a login has just changed stays.
     */
    removeOwners: `
WITH due AS MATERIALIZED (
  SELECT o.owner_tag FROM ${owner} o WHERE o.owner_tag IN (
    SELECT owner_tag FROM ${owner} WHERE owner_tag >= $1::text ORDER BY owner_tag LIMIT $2::bigint)
  AND o.changed_at < ${clock} - interval '1 day'
  AND NOT EXISTS (SELECT FROM ${session} s WHERE s.session_id >= o.owner_tag AND s.session_id < o.owner_tag || '~')
  FOR UPDATE OF o SKIP LOCKED),
removed AS (DELETE FROM ${owner} o USING due WHERE o.owner_tag = due.owner_tag RETURNING true)
SELECT 'removed' AS outcome, (SELECT count(*) FROM removed)::text AS removed`,
  };
}

// Every text that is sent to Postgres: the tables, and one statement for each step of the store.
//
// A statement answers one row with one text, `answer`, in JSON: so no setting of a client and no transform of a query builder
// changes what arrives. Every value is sent as text or NULL and gets its type here. Instants are truncated to milliseconds.

/** Names of the tables, quoted. */
export interface Tables {
  readonly session: string;
  /** One row per owner, whose lock puts the logins of the owner in a row. */
  readonly owner: string;
  /** Of the table of sessions, without quotes and schema. */
  readonly name: string;
}

export interface Statements {
  readonly create: string;
  readonly get: string;
  readonly swap: string;
  readonly confirm: string;
  readonly revoke: string;
  readonly revokeOwner: string;
  readonly list: string;
  readonly removeEnded: string;
  readonly removeOwners: string;
}

export function toTables(table: string, schema: string | undefined): Tables {
  const prefix = schema === undefined ? '' : `"${schema}".`;
  return {
    session: `${prefix}"${table}"`,
    owner: `${prefix}"${table}_owner"`,
    name: table,
  };
}

/**
 * The statements that create the tables. Each may run again, and changes nothing then.
 *
 * A rotation changes no indexed column and finds room in its page, so Postgres touches no index (a HOT update). Every ID begins
 * with the tag of its owner, so the primary key also finds the sessions of an owner.
 */
export function toSchema({ session, owner, name }: Tables): readonly string[] {
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
  idle_lifetime interval NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  remove_at timestamptz NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS "${name}_remove_at" ON ${session} (remove_at)`,
    `CREATE TABLE IF NOT EXISTS ${owner} (
  owner_tag text COLLATE "C" PRIMARY KEY,
  changed_at timestamptz NOT NULL
) WITH (fillfactor = 80)`,
  ];
}

const milliseconds = (instant: string) => `(extract(epoch FROM ${instant}) * 1000)::bigint`;
const clock = `date_trunc('milliseconds', clock_timestamp())`;
const span = (parameter: string) => `${parameter}::bigint * interval '1 millisecond'`;
const instant = (parameter: string) => `'epoch'::timestamptz + ${span(parameter)}`;
const endOf = (s: string) => `LEAST(${s}.rotated_at + ${s}.idle_lifetime, ${s}.expires_at)`;
const isLive = (s: string) => `t.now < ${endOf(s)}`;

/** The members of `SessionSnapshot`. */
const record = (s: string, asOf: string) => `json_build_object(
    'sessionId', ${s}.session_id, 'owner', ${s}.owner,
    'generation', ${s}.generation, 'secretHash', ${s}.secret_hash, 'state', ${s}.state,
    'rotatedAt', ${milliseconds(`${s}.rotated_at`)}, 'confirmed', ${s}.confirmed, 'data', ${s}.data,
    'idleLifetime', ${milliseconds(`${s}.idle_lifetime`)}, 'expiresAt', ${milliseconds(`${s}.expires_at`)},
    'createdAt', ${milliseconds(`${s}.created_at`)}, 'asOf', ${milliseconds(asOf)})`;

// A standby would answer from a past that its primary may have left.
const answer = (members: string) =>
  `json_build_object('standby', pg_is_in_recovery(), ${members})::text AS answer`;

// Not now(): that is the beginning of the transaction.
const time = `t AS MATERIALIZED (SELECT ${clock} AS now)`;

export function toStatements({ session, owner }: Tables): Statements {
  /** The sessions of an owner, by the beginning of their IDs. */
  const isOf = (tag: string, name: string) =>
    `s.session_id >= ${tag}::text AND s.session_id < ${tag}::text || '~' AND s.owner = ${name}`;

  // A statement sees what was committed before it began: after a wait for another login it would not see that login's session.
  // So the row of the owner is taken only as the statement has seen it; otherwise nothing is done, and the store sends the
  // statement again. `changed_at` never repeats.
  const gate = (tag: string) => `
seen AS MATERIALIZED (SELECT o.changed_at FROM ${owner} o WHERE o.owner_tag = ${tag}::text),
gate AS (
  INSERT INTO ${owner} AS o (owner_tag, changed_at) VALUES (${tag}::text, clock_timestamp())
  ON CONFLICT (owner_tag) DO UPDATE SET changed_at = GREATEST(o.changed_at + interval '1 microsecond', EXCLUDED.changed_at)
  WHERE o.changed_at = (SELECT changed_at FROM seen)
  RETURNING true)`;

  const fits = (s: string) => `(($2::bigint IS NULL OR ${s}.generation = $2::bigint)
    AND ($3::text IS NULL OR ${s}.secret_hash = $3::text)
    AND ($4::bigint IS NULL OR ${s}.confirmed = $4::bigint)
    AND ($5::text IS NULL OR ${s}.data = $5::text)
    AND ($6::bigint IS NULL
      OR GREATEST(t.now - ${s}.rotated_at, ${s}.rotated_at - t.now) > ${span('$6')}))`;

  return {
    /**
     * $1 ID, $2 owner, $3 its tag, $4 generation, $5 hash, $6 state, $7 data, $8 idle lifetime, $9 absolute lifetime, $10 maximum,
     * $11 'reject' or 'evict-oldest', $12 ID that it replaces.
     */
    create: `
WITH ${time},${gate('$3')},
mine AS MATERIALIZED (
  SELECT s.*, ${isLive('s')} AS live FROM ${session} s, t
  WHERE ${isOf('$3', '$2::text')} AND EXISTS (SELECT FROM gate) FOR UPDATE OF s),
same AS (SELECT * FROM mine WHERE live AND session_id = $1 AND generation = $4::bigint AND secret_hash = $5),
others AS (
  SELECT session_id, row_number() OVER (ORDER BY rotated_at DESC, session_id DESC) AS place
  FROM mine WHERE live AND session_id <> $1 AND session_id <> $12),
is_full AS (SELECT $11 = 'reject' AND count(*) >= $10::bigint AS yes FROM others),
created AS (
  INSERT INTO ${session} AS s (session_id, owner, generation, secret_hash, state, rotated_at, confirmed, data, idle_lifetime,
    expires_at, created_at, remove_at)
  SELECT $1::text, $2::text, $4::bigint, $5::text, $6::text, t.now, 0, $7::text, ${span('$8')}, t.now + ${span('$9')}, t.now,
    t.now + LEAST(${span('$8')}, ${span('$9')})
  FROM t, gate, is_full WHERE NOT yes AND NOT EXISTS (SELECT FROM same)
  ON CONFLICT (session_id) DO UPDATE SET (owner, generation, secret_hash, state, rotated_at, confirmed, data, idle_lifetime,
    expires_at, created_at, remove_at) = (EXCLUDED.owner, EXCLUDED.generation, EXCLUDED.secret_hash, EXCLUDED.state,
    EXCLUDED.rotated_at, 0, EXCLUDED.data, EXCLUDED.idle_lifetime, EXCLUDED.expires_at, EXCLUDED.created_at, EXCLUDED.remove_at)
  WHERE EXCLUDED.created_at >= ${endOf('s')}
  RETURNING s.*),
ended AS (
  DELETE FROM ${session} s WHERE EXISTS (SELECT FROM created) AND s.session_id IN (
    SELECT session_id FROM others WHERE place >= $10::bigint
    UNION ALL SELECT session_id FROM mine WHERE live AND session_id = $12 AND session_id <> $1)
  RETURNING s.session_id)
SELECT ${answer(`
  'outcome', CASE WHEN NOT EXISTS (SELECT FROM gate) THEN 'again' WHEN EXISTS (SELECT FROM created) THEN 'created'
    WHEN EXISTS (SELECT FROM same) THEN 'created' WHEN (SELECT yes FROM is_full) THEN 'limit' ELSE 'taken' END,
  'session', COALESCE((SELECT ${record('c', 't.now')} FROM created c, t), (SELECT ${record('c', 't.now')} FROM same c, t)),
  'evicted', (SELECT json_agg(o.session_id ORDER BY o.place DESC) FROM others o JOIN ended USING (session_id)),
  'replaced', EXISTS (SELECT FROM ended WHERE session_id = $12)`)}`,

    /** $1 ID. */
    get: `
WITH ${time}
SELECT ${answer(`'session', (
  SELECT ${record('s', 't.now')} FROM ${session} s, t WHERE s.session_id = $1::text AND ${isLive('s')})`)}`,

    /**
     * $1 ID; expected: $2 generation, $3 hash, $4 confirmed, $5 data, $6 age to exceed; next: $7 generation, $8 hash, $9 state,
     * $10 data, $11 idle lifetime, $12 end. NULL: not given.
     *
     * `seen` is the record as it was when the statement began. When it does not fit, nothing is written and no row is locked.
     * When it fits but another statement has written first, `beaten` reads what that one has left: a lock waits for it, and reads
     * the newest version of the row instead of the one in the snapshot.
     */
    swap: `
WITH ${time},
seen AS MATERIALIZED (
  SELECT s.*, ${fits('s')} AS fits FROM ${session} s, t WHERE s.session_id = $1::text AND ${isLive('s')}),
swapped AS (
  UPDATE ${session} s SET
    generation = COALESCE($7::bigint, s.generation), secret_hash = COALESCE($8::text, s.secret_hash),
    state = COALESCE($9::text, s.state), rotated_at = CASE WHEN $7::bigint IS NULL THEN s.rotated_at ELSE t.now END,
    data = COALESCE($10::text, s.data), idle_lifetime = COALESCE(${span('$11')}, s.idle_lifetime),
    expires_at = COALESCE(${instant('$12')}, s.expires_at),
    remove_at = LEAST(s.remove_at, s.rotated_at + ${span('$11')}, ${instant('$12')})
  FROM t WHERE s.session_id = $1::text AND ${isLive('s')} AND ${fits('s')}
  RETURNING s.*),
beaten AS MATERIALIZED (
  SELECT s.* FROM ${session} s, t
  WHERE s.session_id = $1::text AND (SELECT fits FROM seen) AND NOT EXISTS (SELECT FROM swapped) AND ${isLive('s')}
  FOR NO KEY UPDATE OF s)
SELECT ${answer(`'outcome', COALESCE(r.outcome, 'absent'), 'session', r.session`)}
FROM t LEFT JOIN LATERAL (
  SELECT 'swapped' AS outcome, ${record('s', 't.now')} AS session FROM swapped s
  UNION ALL SELECT 'conflict', ${record('s', 'clock_timestamp()')} FROM beaten s
  UNION ALL SELECT 'conflict', ${record('s', 't.now')} FROM seen s WHERE NOT s.fits) r ON true`,

    /** $1 ID, $2 generation. */
    confirm: `
WITH ${time},
confirmed AS (
  UPDATE ${session} s SET confirmed = $2::bigint FROM t
  WHERE s.session_id = $1::text AND s.confirmed < $2::bigint AND $2::bigint <= s.generation + 1 AND ${isLive('s')}
  RETURNING s.*)
SELECT ${answer(`'session', COALESCE((SELECT ${record('s', 't.now')} FROM confirmed s, t), (
  SELECT ${record('s', 't.now')} FROM ${session} s, t WHERE s.session_id = $1::text AND ${isLive('s')}))`)}`,

    /** $1 ID. */
    revoke: `
WITH ${time},
ended AS (DELETE FROM ${session} s USING t WHERE s.session_id = $1::text RETURNING ${isLive('s')} AS was_live)
SELECT ${answer(`'ended', EXISTS (SELECT FROM ended WHERE was_live)`)}`,

    /** $1 owner, $2 its tag, $3 ID to keep. */
    revokeOwner: `
WITH ${time},${gate('$2')},
ended AS (
  DELETE FROM ${session} s USING t, gate WHERE ${isOf('$2', '$1::text')} AND s.session_id <> $3::text
  RETURNING s.session_id, ${isLive('s')} AS was_live)
SELECT ${answer(`
  'outcome', CASE WHEN EXISTS (SELECT FROM gate) THEN 'done' ELSE 'again' END,
  'ended', (SELECT json_agg(session_id) FROM ended WHERE was_live)`)}`,

    /** $1 owner, $2 its tag. */
    list: `
WITH ${time}
SELECT ${answer(`'sessions', (
  SELECT json_agg(${record('s', 't.now')} ORDER BY s.rotated_at DESC) FROM ${session} s, t
  WHERE ${isOf('$2', '$1::text')} AND ${isLive('s')})`)}`,

    /**
     * $1 maximum number of rows. A row is due when its session would have ended without a rotation since the last look: it has
     * ended and is removed, or gets the time of the next look.
     */
    removeEnded: `
WITH ${time},
due AS MATERIALIZED (
  SELECT s.session_id, ${endOf('s')} AS ends FROM ${session} s, t WHERE s.remove_at <= t.now
  ORDER BY s.remove_at LIMIT $1::bigint FOR UPDATE OF s SKIP LOCKED),
removed AS (DELETE FROM ${session} s USING due, t WHERE s.session_id = due.session_id AND due.ends <= t.now RETURNING true),
postponed AS (
  UPDATE ${session} s SET remove_at = due.ends FROM due, t WHERE s.session_id = due.session_id AND due.ends > t.now
  RETURNING true)
SELECT ${answer(`
  'looked', (SELECT count(*) FROM due), 'removed', (SELECT count(*) FROM removed),
  'postponed', (SELECT count(*) FROM postponed)`)}`,

    /**
     * $1 tag to begin at, $2 number of rows to look at. Removes the row of an owner without sessions and without a login for a
     * day. A login that comes meanwhile changes the row, so that it stays.
     */
    removeOwners: `
WITH ${time},
removed AS (
  DELETE FROM ${owner} o USING t WHERE o.owner_tag IN (
    SELECT owner_tag FROM ${owner} WHERE owner_tag >= $1::text ORDER BY owner_tag LIMIT $2::bigint)
  AND o.changed_at < t.now - interval '1 day'
  AND NOT EXISTS (
    SELECT FROM ${session} s WHERE s.session_id >= o.owner_tag AND s.session_id < o.owner_tag || '~')
  RETURNING true)
SELECT ${answer(`'removed', (SELECT count(*) FROM removed)`)}`,
  };
}

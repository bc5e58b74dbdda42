// The two statements of the revocation log, and its tables. Values and answers are text, as for the session store.
//
// The row of an issuer holds what a page says about the log as a whole. An append changes this row and inserts the entry in one
// statement: the lock of the row makes the order of commits the order of positions. A sequence would not: of two transactions, the
// one with the greater number may commit first, and a reader would pass the smaller one.

import type { Tables } from './tables.js';

export interface RevocationStatements {
  readonly append: string;
  readonly read: string;
}

/** The statements that create the tables. Each may run again, and changes nothing then. */
export function toRevocationSchema({ log, revocation }: Tables): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${log} (
  issuer_hash text COLLATE "C" PRIMARY KEY,
  issuer text COLLATE "C" NOT NULL,
  head bigint NOT NULL,
  previous bigint NOT NULL,
  complete_from bigint NOT NULL,
  everything bigint NOT NULL,
  keep_ms bigint NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${revocation} (
  issuer_hash text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  previous bigint NOT NULL,
  lines text COLLATE "C" NOT NULL,
  PRIMARY KEY (issuer_hash, position)
)`,
  ];
}

/** Entries that one append removes at most. */
const batch = 100;

// Not now(): that is the beginning of the transaction, and an append may wait.
const microseconds = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';

const markAt = (position: string, mark: string) =>
  `GREATEST(${mark}, CASE $6::text WHEN '' THEN 0 WHEN 'here' THEN ${position} ELSE $6::text::bigint END)`;

export function toRevocationStatements({ log, revocation }: Tables): RevocationStatements {
  return {
    /**
     * $1 hash of the issuer, $2 issuer, $3 text, $4 floor, $5 keep, $6 everything: empty, 'here' or a position.
     *
     * Everything about the row is computed when its lock is held. `broken` is the head of a log whose last entry is missing, because
     * somebody has removed entries: then a new log begins. When the clock has jumped ahead by more than 10 minutes, entries that are
     * young in truth may be removed, so the log is complete from this entry on. Issuers let `keep` have room for a smaller jump.
     */
    append: `
WITH broken AS MATERIALIZED (
  SELECT l.head FROM ${log} l WHERE l.issuer_hash = $1::text AND NOT EXISTS (
    SELECT FROM ${revocation} r WHERE r.issuer_hash = l.issuer_hash AND r.position = l.head)),
feed AS (
  INSERT INTO ${log} AS l (issuer_hash, issuer, head, previous, complete_from, everything, keep_ms)
  SELECT $1::text, $2::text, p.position, 0, p.position, ${markAt('p.position', '0')}, $5::bigint
  FROM (SELECT GREATEST(${microseconds}, $4::bigint + 1) AS position OFFSET 0) p
  ON CONFLICT (issuer_hash) DO UPDATE SET (head, previous, complete_from, everything, keep_ms) = (
    SELECT p.position, CASE WHEN p.is_new THEN 0 ELSE l.head END,
      CASE WHEN p.is_new OR p.now - l.head > LEAST(p.keep, 600000) * 1000 THEN p.position ELSE l.complete_from END,
      ${markAt('p.position', 'l.everything')}, p.keep
    FROM (
      SELECT t.now, GREATEST(t.now, l.head + 1, $4::bigint + 1) AS position, GREATEST(l.keep_ms, $5::bigint) AS keep,
        l.head IN (SELECT head FROM broken) AS is_new
      FROM (SELECT ${microseconds} AS now OFFSET 0) t) p)
  RETURNING l.head, l.previous, l.keep_ms),
entry AS (
  INSERT INTO ${revocation} (issuer_hash, position, previous, lines)
  SELECT $1::text, feed.head, feed.previous, $3::text FROM feed),
trimmed AS (
  DELETE FROM ${revocation} r WHERE r.issuer_hash = $1::text AND r.position IN (
    SELECT o.position FROM feed, ${revocation} o
    WHERE o.issuer_hash = $1::text AND o.position < ${microseconds} - feed.keep_ms * 1000
    ORDER BY o.position LIMIT ${batch}))
SELECT 'appended' AS outcome, head::text AS position FROM feed`,

    /** $1 hash of the issuer, $2 after, $3 limit. A standby would answer from a past that its primary may have left. */
    read: `
SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'read' END AS outcome,
  CASE WHEN EXISTS (SELECT FROM ${revocation} r WHERE r.issuer_hash = $1::text AND r.position = l.head)
    THEN l.head ELSE 0 END::text AS head,
  l.complete_from::text AS begins, l.everything::text AS everything, l.keep_ms::text AS keep, (
    SELECT json_agg(json_build_array(e.position, e.previous, e.lines) ORDER BY e.position)::text FROM (
      SELECT r.position, r.previous, r.lines FROM ${revocation} r
      WHERE r.issuer_hash = $1::text AND r.position > $2::bigint ORDER BY r.position LIMIT $3::bigint) e) AS entries
FROM (SELECT) one LEFT JOIN ${log} l ON l.issuer_hash = $1::text`,
  };
}

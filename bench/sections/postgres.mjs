// Section `postgres`: the rate of rotations beside that of a bare UPDATE … RETURNING of the same row, through the same pool; and
// the size of 100 000 sessions.

import { refreshTokenPair } from '@tokenpair/core';
import { PostgresSessionStore } from '@tokenpair/postgres';

import { findPostgres, withPostgres } from '../lib/postgres.mjs';
import { createIssuerOver, login } from '../lib/sessions.mjs';
import { compare, summarise } from '../lib/statistics.mjs';
import { toBytes, toSpread, toTable } from '../lib/table.mjs';

const connections = 8;
const bare = `UPDATE bare SET generation = $2, secret_hash = $3, state = $4, rotated_at = clock_timestamp()
  WHERE session_id = $1 AND generation = $5 AND secret_hash = $6 RETURNING *`;

export async function run({ quick }) {
  if (findPostgres() === undefined) {
    return { tables: ['There is no Postgres to start: nothing was measured.'], targets: [] };
  }
  return withPostgres(async (pool) => {
    console.error('postgres: rates');
    const { rates, ratio, hot } = await measureRates(pool, quick ? 2 : 60);
    console.error('postgres: sizes');
    const sizes = await measureSizes(pool, quick ? 1_000 : 100_000);
    const rows = Object.entries(rates).map(([what, samples]) => [
      what,
      toSpread(summarise(samples), perSecond),
    ]);
    return {
      tables: [
        toTable([`${connections} connections, one server`, 'median (middle half)'], rows),
        `HOT updates among the rotations: ${(hot * 100).toFixed(1)} %.`,
        toTable(
          ['bytes per session', 'table', 'primary key', 'other index', 'owners', 'all'],
          sizes.map(([what, ...bytes]) => [what, ...bytes.map(toBytes)]),
        ),
      ],
      targets: [
        {
          what: 'time of a rotation / time of a bare UPDATE … RETURNING',
          measured: 1 / ratio,
          most: 1 / 0.7,
          format: (value) => `${value.toFixed(2)} ×`,
        },
      ],
    };
  });
}

async function measureRates(pool, rounds) {
  const store = new PostgresSessionStore({ client: pool, deadline: 60, removalInterval: false });
  await store.migrate();
  const tokens = createIssuerOver(store);
  const ids = [];
  // A multiple of the connections: no two workers share a session.
  for (let count = 0; count < 512; count += 1) {
    ids.push((await login(tokens, `u_${count}`)).sessionId);
  }
  await pool.query(
    'CREATE TABLE bare (LIKE tokenpair_session INCLUDING ALL) WITH (fillfactor = 80)',
  );
  await pool.query('INSERT INTO bare SELECT * FROM tokenpair_session');
  await pool.query(`UPDATE tokenpair_session SET secret_hash = 'h'`);
  await pool.query(`UPDATE bare SET secret_hash = 'h'`);
  await pool.query('VACUUM ANALYZE');
  const generations = { rotation: new Map(), bare: new Map() };
  const nextOf = (kind, id) => {
    const generation = generations[kind].get(id) ?? 1;
    generations[kind].set(id, generation + 1);
    return generation;
  };
  const state = `1 7.${'h'.repeat(22)}`;
  const steps = {
    'a bare UPDATE … RETURNING': async (id) => {
      const generation = String(nextOf('bare', id));
      const next = String(Number(generation) + 1);
      const { rowCount } = await pool.query(bare, [id, next, 'h', state, generation, 'h']);
      if (rowCount !== 1) throw new Error('the bare update found no row');
    },
    'a rotation': async (id) => {
      const generation = nextOf('rotation', id);
      const token = { generation: generation + 1, secretHash: 'h', state };
      const expected = { generation, secretHash: 'h', olderThan: -1 };
      const { outcome } = await store.swap(id, expected, { token });
      if (outcome !== 'swapped') throw new Error(`the rotation was: ${outcome}`);
    },
    'a look that changes nothing (hold, replay)': async (id) => {
      await store.swap(
        id,
        { generation: 0, secretHash: 'h' },
        { token: { generation: 1, secretHash: 'h', state } },
      );
    },
  };
  const rates = Object.fromEntries(Object.keys(steps).map((what) => [what, []]));
  const names = Object.keys(steps);
  const before = await readUpdates(pool);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const what = names[(round + turn) % names.length];
      rates[what].push(await rateOf(steps[what], ids));
    }
  }
  const after = await readUpdates(pool);
  const [bareRates, rotationRates] = [rates[names[0]], rates[names[1]]];
  const { median } = compare([rotationRates], [bareRates]);
  const updates = after.updates - before.updates;
  return { rates, ratio: median, hot: (after.hot - before.hot) / Math.max(1, updates) };
}

/** How many updates the sessions had, and how many of them changed no index. */
async function readUpdates(pool) {
  // Every connection reports what it has counted. By itself it would do so after some seconds.
  const flush = 'SELECT pg_stat_force_next_flush(), pg_sleep(0.1)';
  await Promise.all(Array.from({ length: connections }, () => pool.query(flush)));
  const { rows } = await pool.query(`SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot
    FROM pg_stat_user_tables WHERE relname = 'tokenpair_session'`);
  return rows[0];
}

function perSecond(value) {
  return `${Math.round(value)}/s`;
}

/** Steps per second with all connections at work. */
async function rateOf(step, ids, milliseconds = 80) {
  let count = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, worker) => {
      for (let at = worker; performance.now() < begin + milliseconds; at += connections) {
        await step(ids[at % ids.length]);
        count += 1;
      }
    }),
  );
  return (count * 1_000) / (performance.now() - begin);
}

/** A real session, which was refreshed once, many times over with other IDs. */
async function measureSizes(pool, count) {
  const found = [];
  for (const perOwner of [5, 1]) {
    const table = `size_${perOwner}`;
    const store = new PostgresSessionStore({ client: pool, table, removalInterval: false });
    await store.migrate();
    const tokens = createIssuerOver(store);
    const subject = '6f1c9a52-3d0b-4e8e-9b57-000000012345';
    const { refreshToken } = await login(tokens, subject);
    await refreshTokenPair(tokens, refreshToken);
    await pool.query(`INSERT INTO ${table}_owner SELECT ${digits(`n / ${perOwner}`, 16)}, clock_timestamp()
      FROM generate_series(0, ${count}, ${perOwner}) n`);
    await pool.query(`INSERT INTO ${table} SELECT ${digits(`n / ${perOwner}`, 16)} || ${digits(`'x' || n`, 22)}, owner, generation,
      secret_hash, state, rotated_at, confirmed, data, idle_lifetime_ms, expires_at, created_at, remove_at + n * interval '1 s'
      FROM ${table}, generate_series(1, ${count}) n`);
    const sizeOf = async (relation) =>
      Number((await pool.query('SELECT pg_relation_size($1) AS size', [relation])).rows[0].size) /
      count;
    const sizes = [
      await sizeOf(table),
      await sizeOf(`${table}_pkey`),
      await sizeOf(`${table}_remove_at`),
      (await sizeOf(`${table}_owner`)) + (await sizeOf(`${table}_owner_pkey`)),
    ];
    const all = sizes.reduce((sum, size) => sum + size, 0);
    found.push([`${count} sessions, ${perOwner} per subject`, ...sizes, all]);
  }
  return found;
}

/** SQL for characters of an ID, made of a text that is given as SQL. */
function digits(text, length) {
  return `left(translate(encode(sha256((${text})::text::bytea), 'base64'), '+/', '-_'), ${length})`;
}

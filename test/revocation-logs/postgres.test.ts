// What only a revocation log on Postgres has: statements, tables, roles, isolation levels, a standby, and transactions that wait.

import { RevocationsUnavailableError } from '@tokenpair/core';
import type { RevocationEntry } from '@tokenpair/core/store';
import { PostgresRevocations, postgresSchema, type PostgresClient } from '@tokenpair/postgres';
import { Client, type Pool } from 'pg';

import type { PostgresRevocationLog } from '../../packages/postgres/src/postgres-revocation-log.js';
import { clients, openPool, type OpenPostgres } from '../support/postgres-clients.js';
import { openPostgresLog, withClock } from '../support/postgres-log.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { startWire } from '../support/postgres-wire.js';
import { runInChild } from '../support/run-in-child.js';

jest.setTimeout(60_000);

/** Milliseconds: with as many statements at once as here, a busy machine needs more than a second for the last of them. */
const patience = 20_000;
const issuer = 'https://issuer.test';
const entry = (changes = {}) => ({ issuer, text: 'S', floor: 0, keep: 60_000, ...changes });
const tables = 'tokenpair_session_log, tokenpair_session_revocation';

describePostgres('a revocation log on Postgres', () => {
  let server: PostgresServer;
  let pool: Pool;
  let log: PostgresRevocationLog;

  beforeAll(async () => {
    server = await startPostgres();
    pool = openPool(server.url, 10, patience);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await server.close();
  });
  beforeEach(async () => {
    await pool.query(postgresSchema());
    await pool.query(`TRUNCATE ${tables}`);
    log = openPostgresLog(pool, { deadline: 20 });
  });

  const rowsOf = async (text: string) => (await pool.query(text)).rows as readonly object[];
  const count = async () => (await rowsOf('SELECT FROM tokenpair_session_revocation')).length;

  async function connect(url = server.url): Promise<Client> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return client;
  }

  it('sends one statement for each step, in one round trip', async () => {
    const wire = await startWire(server.port);
    const client = await connect(server.url.replace(String(server.port), String(wire.port)));
    const mine = openPostgresLog(client);
    const steps: Readonly<Record<string, () => Promise<unknown>>> = {
      'first append': () => mine.append(entry()),
      append: () => mine.append(entry({ everything: 'here' })),
      read: () => mine.read(issuer, 0, 200),
      'read the head': () => mine.read(issuer, 0, 0),
    };
    for (const [name, step] of Object.entries(steps)) {
      expect([name, await wire.during(step)]).toEqual([name, { P: 1, B: 1, D: 1, E: 1, S: 1 }]);
    }
    await client.end();
    await wire.close();
  });

  it.each(Object.keys(clients))('does every step through %s', async (library) => {
    const open = clients[library] as (url: string) => OpenPostgres;
    const { client, close } = open(server.url);
    const mine = openPostgresLog(client);
    const first = await mine.append(entry({ text: 'o 1\ns "2"\u0000' }));
    const second = await mine.append(entry({ everything: 'here' }));
    expect(await mine.read(issuer, 0, 10)).toEqual({
      head: second,
      from: first,
      everything: second,
      keep: 60_000,
      more: false,
      entries: [
        { position: first, previous: 0, text: 'o 1\ns "2"\u0000' },
        { position: second, previous: first, text: 'S' },
      ],
    });
    await close();
  });

  describe('in the database', () => {
    it('is one row per issuer and one per entry, which a person can read', async () => {
      const first = await log.append(entry({ text: 'o 1\ns 2', everything: 'here' }));
      const second = await log.append(entry({ text: '' }));
      const [row] = await rowsOf('SELECT * FROM tokenpair_session_log');
      expect(row).toEqual({
        issuer_hash: 'KjiX__GUyUJ1bWu5',
        issuer,
        head: String(second),
        previous: String(first),
        complete_from: String(first),
        everything: String(first),
        keep_ms: '60000',
      });
      const entries = await rowsOf(
        'SELECT position, previous, lines FROM tokenpair_session_revocation ORDER BY position',
      );
      expect(entries).toEqual([
        { position: String(first), previous: '0', lines: String.raw`o 1\ns 2` },
        { position: String(second), previous: String(first), lines: '' },
      ]);
    });

    it.each([
      ['all entries were', 'TRUNCATE tokenpair_session_revocation'],
      ['the row of the issuer was', 'TRUNCATE tokenpair_session_log'],
    ])('begins again when %s removed, as after a flush', async (_what, change) => {
      const cursor = await log.append(entry());
      await pool.query(change);
      expect((await log.read(issuer, cursor, 10)).head).toBe(0);
      const next = await log.append(entry());
      expect(await log.read(issuer, cursor, 10)).toMatchObject({
        head: next,
        from: next,
        entries: [{ position: next, previous: 0, text: 'S' }],
      });
      const last = await log.append(entry());
      expect(await log.read(issuer, next, 10)).toMatchObject({ head: last, from: next });
    });

    it('drops entries after `keep`, as entries are appended, at most 100 with each', async () => {
      let now = Date.now();
      const mine = openPostgresLog(withClock(pool, () => now));
      for (let index = 0; index < 250; index += 1) await mine.append(entry());
      now += 59_000;
      await mine.append(entry());
      expect(await count()).toBe(251);
      now += 2_000;
      const counts = [];
      for (let index = 0; index < 4; index += 1) {
        await mine.append(entry());
        counts.push(await count());
      }
      expect(counts).toEqual([152, 53, 4, 5]);
      const { from, entries } = await mine.read(issuer, 0, 10);
      expect(entries).toHaveLength(5);
      expect(from).toBeLessThan(entries[0]?.position ?? 0);
    });

    it('drops the entries of no other issuer', async () => {
      let now = Date.now();
      const mine = openPostgresLog(withClock(pool, () => now));
      await mine.append(entry({ issuer: 'https://quiet.test', keep: 60_000 }));
      now += 3_600_000;
      await mine.append(entry());
      expect(await count()).toBe(2);
    });

    it('gives 503 when the tables hold something else', async () => {
      await log.append(entry());
      await pool.query('UPDATE tokenpair_session_log SET complete_from = -1');
      expect(messageOf(await failureOf(log.read(issuer, 0, 10)))).toContain('something else');
      await pool.query('UPDATE tokenpair_session_log SET complete_from = 1');
      await pool.query(`UPDATE tokenpair_session_revocation SET lines = '"'`);
      await failureOf(log.read(issuer, 0, 10));
    });
  });

  describe('the tables', () => {
    it.each([
      ['do not exist', `DROP TABLE ${tables}`],
      ['lack a column', 'ALTER TABLE tokenpair_session_log DROP COLUMN keep_ms'],
    ])('are named with the command that creates them when they %s', async (_what, change) => {
      await pool.query(change);
      for (const step of [log.append(entry()), log.read(issuer, 0, 10)]) {
        expect(messageOf(await failureOf(step))).toBe(
          'One of the tables tokenpair_session_log and tokenpair_session_revocation does not exist or lacks a column. ' +
            'Execute what `npx @tokenpair/cli postgres-schema` prints, or call migrate().',
        );
      }
      await pool.query(`DROP TABLE IF EXISTS ${tables}`);
    });

    it('are read by a verifier with the rights that the page names, and written by an issuer', async () => {
      await log.append(entry());
      await pool.query('CREATE ROLE verifier LOGIN; CREATE ROLE issuer LOGIN');
      await pool.query(`GRANT SELECT ON ${tables} TO verifier`);
      await pool.query(`GRANT SELECT, INSERT, UPDATE ON tokenpair_session_log TO issuer`);
      await pool.query(`GRANT SELECT, INSERT, DELETE ON tokenpair_session_revocation TO issuer`);
      const [reader, writer] = ['verifier', 'issuer'].map((role) =>
        openPool(server.url.replace('test@', `${role}@`)),
      ) as [Pool, Pool];
      const reading = openPostgresLog(reader);
      expect((await reading.read(issuer, 0, 10)).entries).toHaveLength(1);
      expect(messageOf(await failureOf(reading.append(entry())))).toContain('The role needs');
      const writing = openPostgresLog(writer);
      await writing.append(entry());
      expect((await writing.read(issuer, 0, 10)).entries).toHaveLength(2);
      for (const one of [reader, writer]) await one.end();
      await pool.query('DROP OWNED BY verifier, issuer; DROP ROLE verifier, issuer');
    });
  });

  it('refuses a standby for every step, and says what to do', async () => {
    await log.append(entry());
    const standby = await server.startStandby('reader');
    const reader = openPool(standby.url);
    const reading = openPostgresLog(reader);
    const steps = [
      reading.append(entry()),
      reading.read(issuer, 0, 10),
      reading.read(issuer, 0, 0),
      reading.read('https://other.test', 0, 10),
    ];
    for (const step of steps) {
      expect(messageOf(await failureOf(step))).toContain('target_session_attrs=read-write');
    }
    await reader.end();
    await standby.close();
  });

  describe('statements that meet', () => {
    it.each(['read committed', 'repeatable read', 'serializable'])(
      'in the isolation level %s give every entry its position',
      async (level) => {
        const options = encodeURIComponent(
          `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
        );
        const racers = openPool(`${server.url}?options=${options}`, 8, patience);
        const racing = openPostgresLog(racers, { deadline: 20 });
        const positions = await Promise.all(
          Array.from({ length: 60 }, () => racing.append(entry())),
        );
        const { entries, from } = await racing.read(issuer, 0, 200);
        expect(entries.map(({ position }) => position)).toEqual(positions.toSorted(ascending));
        expectChain(entries);
        expect(from).toBe(entries[0]?.position);
        await racers.end();
      },
    );

    it('wait for a transaction that is paused before its commit, and no reader passes its entry', async () => {
      await log.append(entry());
      const paused = await connect();
      const before = await deadlocks();
      await paused.query('BEGIN');
      const hidden = await openPostgresLog(paused).append(entry({ text: 'paused' }));
      const patient = openPostgresLog(pool, { deadline: 30 });
      const others = Array.from({ length: 5 }, (_, index) =>
        patient.append(entry({ text: `${index}` })),
      );
      const watched = watch(openPostgresLog(pool, { deadline: 30 }));
      while ((await waiting()) < 5);
      expect((await log.read(issuer, 0, 10)).entries).toHaveLength(1);
      await paused.query('COMMIT');
      const positions = await Promise.all(others);
      for (const position of positions) expect(position).toBeGreaterThan(hidden);
      expect(await watched.stop()).toEqual((await log.read(issuer, 0, 100)).entries);
      expect(await deadlocks()).toBe(before);
      await paused.end();
    });

    it('leave nothing when their transaction is rolled back', async () => {
      const first = await log.append(entry());
      const client = await connect();
      await client.query('BEGIN');
      await openPostgresLog(client).append(entry());
      await client.query('ROLLBACK');
      await client.end();
      const next = await log.append(entry());
      expectChain((await log.read(issuer, 0, 10)).entries);
      expect((await log.read(issuer, first, 10)).entries).toMatchObject([
        { position: next, previous: first },
      ]);
    });

    it('of two processes, 500 at once with a paused transaction between them, show no entry below a position that was passed', async () => {
      const paused = await connect();
      const watched = [watch(log), watch(openPostgresLog(pool, { deadline: 20 }))];
      const writing = { isOver: false };
      const pauses = (async () => {
        const mine = openPostgresLog(paused, { deadline: 30 });
        for (let times = 0; !writing.isOver; times += 1) {
          await paused.query('BEGIN');
          await mine.append(entry({ text: `paused ${times}` }));
          await paused.query(`SELECT pg_sleep(${0.02 * Math.random()})`);
          await paused.query('COMMIT');
          await paused.query(`SELECT pg_sleep(${0.02 * Math.random()})`);
        }
      })();
      let told: readonly (readonly number[])[] = [];
      try {
        told = await Promise.all(['a', 'b'].map((name) => appendInChild(server.url, name)));
      } finally {
        // Also after a failure, so that nothing of this test goes on.
        writing.isOver = true;
        await Promise.allSettled([pauses]);
        await Promise.allSettled(watched.map((one) => one.stop()));
        await paused.end();
      }
      await pauses;
      const all = await readAll(log);
      expectChain(all);
      for (const one of watched) expect(await one.stop()).toEqual(all);
      const positions = told.flat();
      expect(positions).toHaveLength(500);
      const there = new Map(all.map(({ position, text }) => [position, text]));
      expect(new Set(positions.map((position) => there.get(position))).size).toBe(500);
    });
  });

  const numberOf = async (text: string) => Number(Object.values((await rowsOf(text))[0] ?? {})[0]);
  const waiting = () => numberOf('SELECT count(*) FROM pg_locks WHERE NOT granted');
  const deadlocks = () =>
    numberOf(`SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'`);
});

const ascending = (one: number, other: number): number => one - other;

async function readAll(log: PostgresRevocationLog): Promise<readonly RevocationEntry[]> {
  const { entries, more } = await log.read(issuer, 0, 2_000);
  expect(more).toBe(false);
  return entries;
}

/** Reads on and on, as a follower does, until it is stopped and has read to the end. */
function watch(log: PostgresRevocationLog) {
  let isStopped = false;
  const reading = (async () => {
    const seen: RevocationEntry[] = [];
    for (let isLast = false; !isLast;) {
      isLast = isStopped;
      const { entries, more } = await log.read(issuer, seen.at(-1)?.position ?? 0, 50);
      seen.push(...entries);
      if (more) isLast = false;
    }
    return seen;
  })();
  return {
    stop() {
      isStopped = true;
      return reading;
    },
  };
}

function expectChain(entries: readonly RevocationEntry[]): void {
  expect(entries.map(({ previous }) => previous)).toEqual([
    0,
    ...entries.slice(0, -1).map(({ position }) => position),
  ]);
}

async function appendInChild(url: string, name: string): Promise<readonly number[]> {
  const { stdout, stderr } = await runInChild(appendScript, { DATABASE: url, NAME: name });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as number[];
}

// Both processes begin when both are ready, with all their connections. Each statement is sent after another delay.
const appendScript = `
  // As core does: until the log has it.
  async function append(log, text) {
    for (;;) {
      try {
        return await log.append({ issuer: '${issuer}', text, floor: 0, keep: 3_600_000 });
      } catch {}
    }
  }
  const { PostgresRevocations } = requirePostgresStore();
  const { setTimeout: sleep } = require('node:timers/promises');
  (async () => {
    const pool = new (requireOfTests('pg').Pool)({ connectionString: process.env.DATABASE, max: 20 });
    await pool.query('CREATE TABLE IF NOT EXISTS ready (name text)').catch(() => {});
    await Promise.all(Array.from({ length: 20 }, () => pool.query('SELECT pg_sleep(0.01)')));
    await pool.query('INSERT INTO ready VALUES ($1)', [process.env.NAME]);
    while ((await pool.query('SELECT FROM ready')).rows.length < 2) await sleep(1);
    const client = {
      async query(text, values) {
        await sleep(Math.random() * 50);
        return pool.query(text, values);
      },
    };
    const { log } = new PostgresRevocations({ client, deadline: 3 }).follower.followed;
    const positions = await Promise.all(
      Array.from({ length: 250 }, (_, index) =>
        append(log, process.env.NAME + index)),
    );
    console.log(JSON.stringify(positions));
    await pool.end();
  })();
`;

async function failureOf(step: Promise<unknown>): Promise<RevocationsUnavailableError> {
  const error: unknown = await step.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RevocationsUnavailableError);
  expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503 });
  return error as RevocationsUnavailableError;
}

const messageOf = ({ cause }: RevocationsUnavailableError) => (cause as Error).message;

describe('a wrong option of PostgresRevocations', () => {
  const client: PostgresClient = { query: async () => ({ rows: [] }) };

  it.each([
    ['a client in place of options', client, /Pass it as a member/],
    ['a missing client', {}, /takes options with a client\. Pass it as a member/],
    ['a name with a quote', { client, table: 'a"b' }, /table must be a name/],
    ['a deadline above that of a log', { client, deadline: 4 }, /^deadline/],
    ['an unknown option', { client, prefix: 'a' }, /no option 'prefix'/],
    ['a short maxAge', { client, maxAge: 1 }, /^maxAge/],
  ])('is refused at construction: %s', (_what, options, message) => {
    const construct = () => new PostgresRevocations(options as { client: PostgresClient });
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
  });

  it('is none when only the client is given: the log is read every 250 ms', () => {
    expect(new PostgresRevocations({ client })).toMatchObject({
      state: { status: 'starting' },
      settings: { pollInterval: 0.25 },
    });
  });
});

describe('an error of a client', () => {
  it.each(['40001', '40P01'])(
    'with the code %s is no error: the append is sent again',
    async (code) => {
      let times = 0;
      const log = openPostgresLog({
        query: async () => {
          times += 1;
          if (times < 4) throw Object.assign(new Error('x'), { code });
          return { rows: [{ outcome: 'appended', position: '7' }] };
        },
      });
      expect(await log.append(entry())).toBe(7);
      expect(times).toBe(4);
    },
  );

  it.each([
    ['no rows', {}],
    ['an empty list of rows', { rows: [] }],
    ['a position that is none', { rows: [{ position: '1.5' }] }],
  ])('is what an answer with %s becomes', async (_what, answer) => {
    const log = openPostgresLog({ query: async () => answer as { rows: unknown[] } });
    for (const step of [log.append(entry()), log.read(issuer, 0, 10)]) {
      expect((await failureOf(step)).cause).toBeInstanceOf(Error);
    }
  });
});

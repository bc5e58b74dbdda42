// What only a store on Postgres has: statements, tables, removal, roles, isolation levels, and a standby.

import {
  issueTokenPair,
  refreshTokenPair,
  type TokenIssuerOptions,
  type TokenPair,
} from '@tokenpair/core';
import { StoreUnavailableError, type SessionLimit } from '@tokenpair/core/store';
import { postgresSchema, PostgresSessionStore, type PostgresClient } from '@tokenpair/postgres';
import { Client, type Pool } from 'pg';

import {
  digest,
  expectOf,
  newSession,
  rotateOnce,
  sessionOf,
  successorOf,
} from '../../packages/testing/src/suite/sessions.js';
import { createTestIssuer } from '../support/issuer.js';
import { clients, openPool } from '../support/postgres-clients.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { startWire, type Wire } from '../support/postgres-wire.js';

const limit: SessionLimit = { max: 100, onLimit: 'reject' };
const day = 86_400_000;
const sessions = 'SELECT * FROM tokenpair_session';

jest.setTimeout(60_000);

/** Milliseconds: with as many statements at once as here, a busy machine needs more than a second for the last of them. */
const patience = 20_000;

function open(client: PostgresClient, options = {}): PostgresSessionStore {
  return new PostgresSessionStore({ client, deadline: 20, removalInterval: false, ...options });
}

describePostgres('a Postgres store', () => {
  let server: PostgresServer;
  let pool: Pool;
  let store: PostgresSessionStore;

  beforeAll(async () => {
    server = await startPostgres();
    pool = openPool(server.url, 10, patience);
  });
  afterAll(async () => {
    await pool.end();
    await server.close();
  });
  beforeEach(async () => {
    store = open(pool);
    await store.migrate();
  });
  afterEach(async () => {
    await pool.query(
      'DROP TABLE IF EXISTS tokenpair_session, tokenpair_session_owner, tokenpair_session_mark',
    );
  });

  async function create(changes = {}): Promise<string> {
    const wanted = newSession({ owner: 'u_1', ...changes });
    await store.create(wanted, limit);
    return wanted.sessionId;
  }

  const rowsOf = async (text: string, values: unknown[] = []) =>
    (await pool.query(text, values)).rows;
  const numberOf = async (text: string) =>
    Number(Object.values(Object((await rowsOf(text))[0]))[0]);

  const size = () => numberOf(`SELECT pg_relation_size('tokenpair_session') AS size`);
  const remaining = () => numberOf('SELECT count(*) FROM tokenpair_session');
  /** Acts while a transaction that has executed the statement is open. The pool waits for no lock. */
  async function whileOpen(statement: string, act: (impatient: Pool) => Promise<void>) {
    const other = new Client({ connectionString: server.url });
    const impatient = openPool(`${server.url}?options=-c%20lock_timeout%3D10`);
    await other.connect();
    await other.query('BEGIN');
    await other.query(statement);
    try {
      await act(impatient);
    } finally {
      await impatient.end();
      await other.end();
    }
  }

  /** Moves sessions into the past, as if time had passed. */
  const age = (milliseconds: number, where = 'true') =>
    pool.query(
      `UPDATE tokenpair_session SET rotated_at = rotated_at - $1 * interval '1 ms',
        expires_at = expires_at - $1 * interval '1 ms', remove_at = remove_at - $1 * interval '1 ms' WHERE ${where}`,
      [milliseconds],
    );
  const owners = () => numberOf('SELECT count(*) FROM tokenpair_session_owner');
  const deadlocks = () =>
    numberOf(`SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'`);

  describe('on the wire', () => {
    let wire: Wire;
    let client: Client;

    beforeEach(async () => {
      wire = await startWire(server.port);
      client = new Client({
        connectionString: server.url.replace(String(server.port), String(wire.port)),
      });
      await client.connect();
      store = open(client);
    });
    afterEach(async () => {
      await client.end();
      await wire.close();
    });

    const oneStatement = { P: 1, B: 1, D: 1, E: 1, S: 1 };

    it('sends one statement for each step, in one round trip', async () => {
      const wanted = newSession({ owner: 'u_1' });
      const { sessionId } = wanted;
      const steps: Readonly<Record<string, () => Promise<unknown>>> = {
        create: () => store.create(wanted, { max: 1, onLimit: 'evict-oldest' }),
        get: () => store.get(sessionId),
        rotate: () => rotateOnce(store, sessionId, 1),
        conflict: () => rotateOnce(store, sessionId, 1),
        update: () => store.swap(sessionId, { data: wanted.data }, { data: 'new' }),
        confirm: () => store.confirm(sessionId, 2),
        list: () => store.list('u_1'),
        raise: () => store.raise('n', 5),
        'read a number': () => store.raise('n', 0),
        revoke: () => store.revoke(sessionId),
        revokeOwner: () => store.revokeOwner('u_1'),
        absent: () => rotateOnce(store, sessionId, 2),
      };
      for (const [name, step] of Object.entries(steps)) {
        expect([name, await wire.during(step)]).toEqual([name, oneStatement]);
      }
      expect(store.repeats).toBe(0);
    });

    it.each([
      ['one statement', 'without a claims hook', 1, {}],
      ['two statements', 'with a claims hook', 2, { claims: () => ({ role: 'member' }) }],
    ])('sends %s for a refresh %s', async (_count, _hook, statements, changes) => {
      const { another } = createTestIssuer();
      const tokens = another({ store, ...(changes as Partial<TokenIssuerOptions>) });
      let pair: TokenPair = await issueTokenPair(tokens, { subject: 'u_1' });
      const refresh = async () => {
        pair = await refreshTokenPair(tokens, pair.refreshToken);
      };
      expect(await wire.during(refresh)).toMatchObject({ S: statements, E: statements });
      // Held: younger than the settle time.
      expect(await wire.during(refresh)).toMatchObject({ S: statements, E: statements });
    });
  });

  describe('in the database', () => {
    it('is one row that a person can read', async () => {
      const sessionId = await create({
        owner: 'q8Zx01_-.u_1',
        state: '2 !',
        data: '{"scope":"a"}',
      });
      const [row] = await rowsOf(sessions);
      const { rotatedAt = 0, expiresAt = 0 } = (await store.get(sessionId)) ?? {};
      expect(row).toEqual({
        session_id: sessionId,
        owner: 'q8Zx01_-.u_1',
        generation: '1',
        secret_hash: digest('secret 1'),
        state: '2 !',
        rotated_at: new Date(rotatedAt),
        confirmed: '0',
        data: '{"scope":"a"}',
        idle_lifetime_ms: String(30 * day),
        expires_at: new Date(expiresAt),
        created_at: new Date(rotatedAt),
        remove_at: new Date(rotatedAt + 30 * day),
      });
    });

    it('has two indexes, and a rotation changes no value of them', async () => {
      const indexes = await rowsOf(
        `SELECT indexdef FROM pg_indexes WHERE tablename = 'tokenpair_session' ORDER BY indexname`,
      );
      expect(indexes.map(({ indexdef }) => /\(.*\)/.exec(String(indexdef))?.[0])).toEqual([
        '(session_id)',
        '(remove_at)',
      ]);
    });

    it('is rotated in its place: every update is a HOT update, and the table does not grow', async () => {
      // Its snapshot, or that of a rotation beside this one, would keep old versions for as long as a busy machine pauses it.
      await pool.query('ALTER TABLE tokenpair_session SET (autovacuum_enabled = off)');
      const ids = [];
      for (let count = 0; count < 40; count += 1) ids.push(await create({ owner: `u_${count}` }));
      const before = await size();
      for (let generation = 1; generation <= 50; generation += 1) {
        for (const sessionId of ids) await rotateOnce(store, sessionId, generation);
      }
      await pool.query('SELECT pg_stat_force_next_flush()').catch(() => undefined);
      const fresh = new Client({ connectionString: server.url });
      await fresh.connect();
      // The connections of the pool report their counts when they end.
      await pool.end();
      pool = openPool(server.url, 10, patience);
      const counts = async () =>
        (
          await fresh.query(
            `SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'tokenpair_session'`,
          )
        ).rows[0] as { readonly all: number; readonly hot: number };
      let found = await counts();
      for (let times = 0; found.all < 2_000 && times < 500; times += 1) found = await counts();
      await fresh.end();
      expect(found.all).toBe(2_000);
      expect(found.hot / found.all).toBeGreaterThan(0.97);
      // Without room in the pages, 2 000 new versions would take 75 of them.
      expect(await size()).toBeLessThanOrEqual(before * 5);
    });

    it('keeps what a newer version has added, in every step of this one', async () => {
      const sessionId = await create({ data: 'one' });
      await pool.query(`ALTER TABLE tokenpair_session ADD COLUMN later text NOT NULL DEFAULT 'x'`);
      await pool.query(`UPDATE tokenpair_session SET later = 'k=7'`);
      await store.migrate();
      await rotateOnce(store, sessionId, 1);
      await store.confirm(sessionId, 1);
      await store.swap(sessionId, { data: 'one' }, { data: 'two', idleLifetime: day });
      expect(await store.get(sessionId)).not.toHaveProperty('later');
      expect(await rowsOf('SELECT later, data FROM tokenpair_session')).toEqual([
        { later: 'k=7', data: 'two' },
      ]);
      await create();
      expect(await store.list('u_1')).toHaveLength(2);
    });

    it('distinguishes IDs and owners by case', async () => {
      const sessionId = await create({ owner: 'ada' });
      await create({ owner: 'ADA' });
      const flipped = sessionId.replaceAll(/[a-z]/gi, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      );
      expect(await store.get(flipped)).toBeUndefined();
      expect(await store.list('ada')).toHaveLength(1);
    });

    it('is in the schema and the table that the options name', async () => {
      await pool.query('CREATE SCHEMA "Auth"');
      const elsewhere = open(pool, { schema: 'Auth', table: 'Login_1' });
      await elsewhere.migrate();
      const wanted = newSession({ owner: 'u_1' });
      await elsewhere.create(wanted, limit);
      expect(await elsewhere.get(wanted.sessionId)).toBeDefined();
      expect(await numberOf('SELECT count(*) FROM "Auth"."Login_1"')).toBe(1);
      expect(await store.get(wanted.sessionId)).toBeUndefined();
      await pool.query('DROP SCHEMA "Auth" CASCADE');
    });
  });

  describe('the tables', () => {
    it('are created by what postgresSchema prints, as often as it is executed', async () => {
      await pool.query('DROP TABLE tokenpair_session, tokenpair_session_owner');
      for (let times = 0; times < 2; times += 1) await pool.query(postgresSchema());
      await create();
      expect(await store.list('u_1')).toHaveLength(1);
    });

    it('are created by several processes at once', async () => {
      await pool.query('DROP TABLE tokenpair_session, tokenpair_session_owner');
      await Promise.all(Array.from({ length: 8 }, () => open(pool).migrate()));
      expect(await store.get(await create())).toBeDefined();
    });

    it('are not locked when they are there already, so that a deployment stops no refresh', async () => {
      const sessionId = await create();
      await whileOpen('UPDATE tokenpair_session SET confirmed = 0', (impatient) =>
        open(impatient).migrate(),
      );
      expect(await store.get(sessionId)).toBeDefined();
    });

    it.each([
      ['a key', 'ALTER TABLE tokenpair_session DROP CONSTRAINT tokenpair_session_pkey'],
      [
        'the type of a column',
        'ALTER TABLE tokenpair_session ALTER generation TYPE text USING generation::text',
      ],
    ])('are compared with the command when they differ in %s', async (_what, change) => {
      await pool.query(change);
      const error = await failureOf(store.create(newSession({ owner: 'u_1' }), limit));
      expect(messageOf(error)).toContain('than `npx @tokenpair/cli postgres-schema` prints');
    });

    it.each([
      ['do not exist', 'DROP TABLE tokenpair_session'],
      ['lack a column', 'ALTER TABLE tokenpair_session DROP COLUMN state'],
    ])('are named with the command that creates them when they %s', async (_what, change) => {
      await pool.query(change);
      const error = await failureOf(
        store.swap('x', { generation: 1, secretHash: 'h' }, { token: successorOf(1) }),
      );
      expect(messageOf(error)).toContain('npx @tokenpair/cli postgres-schema');
      expect(messageOf(error)).toContain('tokenpair_session');
    });

    it('are used by a role with the rights that the page names, and no others', async () => {
      await pool.query('CREATE ROLE app LOGIN');
      const app = openPool(server.url.replace('test@', 'app@'));
      const refused = open(app);
      expect(messageOf(await failureOf(refused.get('x')))).toContain(
        'SELECT, INSERT, UPDATE and DELETE',
      );
      await pool.query(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON tokenpair_session, tokenpair_session_owner, tokenpair_session_mark TO app',
      );
      const allowed = open(app);
      const wanted = newSession({ owner: 'u_1' });
      await allowed.create(wanted, { max: 1, onLimit: 'evict-oldest' });
      expect((await rotateOnce(allowed, wanted.sessionId, 1)).outcome).toBe('swapped');
      await allowed.confirm(wanted.sessionId, 2);
      await allowed.removeEnded();
      expect(await allowed.raise('n', 7)).toBe(7);
      expect(await allowed.revokeOwner('u_1')).toEqual([wanted.sessionId]);
      // The tables are there, so it creates none.
      await allowed.migrate();
      await app.end();
      await pool.query('DROP OWNED BY app');
      await pool.query('DROP ROLE app');
    });
  });

  describe('the removal of ended sessions', () => {
    it('removes what has ended, in batches, and leaves what is live', async () => {
      const live = await create();
      await pool.query(`INSERT INTO tokenpair_session SELECT 'x' || n, owner, generation, secret_hash, state, rotated_at - interval '31 days',
        confirmed, data, idle_lifetime_ms, expires_at, created_at, remove_at - interval '31 days'
        FROM tokenpair_session, generate_series(1, 2500) n`);
      expect(await store.get('x7')).toBeUndefined();
      expect(await store.removeEnded()).toBe(2_500);
      expect(await remaining()).toBe(1);
      expect(await store.get(live)).toBeDefined();
      expect(await store.removeEnded()).toBe(0);
    });

    it('looks again later at a session that was rotated since the last look', async () => {
      const sessionId = await create({ idleLifetime: 30 * day });
      await age(29 * day);
      await rotateOnce(store, sessionId, 1);
      await pool.query(`UPDATE tokenpair_session SET remove_at = clock_timestamp()`);
      expect(await store.removeEnded()).toBe(0);
      const [{ left } = { left: 0 }] = await rowsOf(
        `SELECT remove_at = LEAST(rotated_at + interval '1 ms' * idle_lifetime_ms, expires_at) AS left FROM tokenpair_session`,
      );
      expect(left).toBe(true);
      expect(await store.get(sessionId)).toBeDefined();
    });

    it('comes sooner when an update brings the end nearer', async () => {
      const sessionId = await create();
      const { createdAt = 0 } = (await store.get(sessionId)) ?? {};
      await store.swap(sessionId, expectOf(1), { expiresAt: createdAt + 1 });
      expect(await store.removeEnded()).toBe(1);
    });

    it('waits for no statement: a row that is locked is left for the next time', async () => {
      await create();
      await age(200 * day);
      const other = new Client({ connectionString: server.url });
      await other.connect();
      await other.query('BEGIN');
      await other.query('SELECT FROM tokenpair_session FOR UPDATE');
      expect(await store.removeEnded()).toBe(0);
      await other.query('COMMIT');
      await other.end();
      expect(await store.removeEnded()).toBe(1);
    });

    it('waits for no login: the row of its owner is left for the next time', async () => {
      await store.revoke(await create());
      await pool.query(
        `UPDATE tokenpair_session_owner SET changed_at = changed_at - interval '2 days'`,
      );
      await whileOpen('SELECT FROM tokenpair_session_owner FOR UPDATE', async (impatient) => {
        // Each run begins at a random place.
        for (let times = 0; times < 200; times += 1) await open(impatient).removeEnded();
      });
      expect(await owners()).toBe(1);
    });

    it('removes the row of an owner without sessions and logins, and no other', async () => {
      await create({ owner: 'with a session' });
      await store.revokeOwner('recent');
      await store.revoke(await create({ owner: 'old' }));
      await pool.query(
        `UPDATE tokenpair_session_owner SET changed_at = changed_at - interval '2 days'`,
      );
      await store.revokeOwner('recent');
      expect(await owners()).toBe(3);
      // Each run begins at a random place.
      for (let times = 0; (await owners()) > 2 && times < 200; times += 1)
        await store.removeEnded();
      expect(await owners()).toBe(2);
      await create({ owner: 'old' });
      expect(await store.list('old')).toHaveLength(1);
    });

    it('is done by a timer, unless it is turned off, and a failure is one warning', async () => {
      jest.useFakeTimers({
        doNotFake: ['nextTick', 'setImmediate', 'performance', 'queueMicrotask'],
      });
      const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const asked: string[] = [];
      const query = async (text: string) => {
        asked.push(text);
        throw new Error('no');
      };
      const timed = new PostgresSessionStore({ client: { query }, removalInterval: '1m' });
      open({ query });
      await jest.advanceTimersByTimeAsync(180_000);
      expect(asked).toHaveLength(3);
      expect(warnings).toHaveBeenCalledTimes(1);
      expect(warnings.mock.calls[0]?.[1]).toMatchObject({ code: 'TOKENPAIR_REMOVAL_FAILED' });
      await timed.close();
      await jest.advanceTimersByTimeAsync(180_000);
      expect(asked).toHaveLength(3);
      warnings.mockRestore();
      jest.useRealTimers();
    });
  });

  describe('statements that meet', () => {
    it.each(['read committed', 'repeatable read', 'serializable'])(
      'in the isolation level %s have one winner, and every loser sees its record',
      async (level) => {
        const racers = openPool(
          `${server.url}?options=${encodeURIComponent(`-c default_transaction_isolation=${level.replace(' ', '\\ ')}`)}`,
          20,
          patience,
        );
        const racing = open(racers);
        const sessionId = await create();
        const results = await Promise.all(
          Array.from({ length: 100 }, () => rotateOnce(racing, sessionId, 1)),
        );
        expect(results.filter(({ outcome }) => outcome === 'swapped')).toHaveLength(1);
        for (const result of results) expect(sessionOf(result).generation).toBe(2);
        const logins = await Promise.all(
          Array.from({ length: 40 }, () =>
            racing.create(newSession({ owner: 'u_2' }), { max: 5, onLimit: 'reject' }),
          ),
        );
        expect(logins.filter(({ outcome }) => outcome === 'created')).toHaveLength(5);
        await racers.end();
      },
    );

    it('are counted when they are sent again', async () => {
      const sessionId = await create();
      const other = new Client({ connectionString: server.url });
      await other.connect();
      await other.query('BEGIN');
      await other.query('UPDATE tokenpair_session SET generation = 2');
      const answer = rotateOnce(store, sessionId, 1);
      while ((await numberOf('SELECT count(*) FROM pg_locks WHERE NOT granted')) === 0);
      await other.query('COMMIT');
      await other.end();
      expect(sessionOf(await answer)).toMatchObject({ generation: 2 });
      expect(store.repeats).toBe(1);
    });

    it('cannot wait for each other in a circle: logins, revocations, updates and removal of one owner', async () => {
      const before = await deadlocks();
      const racers = openPool(server.url, 16, patience);
      const processes = [open(racers), open(racers)];
      const evict: SessionLimit = { max: 3, onLimit: 'evict-oldest' };
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const one = processes[index % 2] as PostgresSessionStore;
          const wanted = newSession({ owner: 'u_1' });
          await one.create(wanted, evict);
          await Promise.all([
            rotateOnce(one, wanted.sessionId, 1),
            one.confirm(wanted.sessionId, 1),
          ]);
          if (index % 10 === 0) await one.revokeOwner('u_1');
          if (index % 7 === 0) await one.removeEnded();
        }),
      );
      expect(await store.list('u_1').then(({ length }) => length <= 3)).toBe(true);
      await racers.end();
      expect(await deadlocks()).toBe(before);
    });
  });

  it.each(Object.keys(clients))('does every step through %s', async (library) => {
    const { client, close } = (
      clients[library] as (url: string) => ReturnType<NonNullable<(typeof clients)[string]>>
    )(server.url);
    const through = open(client);
    const [first, second] = [newSession({ owner: 'u_1' }), newSession({ owner: 'u_1' })];
    await through.create(first, limit);
    const result = await through.create(second, { max: 1, onLimit: 'evict-oldest' });
    expect(result).toMatchObject({ outcome: 'created', evicted: [first.sessionId] });
    const update = { data: 'x', idleLifetime: day, expiresAt: sessionOf(result).expiresAt - 1 };
    expect(
      await through.swap(
        second.sessionId,
        { ...expectOf(1), olderThan: -1, confirmed: 0 },
        { token: successorOf(1), ...update },
      ),
    ).toMatchObject({ outcome: 'swapped', session: { generation: 2, ...update } });
    await through.confirm(second.sessionId, 2);
    expect(await through.list('u_1')).toMatchObject([{ confirmed: 2 }]);
    expect(await through.revoke(second.sessionId)).toBe(true);
    expect(await through.revokeOwner('u_1')).toEqual([]);
    expect(await through.removeEnded()).toBe(0);
    await close();
  });

  it('refuses a standby for every step, and says what to do', async () => {
    await create();
    const standby = await server.startStandby('reader');
    const reader = openPool(standby.url);
    const reading = open(reader);
    const steps = [
      reading.get('x'),
      reading.list('u_1'),
      reading.create(newSession({ owner: 'u_1' }), limit),
      rotateOnce(reading, 'x', 1),
      reading.confirm('x', 1),
      reading.revoke('x'),
      reading.revokeOwner('u_1'),
      reading.raise('n', 0),
      reading.removeEnded(),
    ];
    for (const step of steps) {
      expect(messageOf(await failureOf(step))).toContain('target_session_attrs=read-write');
    }
    await reader.end();
    await standby.close();
  });
});

async function failureOf(step: Promise<unknown>): Promise<StoreUnavailableError> {
  const error: unknown = await step.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  return error as StoreUnavailableError;
}

const messageOf = ({ cause }: StoreUnavailableError) => (cause as Error).message;

// What an error of a Postgres store shows in a log: the failure, and none of the user's data. And what the store refuses.

import { inspect } from 'node:util';

import { StoreUnavailableError, type NewSession, type SessionStore } from '@tokenpair/core/store';
import { postgresSchema, PostgresSessionStore, type PostgresClient } from '@tokenpair/postgres';

import { expectOf, newSession, successorOf } from '../../packages/testing/src/suite/sessions.js';
import { clients, type OpenPostgres } from '../support/postgres-clients.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';

const secrets = ['subject-of-alice', 'alices-phone', 'secret-scope'];
const owner = 'issuer-1.subject-of-alice';
const wanted = (): NewSession =>
  newSession({
    owner,
    data: JSON.stringify({ scope: 'secret-scope', meta: { device: "alices-phone's" } }),
  });
const limit = { max: 10, onLimit: 'reject' } as const;
const open = (client: PostgresClient) =>
  new PostgresSessionStore({ client, removalInterval: false });

const steps: Readonly<Record<string, (store: SessionStore) => Promise<unknown>>> = {
  create: (store) => store.create(wanted(), limit),
  get: (store) => store.get(wanted().sessionId),
  rotation: (store) =>
    store.swap(wanted().sessionId, expectOf(1), { token: successorOf(1), data: wanted().data }),
  confirm: (store) => store.confirm(wanted().sessionId, 1),
  revoke: (store) => store.revoke(wanted().sessionId),
  revokeOwner: (store) => store.revokeOwner(owner),
  list: (store) => store.list(owner),
  raise: (store) => store.raise(owner, 1),
};

const openerOf = (library: string) => clients[library] as (url: string) => OpenPostgres;

async function failureOf(act: Promise<unknown>): Promise<StoreUnavailableError> {
  const error: unknown = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  return error as StoreUnavailableError;
}

function expectNoData(error: unknown): void {
  const texts = [
    inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(error),
  ];
  for (const text of texts) {
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
  expect(inspect(error)).not.toMatch(/\b(?:detail|query|parameters|values|where)\b.?:/);
}

const causeOf = ({ cause }: StoreUnavailableError) => cause as Error & { readonly code?: string };

describePostgres('an error of a Postgres store', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    await server.connect().query(postgresSchema().replaceAll('\n', ' '));
  }, 60_000);
  afterAll(() => server.close());

  test.each(
    Object.keys(clients).flatMap((library) => Object.keys(steps).map((step) => [step, library])),
  )(
    'contains no data that was sent when the table is a wrong one: %s through %s',
    async (step, library) => {
      const { client, close } = openerOf(library)(server.url);
      const store = new PostgresSessionStore({ client, table: 'absent', removalInterval: false });
      const error = await failureOf(
        (steps[step] as (store: SessionStore) => Promise<unknown>)(store),
      );
      await close();
      expectNoData(error);
      expect(causeOf(error).code).toBe('42P01');
      expect(causeOf(error).message).toContain('postgres-schema --table absent');
      expect((causeOf(error).cause as Error).message).toBe('relation');
    },
  );

  test.each(Object.keys(clients))(
    'contains no row that a constraint refuses, through %s',
    async (library) => {
      const admin = server.connect();
      await admin.query('ALTER TABLE tokenpair_session ADD CONSTRAINT no CHECK (generation > 1)');
      const { client, close } = openerOf(library)(server.url);
      const error = await failureOf(open(client).create(wanted(), limit));
      await close();
      await admin.query('ALTER TABLE tokenpair_session DROP CONSTRAINT no');
      expectNoData(error);
      expect(causeOf(error)).toMatchObject({ code: '23514', message: 'new row for relation' });
    },
  );

  test.each(Object.keys(clients))('names the outage, through %s', async (library) => {
    const { client, close } = openerOf(library)('postgres://test@127.0.0.1:9/postgres');
    const error = await failureOf(open(client).create(wanted(), limit));
    await close();
    expectNoData(error);
    expect(causeOf(error).message).toMatch(/ECONNREFUSED|no answer within 1000 ms/);
  });
});

function rejection(reason: unknown): Promise<StoreUnavailableError> {
  return failureOf(open({ query: () => Promise.reject(reason) }).create(wanted(), limit));
}

async function rollBack(): Promise<never> {
  await new Promise(setImmediate);
  throw Object.assign(new Error('x'), { code: '40001' });
}

describe('the error of a client, as a cause,', () => {
  test.each([
    ['a message that repeats a value', new Error('refused: subject-of-alice')],
    ['a message that quotes', Object.assign(new Error('bad "alices-pho'), { code: '22P02' })],
    ['members', Object.assign(new Error('x'), { detail: secrets, parameters: secrets })],
    [
      'a cause',
      new Error('Failed query', { cause: Object.assign(new Error('y'), { args: secrets }) }),
    ],
    ['an AggregateError', new AggregateError([new Error('subject-of-alice')], '')],
    ['a message of several lines', new Error('x\n    at subject-of-alice')],
    ['a text', 'subject-of-alice'],
    ['nothing', undefined],
  ])('contains no data that was sent: %s', async (_name, reason) => {
    const error = await rejection(reason);
    expectNoData(error);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('keeps its name, code, message and stack frames', async () => {
    const reason = Object.assign(new TypeError('connect ECONNREFUSED 10.0.0.7:5432'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const cause = causeOf(await rejection(reason));
    const { message, code } = reason;
    expect(cause).toMatchObject({ name: 'TypeError', message, code });
    expect(cause.stack).toBe(reason.stack);
    expect(causeOf(await rejection(new AggregateError([reason], '')))).toMatchObject({
      message,
      code,
    });
  });

  test.each([
    ['a query builder', { cause: { code: '53100' } }],
    [
      'Prisma',
      { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '53100' } } } },
    ],
    ['pg', { code: '53100' }],
  ])(
    'that says that the disk is full refuses a login, also inside that of %s',
    async (_who, error) => {
      const store = open({ query: () => Promise.reject(Object.assign(new Error('x'), error)) });
      expect(await store.create(wanted(), limit)).toEqual({ outcome: 'refused', reason: 'full' });
    },
  );

  test.each(['40001', '40P01'])(
    'with the code %s is no error: the statement is sent again',
    async (code) => {
      let times = 0;
      const store = open({
        query: async () => {
          times += 1;
          if (times < 4) throw Object.assign(new Error('x'), { code });
          return { rows: [{ outcome: 'ended' }] };
        },
      });
      expect(await store.revoke('x')).toBe(true);
      expect(store.repeats).toBe(3);
    },
  );
});

describe('a Postgres store', () => {
  test('stops sending a statement again when its time is over', async () => {
    const store = new PostgresSessionStore({
      client: { query: rollBack },
      deadline: 0.05,
      removalInterval: false,
    });
    await failureOf(store.get('x'));
    const { repeats } = store;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.repeats - repeats).toBeLessThanOrEqual(1);
  });

  test('warns of no removal that is cut off after it was closed', async () => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'performance', 'queueMicrotask'],
    });
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    let cut: (() => void) | undefined;
    const query = () =>
      new Promise<never>((_resolve, reject) => {
        cut = () => reject(new Error('Cannot use a pool after calling end on the pool'));
      });
    const store = new PostgresSessionStore({ client: { query }, removalInterval: '1m' });
    await jest.advanceTimersByTimeAsync(60_000);
    await store.close();
    cut?.();
    jest.useRealTimers();
    await new Promise(setImmediate);
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  test('lets a login wait no longer than its deadline for one that is never answered', async () => {
    let asked = 0;
    const query = () => {
      asked += 1;
      return new Promise<never>(() => {});
    };
    const store = new PostgresSessionStore({
      client: { query },
      deadline: 0.05,
      removalInterval: false,
    });
    await Promise.all(Array.from({ length: 5 }, () => failureOf(store.create(wanted(), limit))));
    // Those that waited have not been sent late.
    expect(asked).toBe(1);
    await failureOf(store.create(wanted(), limit));
    expect(asked).toBe(2);
  });

  test('names its schema in the command that creates its tables', async () => {
    const reason = Object.assign(new Error('x'), { code: '3F000' });
    const store = new PostgresSessionStore({
      client: { query: () => Promise.reject(reason) },
      schema: 'auth',
      removalInterval: false,
    });
    const error = await failureOf(store.get('x'));
    expect(causeOf(error).message).toContain('postgres-schema --schema auth`');
  });

  test.each([
    ['no rows', {}],
    ['rows of something else', { rows: [{ session: '{}' }] }],
    ['JSON that is none', { rows: [{ session: 'x', time: '"2026-01-01"' }] }],
  ])('answers 503 when the client answers %s', async (_what, answer) => {
    const error = await failureOf(open({ query: async () => answer as never }).get('x'));
    expect(error.cause).toBeInstanceOf(Error);
  });

  test.each(['{"owner":"issuer-1.subject-of-alice', 'subject-of-alice'])(
    'repeats nothing of a row that is no JSON: %s',
    async (session) => {
      const rows = [{ session, time: '"2026-01-01"' }];
      const error = await failureOf(open({ query: async () => ({ rows }) }).get('x'));
      expectNoData(error);
      expect(error.status).toBe(503);
    },
  );

  test('repeats nothing of a row whose owner cannot be read', async () => {
    const row = {
      session_id: 'x',
      owner: 'issuer-1."subject-of-alice',
      generation: 1,
      secret_hash: 'h',
      state: '1',
      rotated_at: '2026-01-01',
      confirmed: 0,
      data: '{}',
      idle_lifetime_ms: 1,
      expires_at: '2026-01-02',
      created_at: '2026-01-01',
    };
    const rows = [{ session: JSON.stringify(row), time: '"2026-01-01"' }];
    const error = await failureOf(open({ query: async () => ({ rows }) }).get('x'));
    expectNoData(error);
    expect(causeOf(error).message).toBe('the row of a session is not a session record');
  });

  const client = { query: async () => ({ rows: [] }) };

  test.each<[string, unknown, RegExp]>([
    ['a client in place of options', client, /; got a client. Pass it as a member/],
    [
      'the client of postgres.js in place of options',
      Object.assign(() => {}, { unsafe: () => {} }),
      /; got a client. Pass it as a member: new PostgresSessionStore\(\{ client \}\)/,
    ],
    ['nothing', undefined, /with a client. Pass it as a member/],
    ['an address', 'postgres://u:hunter2@db', /with a client. Pass it as a member/],
    ['the options of a client', { host: 'db' }, /with a client. Pass it as a member/],
    ['no client', { client: undefined }, /client must have a method query/],
    ['an address as client', { client: 'postgres://u:hunter2@db' }, /docs\/postgres.md has a line/],
    ['a promise of a client', { client: Promise.resolve(client) }, /client is a promise: await it/],
    [
      'the function of postgres.js',
      { client: Object.assign(() => {}, { unsafe: () => {} }) },
      /sql\.unsafe\(text, values\)/,
    ],
    ['an unknown option', { client, prefix: 'x' }, /no option 'prefix'/],
    ['a name with a quote', { client, table: 'a"b' }, /table must be a name/],
    ['a name that is too long', { client, table: 'a'.repeat(51) }, /table must be a name/],
    ['a schema with a dot', { client, schema: 'a.b' }, /schema must be a name/],
    ['a deadline in milliseconds', { client, deadline: 5_000 }, /deadline: 5000 looks like milli/],
    ['a deadline of 1 000', { client, deadline: 1_000 }, /Write 1 or '1s', or '1000s'/],
    ['an interval of zero', { client, removalInterval: 0 }, /removalInterval/],
    [
      'an interval in milliseconds',
      { client, removalInterval: 60_000 },
      /removalInterval: 60000 looks like milliseconds/,
    ],
  ])('refuses %s', (_what, options, message) => {
    const construct = () => new PostgresSessionStore(options as never);
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
    expect(construct).not.toThrow(/hunter2/);
  });

  test('creates its tables unless another process just did, the role may not, or the database cannot hold every text', async () => {
    const refused = Object.assign(new Error('permission denied'), { code: '42501' });
    const role = open({ query: () => Promise.reject(refused) });
    await expect(role.migrate()).rejects.toBe(refused);
    const there = Object.assign(new Error('relation exists'), { code: '42P07' });
    const raced = open({
      query: async (text) => {
        if (text.startsWith('CREATE')) throw there;
        return { rows: [{ answer: text.includes('server_encoding') ? 'UTF8' : null }] };
      },
    });
    await expect(raced.migrate()).resolves.toBeUndefined();
    const latin = open({ query: async () => ({ rows: [{ answer: 'LATIN1' }] }) });
    await expect(latin.migrate()).rejects.toThrow(/must be UTF8; it is LATIN1/);
  });
});

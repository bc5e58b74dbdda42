// Runs docs/postgres.md and the snippet of the README against a real Postgres.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  verifyBearer,
  type AuthError,
  type Revocations,
  type SessionStore,
  type TokenIssuer,
  type TokenVerifier,
} from '@tokenpair/core';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import postgres from 'postgres';

import {
  expectOf,
  newSession,
  roomy,
  successorOf,
} from '../../packages/testing/src/suite/sessions.js';
import { patientCore, patientPostgres } from '../support/patient.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { runRecipe } from '../support/recipe.js';
import { until } from '../support/until.js';

describePostgres('the code for Postgres', () => {
  let server: PostgresServer;
  let pools: Pool[];
  let logged: unknown[][];
  const url = process.env['DATABASE_URL'];

  beforeAll(async () => {
    server = await startPostgres();
    process.env['DATABASE_URL'] = server.url;
  }, 60_000);
  afterAll(async () => {
    delete process.env['DATABASE_URL'];
    if (url !== undefined) process.env['DATABASE_URL'] = url;
    await server.close();
  });
  beforeEach(() => {
    pools = [];
    logged = [];
    jest.spyOn(console, 'error').mockImplementation((...args: unknown[]) => {
      logged.push(args);
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const pool of pools) await pool.end();
  });

  /** Gives a busy machine more than the second that the page gives a server. */
  class RecordedPool extends Pool {
    constructor(options: PoolConfig) {
      super({ ...options, connectionTimeoutMillis: 15_000, statement_timeout: 15_000 });
      pools.push(this);
    }
  }
  const modules = {
    '@tokenpair/core': patientCore,
    '@tokenpair/postgres': patientPostgres,
    pg: { Pool: RecordedPool },
  };
  const { PostgresSessionStore } = patientPostgres;
  const migrate = () => new PostgresSessionStore({ client: openedPool() }).migrate();

  function openedPool(): Pool {
    // Without a listener, a connection that ends while it is idle ends the process.
    return new RecordedPool({ connectionString: server.url }).on('error', () => {});
  }

  it('signs in and refreshes, and a login before the tables exist names the command', async () => {
    const { tokens } = await runRecipe<{ tokens: TokenIssuer }>('postgres.md', {
      under: 'Set it up',
      modules,
      exported: ['tokens'],
    });
    await expect(issueTokenPair(tokens, { subject: 'u_1' })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message: expect.stringContaining('npx @tokenpair/cli postgres-schema') },
    });
    await migrate();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(refreshTokenPair(tokens, refreshToken)).resolves.toBeDefined();
  });

  it.each([
    ['the README', '../README.md', 'Sessions in Postgres'],
    ['docs/postgres.md', 'postgres.md', 'Set it up'],
    ['docs/postgres.md, with revocations', 'postgres.md', 'Logout in every process'],
  ])('outlives the end of an idle connection, and logs it: %s', async (_what, page, under) => {
    await migrate();
    const others = under.startsWith('Logout') ? ['revocations', 'followed'] : [];
    const { pool: used, ...following } = await runRecipe<
      { readonly pool: Pool } & Readonly<Record<string, Revocations>>
    >(page, { under, modules, exported: ['pool', ...others] });
    await used.query('SELECT 1');
    await openedPool().query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
      ['client backend'],
    );
    await until(() => logged.length > 0);
    expect(logged[0]).toEqual(['Postgres:', expect.stringContaining('terminating connection')]);
    await until(() => used.query('SELECT 1').then(Boolean, () => false));
    for (const one of Object.values(following)) await one.close();
  });

  it('shares sessions through every other client', async () => {
    await migrate();
    const sql = postgres(server.url, { onnotice: () => {} });
    const kysely = new Kysely({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: server.url }) }),
    });
    const db = drizzle(openedPool());
    // The answers of Prisma, whose engine does not run here: rows without anything around them.
    const pool = openedPool();
    const prisma = {
      $queryRawUnsafe: async (text: string, ...values: string[]) =>
        (await pool.query(text, values)).rows,
    };
    try {
      const { stores } = await runRecipe<{ stores: SessionStore[] }>('postgres.md', {
        under: 'Other clients',
        given: { sql, kysely, db, prisma },
        modules,
        exported: ['stores'],
      });
      expect(stores).toHaveLength(4);
      for (const store of stores) {
        const session = newSession({ owner: 'tag45678.u_1' });
        await store.create(session, roomy);
        for (const [index, other] of stores.entries()) {
          const generation = index + 1;
          const swap = other.swap(session.sessionId, expectOf(generation), {
            token: successorOf(generation),
          });
          await expect(swap).resolves.toMatchObject({ outcome: 'swapped' });
        }
        await expect(store.revoke(session.sessionId)).resolves.toBe(true);
        await store.close?.();
      }
    } finally {
      await sql.end();
      await kysely.destroy();
    }
  });

  it('removes what has ended', async () => {
    await migrate();
    const client = openedPool();
    const lines = jest.spyOn(console, 'log').mockImplementation(() => {});
    const session = newSession({ owner: 'tag45678.u_2', idleLifetime: 1, absoluteLifetime: 1 });
    const store = new PostgresSessionStore({ client, removalInterval: false });
    await store.create(session, roomy);
    await until(async () => (await store.get(session.sessionId)) === undefined);
    await runRecipe('postgres.md', {
      under: 'Removal',
      given: { client },
      modules,
      exported: ['store'],
    });
    expect(lines.mock.calls).toEqual([['removed 1 sessions']]);
  });

  it('refuses the access token of a logout in each other process', async () => {
    await migrate();
    interface Program {
      readonly tokens: TokenIssuer;
      readonly verifier: TokenVerifier;
      readonly revocations: Revocations;
      readonly followed: Revocations;
    }
    const program = await runRecipe<Program>('postgres.md', {
      under: 'Logout in every process',
      modules,
      exported: ['tokens', 'verifier', 'revocations', 'followed'],
    });
    const { tokens, verifier, revocations, followed } = program;
    try {
      const { accessToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
      const bearer = `Bearer ${accessToken}`;
      await followed.ready();
      await expect(verifyBearer(verifier, bearer)).resolves.toMatchObject({ subject: 'u_1' });
      await revokeSession(tokens, { sessionId });
      await until(() =>
        verifyBearer(verifier, bearer).then(
          () => false,
          (error: AuthError) => error.code === 'session_revoked',
        ),
      );
    } finally {
      await Promise.all([revocations.close(), followed.close()]);
    }
  });
});

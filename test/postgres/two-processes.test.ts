// Tests two processes with one Postgres, each with another client library, that get the same refresh token at the same time.

import { randomBytes } from 'node:crypto';

import { createTokenIssuer, issueTokenPair, type TokenPair } from '@tokenpair/core';
import { PostgresSessionStore } from '@tokenpair/postgres';
import type { Pool } from 'pg';

import { ownerOf } from '../support/issuer.js';
import { openPool } from '../support/postgres-clients.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { runInChild } from '../support/run-in-child.js';

interface Told {
  readonly refreshTokens: readonly string[];
  readonly events: readonly string[];
}

const issuer = 'https://login.example';
const keys = {
  access: randomBytes(32).toString('base64'),
  refresh: randomBytes(32).toString('base64'),
};

describePostgres(
  '500 parallel refreshes of one token in two processes, one with pg and one with postgres.js',
  () => {
    let server: PostgresServer;
    let pool: Pool;
    let store: PostgresSessionStore;
    let pair: TokenPair;

    beforeAll(async () => {
      server = await startPostgres();
      pool = openPool(server.url);
      store = new PostgresSessionStore({ client: pool });
      await store.migrate();
      const tokens = createTokenIssuer({
        issuer,
        audience: issuer,
        keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(keys.access, 'base64') }],
        refreshKeys: [{ kid: '1', secret: Buffer.from(keys.refresh, 'base64') }],
        store,
      });
      pair = await issueTokenPair(tokens, { subject: 'u_1' });
      await pool.query('CREATE TABLE ready (process int)');
    }, 60_000);
    afterAll(async () => {
      await store.close();
      await pool.end();
      await server.close();
    });

    test('rotate once, and all 500 answers have the same refresh token', async () => {
      const told = await Promise.all([refreshInChild('pg'), refreshInChild('postgresJs')]);
      const refreshTokens = told.flatMap((one) => one.refreshTokens);
      expect(refreshTokens).toHaveLength(500);
      expect(new Set(refreshTokens).size).toBe(1);
      const events = told.flatMap((one) => one.events);
      expect(events.filter((event) => event === 'rotated')).toHaveLength(1);
      expect(events.filter((event) => event === 'replayed')).toHaveLength(499);
      expect(events).toHaveLength(500);
      expect(
        (await store.list(ownerOf('u_1', issuer))).map(({ generation }) => generation),
      ).toEqual([2]);
    }, 60_000);

    async function refreshInChild(library: string): Promise<Told> {
      const { stdout, stderr } = await runInChild(refreshScript, {
        LIBRARY: library,
        DATABASE: server.url,
        ACCESS_KEY: keys.access,
        REFRESH_KEY: keys.refresh,
        REFRESH_TOKEN: pair.refreshToken,
      });
      expect(stderr).toBe('');
      return JSON.parse(stdout) as Told;
    }
  },
);

const refreshScript = `
  const { PostgresSessionStore } = requirePostgresStore();
  const { LIBRARY, DATABASE, ACCESS_KEY, REFRESH_KEY, REFRESH_TOKEN } = process.env;

  const open = {
    pg() {
      const pool = new (requireOfTests('pg').Pool)({ connectionString: DATABASE, max: 40 });
      return { client: pool, close: () => pool.end() };
    },
    postgresJs() {
      const sql = requireOfTests('postgres')(DATABASE, { max: 40 });
      const query = async (text, values) => ({ rows: await sql.unsafe(text, values) });
      return { client: { query }, close: () => sql.end() };
    },
  };

  (async () => {
    const { client, close } = open[LIBRARY]();
    const events = [];
    const tokens = core.createTokenIssuer({
      issuer: 'https://login.example',
      audience: 'https://login.example',
      keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(ACCESS_KEY, 'base64') }],
      refreshKeys: [{ kid: '1', secret: Buffer.from(REFRESH_KEY, 'base64') }],
      store: new PostgresSessionStore({ client, deadline: 20 }),
      deadline: 20,
      onEvent: ({ type, how }) =>
        events.push(type === 'session.refreshed' ? how : type),
    });
    // Both processes begin when both are ready, with all their connections.
    await Promise.all(Array.from({ length: 40 }, () => client.query('SELECT pg_sleep(0.01)', [])));
    await client.query('INSERT INTO ready VALUES (1)', []);
    while ((await client.query('SELECT FROM ready', [])).rows.length < 2) await new Promise(setImmediate);
    const pairs = await Promise.all(
      Array.from({ length: 250 }, () => core.refreshTokenPair(tokens, REFRESH_TOKEN)),
    );
    console.log(JSON.stringify({ refreshTokens: pairs.map((pair) => pair.refreshToken), events }));
    await close();
  })();
`;

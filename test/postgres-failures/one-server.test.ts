// Tests failures of a single Postgres server under a steady load of honest clients.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  type SessionStore,
} from '@tokenpair/core';

import { startHonestClients } from '../support/honest-clients.js';
import { createTestIssuer } from '../support/issuer.js';
import { expectNothingLost, tell } from '../support/load-expectations.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { openBoth, type OpenStores } from './stores.js';

jest.setTimeout(120_000);

describePostgres('one Postgres server', () => {
  let server: PostgresServer;
  let opened: OpenStores;

  beforeEach(async () => {
    // Durable, as in production: what was acknowledged survives the crash.
    server = await startPostgres(undefined, { settings: { fsync: 'on' } });
    opened = openBoth(server.port);
    await opened.stores[0]?.migrate();
  }, 120_000);
  afterEach(async () => {
    await opened.close();
    await server.close();
  });

  test('crashes and restarts with its data: every signed-in client is still signed in', async () => {
    const load = startHonestClients(opened.stores);
    await load.run(500);
    await load.fault(() => server.crash());
    await load.run(500);
    await load.untilUnavailable();
    await server.restart();
    await load.run(1_000);
    const report = await load.stop();
    tell('crash and restart of Postgres', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('is restarted in order: the connections end, and every client is still signed in', async () => {
    const load = startHonestClients(opened.stores);
    await load.run(500);
    await load.fault(() => server.shutDown());
    await load.untilUnavailable();
    await server.restart();
    await load.run(1_000);
    const report = await load.stop();
    tell('restart of Postgres in order', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('executes statements and their answers are lost: the same token works again', async () => {
    const proxy = await startTcpProxy(server.port);
    const behind = openBoth(proxy.port);
    try {
      const load = startHonestClients(behind.stores);
      for (let times = 0; times < 10; times += 1) {
        await load.run(150);
        await load.fault(() => proxy.cutBeforeNextAnswers());
      }
      await load.run(500);
      const report = await load.stop();
      tell(`${proxy.cuts} connections to Postgres cut before the answer`, report);
      expectNothingLost(report);
      expect(proxy.cuts).toBeGreaterThanOrEqual(10);
    } finally {
      await behind.close();
      await proxy.close();
    }
  });

  test('stops answering for longer than the deadline: 503 in time, and the same token works again', async () => {
    const load = startHonestClients(opened.stores);
    await load.run(500);
    await load.fault(() => server.pause());
    await load.run(2_500);
    await load.untilUnavailable();
    server.resume();
    await load.run(1_000);
    const report = await load.stop();
    tell('2.5 s without an answer of Postgres', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
    expect(report.slowest).toBeGreaterThanOrEqual(990);
  });

  test('is read-only for a while: refresh, login and logout get 503, and no client is signed out', async () => {
    const { tokens } = createTestIssuer({ store: opened.stores[0] as SessionStore });
    const staying = await issueTokenPair(tokens, { subject: 'staying' });
    const load = startHonestClients(opened.stores);
    await load.run(500);
    await load.fault(() => setReadOnly('on'));
    const unavailable = { code: 'temporarily_unavailable', status: 503 };
    await expect(issueTokenPair(tokens, { subject: 'coming' })).rejects.toMatchObject(unavailable);
    const { refreshToken } = staying;
    await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject(unavailable);
    await expect(revokeSession(tokens, { refreshToken })).rejects.toMatchObject(unavailable);
    await load.run(400);
    await load.untilUnavailable();
    await setReadOnly('off');
    await load.run(500);
    const report = await load.stop();
    tell('Postgres read-only', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
    await refreshTokenPair(tokens, refreshToken);
  });

  // Connections that are open take over the new default when the server has read its files again.
  async function setReadOnly(value: 'on' | 'off'): Promise<void> {
    const admin = server.connect();
    await admin.query(`SET default_transaction_read_only = off`);
    await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await admin.query('SELECT pg_reload_conf()');
    const isSet = async () =>
      (await server.connect().query('SHOW default_transaction_read_only'))[0]?.[0];
    while ((await isSet()) !== value);
  }
});

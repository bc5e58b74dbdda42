// Tests a failover to a streaming standby, of two real clusters: what synchronous and asynchronous replication lose.

import { startHonestClients } from '../support/honest-clients.js';
import { loseLastRotation, noClientSignedOut, type Failover } from '../support/last-rotation.js';
import { logouts, loseLastWrites } from '../support/last-writes.js';
import { expectNothingLost, expectOnlyLastWritesLost, tell } from '../support/load-expectations.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { openBoth, type OpenStores } from './stores.js';

jest.setTimeout(120_000);

describePostgres('a failover to a standby', () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  /** Between the standby and its primary, and between the stores and whichever is the primary. */
  let replication: TcpProxy;
  let access: TcpProxy;
  let opened: OpenStores;

  beforeEach(async () => {
    primary = await startPostgres();
    replication = await startTcpProxy(primary.port);
    access = await startTcpProxy(primary.port);
    opened = openBoth(access.port);
    await opened.stores[0]?.migrate();
    standby = await primary.startStandby('reader', replication.port);
    await untilStreaming('async');
  }, 120_000);
  afterEach(async () => {
    await opened.close();
    await access.close();
    await standby.close();
    await replication.close();
    await primary.close();
  });

  test('with synchronous replication loses nothing that was acknowledged', async () => {
    const admin = primary.connect();
    await admin.query(`ALTER SYSTEM SET synchronous_standby_names = 'reader'`);
    await admin.query('SELECT pg_reload_conf()');
    await untilStreaming('sync');
    const load = startHonestClients(opened.stores);
    await load.run(1_000);
    const logOut = await load.prepareLogouts(10);
    await logOut();
    await load.fault(() => primary.crash());
    await load.untilUnavailable();
    await takeOver();
    await load.run(1_000);
    const report = await load.stop();
    tell('failover of Postgres, synchronous', report);
    expectNothingLost(report);
    expect(report.redone).toBe(0);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('with asynchronous replication loses the last writes, and signs no client out', async () => {
    const report = await loseLastWrites(failover());
    tell('failover of Postgres, asynchronous, the standby lacks 300 ms', report);
    expectOnlyLastWritesLost(report);
    expect(report.redone).toBeGreaterThan(0);
    expect(report.cameBack.length).toBeGreaterThanOrEqual(logouts);
  });

  test('loses the last rotation of every client, and none of them notices', async () => {
    const { redone, ...report } = await loseLastRotation(failover());
    expect(report).toEqual(noClientSignedOut);
    expect(redone).toBeGreaterThan(0);
  });

  function failover(): Failover {
    return {
      stores: opened.stores,
      stopReplication: async () => replication.fallSilent(),
      async crash() {
        await primary.crash();
        await takeOver();
      },
    };
  }

  async function takeOver(): Promise<void> {
    access.redirect(standby.port);
    await standby.promote();
  }

  async function untilStreaming(state: 'sync' | 'async'): Promise<void> {
    const admin = primary.connect();
    const states = async () =>
      (await admin.query('SELECT sync_state FROM pg_stat_replication')).map(([one]) => one);
    while ((await states())[0] !== state);
  }
});

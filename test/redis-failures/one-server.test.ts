// Tests failures of a single Redis server under a steady load of honest clients.

import { issueTokenPair, refreshTokenPair, revokeSession } from '@tokenpair/core';

import { startHonestClients } from '../support/honest-clients.js';
import { createTestIssuer } from '../support/issuer.js';
import { expectNothingLost, tell } from '../support/load-expectations.js';
import { openBoth, openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { describeFailure } from './failure.js';

jest.setTimeout(120_000);

/** Seconds: a deadline that only an answer that never comes can miss. */
const patient = 10;

describeFailure('one Redis server', () => {
  let redis: RedisProcess;
  let opened: readonly OpenStore[];

  beforeEach(() => start());
  afterEach(() => stop());

  test('crashes and restarts with its data: every signed-in client is still signed in', async () => {
    await stop();
    await start(['--appendonly', 'yes', '--appendfsync', 'always']);
    const load = startHonestClients(stores());
    await load.run(500);
    await load.fault(() => redis.crash());
    await load.run(500);
    await load.untilUnavailable();
    await redis.restart();
    await load.run(1_000);
    const report = await load.stop();
    tell('crash and restart', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('loses its scripts: no request fails', async () => {
    await stop();
    // No request is slow because of it, and on a busy machine none fails for another reason.
    await start([], patient);
    const load = startHonestClients(stores());
    for (let times = 0; times < 20; times++) {
      await load.run(50);
      await load.fault(() => send('SCRIPT', 'FLUSH'));
    }
    const report = await load.stop();
    tell('SCRIPT FLUSH, 20 times', report);
    expectNothingLost(report);
    expect(report.unavailable).toBe(0);
  });

  test('executes commands and their answers are lost: the same token works again', async () => {
    const proxy = await startTcpProxy(redis.port);
    const behind = await openBoth(`redis://127.0.0.1:${proxy.port}`);
    try {
      const load = startHonestClients(behind.map(({ store }) => store));
      for (let times = 0; times < 10; times++) {
        await load.run(150);
        await load.fault(() => proxy.cutBeforeNextAnswers());
      }
      await load.run(500);
      const report = await load.stop();
      tell(`${proxy.cuts} connections cut before the answer`, report);
      expectNothingLost(report);
      expect(proxy.cuts).toBeGreaterThanOrEqual(10);
    } finally {
      for (const one of behind) await one.close();
      await proxy.close();
    }
  });

  test('stops answering for longer than the deadline: 503 in time, and the same token works again', async () => {
    const load = startHonestClients(stores());
    await load.run(500);
    await load.fault(() => redis.signal('SIGSTOP'));
    await load.run(2_500);
    await load.untilUnavailable();
    redis.signal('SIGCONT');
    await load.run(1_000);
    const report = await load.stop();
    tell('2.5 s without an answer', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
    expect(report.slowest).toBeGreaterThanOrEqual(990);
  });

  test('is full: refreshes get 503, a login gets store_full, a logout works, and no client is signed out', async () => {
    const slow = await openNodeRedis(redis.url, undefined, patient);
    opened = [...opened, slow];
    const { tokens } = createTestIssuer({ store: slow.store });
    const leaving = await issueTokenPair(tokens, { subject: 'leaving' });
    const staying = await issueTokenPair(tokens, { subject: 'staying' });

    const load = startHonestClients(stores().slice(0, 2));
    await load.run(500);
    await load.fault(() => send('CONFIG', 'SET', 'maxmemory', '1'));
    await load.untilUnavailable();
    await expect(issueTokenPair(tokens, { subject: 'coming' })).rejects.toMatchObject({
      code: 'store_full',
      status: 503,
    });
    await expect(refreshTokenPair(tokens, staying.refreshToken)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
    });
    expect(await revokeSession(tokens, { refreshToken: leaving.refreshToken })).toBe(true);
    await load.run(400);
    await send('CONFIG', 'SET', 'maxmemory', '0');
    await load.run(500);
    const report = await load.stop();
    tell('maxmemory reached', report);
    expectNothingLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
    await refreshTokenPair(tokens, staying.refreshToken);
    await expect(refreshTokenPair(tokens, leaving.refreshToken)).rejects.toMatchObject({
      code: 'refresh_token_invalid',
    });
  });

  async function start(args: readonly string[] = [], deadline?: number): Promise<void> {
    redis = await startRedis({ args });
    opened = await openBoth(redis.url, deadline);
  }

  async function stop(): Promise<void> {
    for (const one of opened) await one.close();
    await redis.stop();
  }

  function stores() {
    return opened.map(({ store }) => store);
  }

  async function send(...command: readonly string[]): Promise<void> {
    const admin = await openNodeRedis(redis.url);
    await admin.send(...command);
    await admin.close();
  }
});

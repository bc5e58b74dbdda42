// Services in processes of their own with one Postgres, and with one that fails over: A and C issue and verify, B only verifies,
// with a role that may only read the log.

import type { TokenPair } from '@tokenpair/core';
import { postgresSchema } from '@tokenpair/postgres';

import {
  describePostgres,
  startPostgres,
  type PostgresServer,
  type PostgresSession,
} from '../support/postgres-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { createServices, type Service, type ServiceConfig } from './services.js';

jest.setTimeout(90_000);

const accessOf = (pairs: readonly TokenPair[]) => pairs.map(({ accessToken }) => accessToken);

async function isEvery(service: Service, pairs: readonly TokenPair[], outcome: string) {
  return (await service.ask('check', accessOf(pairs))).every((one) => one === outcome);
}

const loginMany = (service: Service, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => service.ask('login', { subject: `u_${index}` })),
  );

async function prepare(server: PostgresServer): Promise<PostgresSession> {
  const admin = server.connect();
  await admin.query(postgresSchema().replaceAll('\n', ' '));
  await admin.query('CREATE ROLE verifier LOGIN');
  await admin.query(
    'GRANT SELECT ON tokenpair_session_log, tokenpair_session_revocation TO verifier',
  );
  return admin;
}

describePostgres('services with one Postgres', () => {
  let server: PostgresServer;
  let access: TcpProxy;
  let services: ReturnType<typeof createServices>;

  beforeEach(async () => {
    server = await startPostgres(undefined, { settings: { fsync: 'on' } });
    await prepare(server);
    access = await startTcpProxy(server.port);
    services = createServices();
  }, 60_000);
  afterEach(async () => {
    await services.stop();
    await access.close();
    await server.close();
  });

  const urlFor = (role: string) => `postgres://${role}@127.0.0.1:${access.port}/postgres`;

  async function start(config: ServiceConfig): Promise<Service> {
    const service = await services.start(config);
    await service.ask('ready');
    return service;
  }

  function startIssuer(library: 'pg' | 'postgres.js' = 'pg'): Promise<Service> {
    const connection = { library, url: urlFor('test') };
    return start({ isIssuer: true, log: connection, store: connection });
  }

  const startVerifier = (follow: ServiceConfig['follow'] = {}) =>
    start({ log: { library: 'postgres.js', url: urlFor('verifier') }, follow });

  test('refuse a token everywhere within a second after its logout at one of them', async () => {
    const [a, b, c] = await Promise.all([
      startIssuer(),
      startVerifier(),
      startIssuer('postgres.js'),
    ]);
    const lags: number[] = [];
    for (const { accessToken, sessionId } of await loginMany(a, 20)) {
      const refusals = [b, c].map((one) => one.ask('untilRefused', accessToken));
      await a.ask('end', sessionId);
      const returned = Date.now();
      for (const { outcome, at } of await Promise.all(refusals)) {
        expect(outcome).toBe('session_revoked');
        lags.push(at - returned);
      }
    }
    lags.sort((one, other) => one - other);
    const [median = 0, slowest = 0] = [lags[lags.length >> 1], lags.at(-1)];
    process.stdout.write(`logout through Postgres: median ${median} ms, slowest ${slowest} ms\n`);
    // Each logout follows a read at once, so it waits for a whole pause of 250 ms.
    expect(median).toBeLessThan(1_000);
  });

  test('end everything at once, and a login afterwards passes', async () => {
    const [a, b, c] = await Promise.all([startIssuer(), startVerifier(), startIssuer()]);
    const before = await loginMany(a, 5);
    await a.ask('kill');
    const after = await loginMany(c, 5);
    await until(() => isEvery(b, before, 'session_revoked'));
    for (const service of [a, b, c]) {
      await until(() => isEvery(service, before, 'session_revoked'));
      expect(await isEvery(service, after, 'ok')).toBe(true);
    }
    await expect(c.ask('refresh', before[0]?.refreshToken ?? '')).rejects.toMatchObject({
      code: 'refresh_token_invalid',
    });
    await c.ask('refresh', after[0]?.refreshToken ?? '');
  });

  test('forget no revocation when Postgres crashes and comes back, and a newcomer has them', async () => {
    const [a, b] = await Promise.all([startIssuer(), startVerifier()]);
    const [ended, later, live] = await loginMany(a, 3);
    await a.ask('end', ended?.sessionId ?? '');
    await server.crash();
    await server.restart();
    await until(async () => {
      try {
        await a.ask('end', later?.sessionId ?? '');
        return true;
      } catch {
        return false;
      }
    });
    const both = [ended, later] as TokenPair[];
    const newcomer = await startVerifier();
    for (const service of [a, b, newcomer]) {
      await until(() => isEvery(service, both, 'session_revoked'));
      expect(await isEvery(service, [live as TokenPair], 'ok')).toBe(true);
    }
    const events = [...(await a.ask('events')), ...(await b.ask('events'))];
    expect(events.filter(({ type }) => type === 'revocations.gap')).toEqual([]);
  });

  test('are behind while Postgres does not answer, and catch up: 503 or the old verdict, as each has chosen', async () => {
    const a = await startIssuer();
    const [strict, lenient] = await Promise.all([
      startVerifier({ maxAge: 2, whenBehind: 'refuse' }),
      startVerifier({ maxAge: 2 }),
    ]);
    const pairs = await loginMany(a, 2);
    const [ended, live] = pairs as [TokenPair, TokenPair];
    await until(() => isEvery(strict, pairs, 'ok'));
    await a.ask('end', ended.sessionId);
    await until(() => isEvery(strict, [ended], 'session_revoked'));
    server.pause();
    await until(() => isEvery(strict, [live], 'temporarily_unavailable'));
    expect(await isEvery(lenient, [live], 'ok')).toBe(true);
    expect(await isEvery(strict, [ended], 'session_revoked')).toBe(true);
    // It comes when the read that hangs has failed.
    for (const service of [strict, lenient]) {
      await until(() => reports(service, 'revocations.behind'));
    }
    server.resume();
    await until(() => isEvery(strict, [live], 'ok'));
    for (const service of [strict, lenient]) {
      await until(() => reports(service, 'revocations.caught_up'));
    }
  });

  test('hold every logout when a standby takes over that lacks the last entries, while a verifier sleeps', async () => {
    const replication = await startTcpProxy(server.port);
    const standby = await server.startStandby('reader', replication.port);
    try {
      const [a, b, c] = await Promise.all([startIssuer(), startVerifier(), startIssuer()]);
      const ended = await loginMany(a, 10);
      const others = await loginMany(a, 20);
      // The standby must have the logins: otherwise the sessions are lost with them.
      const onStandby = standby.connect();
      const replicated = async () =>
        Number((await onStandby.query('SELECT count(*) FROM tokenpair_session'))[0]?.[0]);
      await until(async () => (await replicated()) === 30);
      await until(() => isEvery(b, others, 'ok'));
      b.signal('SIGSTOP');
      replication.fallSilent();
      for (const { sessionId } of ended) await a.ask('end', sessionId);
      await until(() => isEvery(c, ended, 'session_revoked'));
      await server.crash();
      expect(await replicated()).toBe(30);
      access.redirect(standby.port);
      await standby.promote();
      b.signal('SIGCONT');
      for (const service of [a, b, c]) {
        await until(() => isEvery(service, ended, 'session_revoked'));
        expect(await isEvery(service, others, 'ok')).toBe(true);
      }
      const newcomer = await startVerifier();
      await until(() => isEvery(newcomer, ended, 'session_revoked'));
      expect(await isEvery(newcomer, others, 'ok')).toBe(true);
      // The store has lost the ends too. They are ended again.
      await until(async () => (await replicated()) === 20);
      for (const { refreshToken } of ended) {
        await expect(c.ask('refresh', refreshToken)).rejects.toMatchObject({
          code: 'refresh_token_invalid',
        });
      }
      for (const { refreshToken, sessionId } of others) {
        expect((await c.ask('refresh', refreshToken)).sessionId).toBe(sessionId);
      }
      const events = [...(await a.ask('events')), ...(await c.ask('events'))];
      expect(events.filter(({ kind }) => kind === 'rolled_back').length).toBeGreaterThan(0);
      expect(events.filter(({ type }) => type === 'session.revived').length).toBeGreaterThan(0);
    } finally {
      await standby.close();
      await replication.close();
    }
  });
});

/** Whether a service has emitted the event; on a slow machine more than once. */
async function reports(service: Service, wanted: string): Promise<boolean> {
  return (await service.ask('events')).some(({ type }) => type === wanted);
}

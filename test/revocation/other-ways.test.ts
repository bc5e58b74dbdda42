// A verifier whose way to the log is bad, or leads over HTTP.

import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { openAdmin } from './admin.js';
import { startBalancer } from './balancer.js';
import { createServices, type Service } from './services.js';

jest.setTimeout(60_000);

const library = 'node-redis';

const urlOf = (port: number) => `http://127.0.0.1:${port}/revocations`;

let redis: RedisProcess;
let services: ReturnType<typeof createServices>;
let a: Service;

beforeEach(async () => {
  redis = await startRedis();
  services = createServices();
  a = await startIssuer();
});

afterEach(async () => {
  await services.stop();
  await redis.stop();
});

async function startIssuer(): Promise<Service> {
  const connection = { library, url: redis.url } as const;
  const service = await services.start({ isIssuer: true, log: connection, store: connection });
  await service.ask('ready');
  return service;
}

async function isRefused(service: Service, token: string): Promise<boolean> {
  return (await service.ask('check', [token]))[0] === 'session_revoked';
}

describe.each(['node-redis', 'ioredis'] as const)(
  'a verifier whose connection is bad, with %s',
  (client) => {
    let proxies: TcpProxy[];

    afterEach(async () => {
      for (const proxy of proxies) await proxy.close();
    });

    test('misses nothing, reports no loss and delays no request, through 20 cuts', async () => {
      const access = await startTcpProxy(redis.port);
      proxies = [access];
      const b = await services.start({
        log: { library: client, url: `redis://127.0.0.1:${access.port}` },
      });
      await b.ask('ready');
      const kept = await a.ask('login', { subject: 'kept' });
      for (let cut = 0; cut < 20; cut += 1) {
        const ended = await a.ask('login', { subject: 'u_1' });
        access.cutBeforeNextAnswers();
        const during = b.ask('requests', { token: kept.accessToken, forTime: 100 });
        await a.ask('end', ended.sessionId);
        await until(() => isRefused(b, ended.accessToken));
        const { slowest, outcomes } = await during;
        expect(outcomes).toEqual(['ok']);
        // A request that waited for the log would take its deadline of a second.
        expect(slowest).toBeLessThan(900);
      }
      expect(access.cuts).toBeGreaterThan(0);
      const events = await b.ask('events');
      expect(events.filter(({ type }) => type.startsWith('revocations.'))).toEqual([]);
    });

    test('misses nothing, reports no loss and delays no request, when it is half open 20 times', async () => {
      const access = await startTcpProxy(redis.port);
      proxies = [access];
      const b = await services.start({
        log: { library: client, url: `redis://127.0.0.1:${access.port}` },
      });
      await b.ask('ready');
      const kept = await a.ask('login', { subject: 'kept' });
      for (let round = 0; round < 20; round += 1) {
        const ended = await a.ask('login', { subject: 'u_1' });
        const { drops } = access;
        access.fallSilent();
        const during = b.ask('requests', { token: kept.accessToken, forTime: 100 });
        await a.ask('end', ended.sessionId);
        await until(() => access.drops > drops);
        const { slowest, outcomes } = await during;
        expect(outcomes).toEqual(['ok']);
        // A request that waited for the log would take its deadline of a second.
        expect(slowest).toBeLessThan(900);
        expect(await isRefused(b, ended.accessToken)).toBe(false);
        access.speakAgain();
        await until(() => isRefused(b, ended.accessToken));
      }
      const events = await b.ask('events');
      expect(events.filter(({ type }) => type.startsWith('revocations.'))).toEqual([]);
    });

    test('answers 503 under `refuse` when it is half open: nothing arrives, and nothing says so', async () => {
      const access = await startTcpProxy(redis.port);
      proxies = [access];
      const b = await services.start({
        log: { library: client, url: `redis://127.0.0.1:${access.port}` },
        follow: { maxAge: 2, whenBehind: 'refuse' },
      });
      await b.ask('ready');
      const { accessToken } = await a.ask('login', { subject: 'u_1' });
      await until(async () => (await b.ask('check', [accessToken]))[0] === 'ok');
      access.fallSilent();
      await until(
        async () => (await b.ask('check', [accessToken]))[0] === 'temporarily_unavailable',
      );
      expect(await b.ask('state')).toMatchObject({ status: 'behind' });
    });
  },
);

describe('a verifier that follows over HTTP', () => {
  const headers = { authorization: 'Bearer follower' };

  test('refuses a token after its logout, and answers 503 under `refuse` when the issuer is gone', async () => {
    const remote = { url: urlOf(await a.ask('serve')), headers };
    const b = await services.start({ remote, follow: { maxAge: 5, whenBehind: 'refuse' } });
    await b.ask('ready');
    const pairs = await Promise.all(
      Array.from({ length: 8 }, () => a.ask('login', { subject: 'u_1' })),
    );
    const kept = await a.ask('login', { subject: 'u_2' });
    const lags: number[] = [];
    for (const { accessToken, sessionId } of pairs) {
      const refused = b.ask('untilRefused', accessToken);
      await a.ask('end', sessionId);
      const returned = Date.now();
      const { outcome, at } = await refused;
      expect(outcome).toBe('session_revoked');
      lags.push(at - returned);
    }
    process.stdout.write(
      `logout at A until a follower over HTTP refuses: at most ${Math.max(...lags)} ms\n`,
    );
    // The promise is 1.5 s on an idle machine.
    expect(Math.min(...lags)).toBeLessThan(1_500);
    await a.stop();
    await until(
      async () => (await b.ask('check', [kept.accessToken]))[0] === 'temporarily_unavailable',
    );
    expect(await isRefused(b, pairs[0]?.accessToken ?? '')).toBe(true);
  });

  test('misses nothing and reports no loss when one of two instances lags', async () => {
    const replication = await startTcpProxy(redis.port);
    const replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', String(replication.port)],
    });
    const access = await startTcpProxy(redis.port);
    const store = { library, url: redis.url } as const;
    const log = { library, url: `redis://127.0.0.1:${access.port}` } as const;
    const lagging = await services.start({ isIssuer: true, log, store });
    await lagging.ask('ready');
    const onReplica = await openAdmin(replica.url);
    await until(async () => Number(await onReplica.send('DBSIZE')) >= 2);
    // From now on this instance reads a replica that hears nothing any more.
    replication.fallSilent();
    access.redirect(replica.port);
    access.cutBeforeNextAnswers();
    const balancer = await startBalancer([await a.ask('serve'), await lagging.ask('serve')]);
    try {
      const remote = { url: urlOf(balancer.port), headers };
      const b = await services.start({ remote, follow: { whenBehind: 'refuse', maxAge: 10 } });
      await b.ask('ready');
      const kept = await a.ask('login', { subject: 'kept' });
      await until(async () => (await b.ask('check', [kept.accessToken]))[0] === 'ok');
      let position = 0;
      for (let round = 0; round < 3; round += 1) {
        const ended = await a.ask('login', { subject: 'u_1' });
        await a.ask('end', ended.sessionId);
        const asked = balancer.answers[1] ?? 0;
        await until(() => isRefused(b, ended.accessToken));
        // Also after it has heard the instance that lags.
        await until(() => (balancer.answers[1] ?? 0) > asked);
        expect(await isRefused(b, ended.accessToken)).toBe(true);
        expect(await isRefused(lagging, ended.accessToken)).toBe(false);
        expect(await b.ask('check', [kept.accessToken])).toEqual(['ok']);
        const state = await b.ask('state');
        expect(state).toMatchObject({ status: 'live' });
        expect(state.position).toBeGreaterThan(position);
        position = state.position;
      }
      const events = await b.ask('events');
      expect(events.filter(({ type }) => type.startsWith('revocations.'))).toEqual([]);
    } finally {
      await balancer.close();
      await onReplica.close();
      for (const proxy of [access, replication]) await proxy.close();
      await replica.stop();
    }
  });

  test('has no contact with wrong credentials', async () => {
    const url = urlOf(await a.ask('serve'));
    const b = await services.start({
      remote: { url, headers: { authorization: 'Bearer stranger' } },
      follow: { maxAge: 2, whenBehind: 'refuse' },
    });
    const { accessToken } = await a.ask('login', { subject: 'u_1' });
    await until(async () => (await b.ask('check', [accessToken]))[0] === 'temporarily_unavailable');
    expect(await b.ask('state')).toMatchObject({ status: 'starting', facts: 0 });
  });

  test('has no contact with the log of another issuer', async () => {
    const connection = { library, url: redis.url } as const;
    const other = await services.start({
      isIssuer: true,
      issuer: 'https://other.test',
      log: connection,
      store: connection,
    });
    await other.ask('ready');
    const theirs = await other.ask('login', { subject: 'u_1' });
    await other.ask('end', theirs.sessionId);
    const follow = { maxAge: 2, whenBehind: 'refuse' } as const;
    const remote = { url: urlOf(await other.ask('serve')), headers };
    // One follows the log of the right issuer first: another server takes its place.
    const balancer = await startBalancer([await a.ask('serve')]);
    try {
      const [fromStart, later] = await Promise.all([
        services.start({ remote, follow }),
        services.start({
          remote: { url: urlOf(balancer.port), headers },
          follow: { ...follow, maxAge: 5 },
        }),
      ]);
      const pair = await a.ask('login', { subject: 'u_1' });
      const outcomeAt = async (service: Service) =>
        (await service.ask('check', [pair.accessToken]))[0];
      await until(async () => (await outcomeAt(later)) === 'ok');
      const { position } = await later.ask('state');
      balancer.redirect([Number(new URL(remote.url).port)]);
      for (const one of [fromStart, later]) {
        await until(async () => (await outcomeAt(one)) === 'temporarily_unavailable');
      }
      expect(await fromStart.ask('state')).toMatchObject({ status: 'starting', facts: 0 });
      expect(await later.ask('state')).toMatchObject({ status: 'behind', facts: 0 });
      const events = [...(await fromStart.ask('events')), ...(await later.ask('events'))];
      expect(events.filter(({ type }) => type === 'revocations.gap')).toEqual([]);
      // It is behind, and says what it has heard itself.
      expect((await later.ask('state')).position).toBeGreaterThanOrEqual(position);
    } finally {
      await balancer.close();
    }
  });
});

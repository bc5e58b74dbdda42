// Three services whose Redis fails over to a replica that lacks the last entries of the log.

import type { TokenPair } from '@tokenpair/core';

import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startCluster, startSentinel } from '../support/redis-topologies.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { openAdmin, type Admin } from './admin.js';
import { isEvery, loginMany } from './pairs.js';
import { createServices, type Connection, type Service } from './services.js';

jest.setTimeout(90_000);

const libraries = ['node-redis', 'ioredis'] as const;

async function untilReplicated({ send }: Admin): Promise<void> {
  await until(async () =>
    String(await send('INFO', 'replication')).includes('master_link_status:up'),
  );
}

describe.each(libraries)('a replica that lacks the last entries, with %s', (library) => {
  let primary: RedisProcess;
  let replica: RedisProcess;
  let sessions: RedisProcess;
  let replication: TcpProxy;
  let access: TcpProxy;
  let onReplica: Admin;
  let services: ReturnType<typeof createServices>;

  beforeEach(async () => {
    primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    replication = await startTcpProxy(primary.port);
    replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(replication.port)] });
    access = await startTcpProxy(primary.port);
    onReplica = await openAdmin(replica.url);
    await untilReplicated(onReplica);
    services = createServices();
    sessions = primary;
  });

  afterEach(async () => {
    await services.stop();
    await onReplica.close();
    for (const proxy of [access, replication]) await proxy.close();
    for (const redis of [replica, primary]) await redis.stop();
    if (sessions !== primary) await sessions.stop();
  });

  const throughProxy = (): Connection => ({ library, url: `redis://127.0.0.1:${access.port}` });

  async function start(isIssuer: boolean): Promise<Service> {
    const connections = { log: throughProxy(), ...(isIssuer && { store: throughProxy() }) };
    const service = await services.start({ isIssuer, ...connections });
    await service.ask('ready');
    return service;
  }

  async function takeOver(): Promise<void> {
    await primary.crash();
    access.redirect(replica.port);
    await onReplica.send('REPLICAOF', 'NO', 'ONE');
  }

  test('takes over while a verifier sleeps: every logout holds everywhere, and nobody else is refused', async () => {
    const [a, b, c] = await Promise.all([start(true), start(false), start(true)]);
    const ended = await loginMany(a, 10);
    const others = await loginMany(a, 20);
    // The replica must have the logins: otherwise the sessions are lost with them.
    await until(async () => Number(await onReplica.send('DBSIZE')) >= 32);
    await until(() => isEvery(b, others, 'ok'));
    b.signal('SIGSTOP');
    replication.fallSilent();
    for (const { sessionId } of ended) await a.ask('end', sessionId);
    await until(() => isEvery(c, ended, 'session_revoked'));
    await takeOver();
    b.signal('SIGCONT');
    for (const service of [a, b, c]) {
      await until(() => isEvery(service, ended, 'session_revoked'));
      expect(await isEvery(service, others, 'ok')).toBe(true);
    }
    const newcomer = await start(false);
    await until(() => isEvery(newcomer, ended, 'session_revoked'));
    expect(await isEvery(newcomer, others, 'ok')).toBe(true);
    // The store has lost the ends too. They are ended again.
    for (const { refreshToken } of ended) {
      for (const service of [a, c]) {
        await expect(service.ask('refresh', refreshToken)).rejects.toMatchObject({
          code: 'refresh_token_invalid',
        });
      }
    }
    for (const { refreshToken, sessionId } of others) {
      const next = await c.ask('refresh', refreshToken);
      expect(next.sessionId).toBe(sessionId);
    }
    const events = [...(await a.ask('events')), ...(await c.ask('events'))];
    expect(events.filter(({ kind }) => kind === 'rolled_back').length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'session.revived').length).toBeGreaterThan(0);
  });

  test('takes over, and a newcomer writes before the others read: no revocation is forgotten', async () => {
    const [a, b] = await Promise.all([start(true), start(false)]);
    const ended = await loginMany(a, 5);
    const others = await loginMany(a, 5);
    await until(async () => Number(await onReplica.send('DBSIZE')) >= 12);
    replication.fallSilent();
    for (const { sessionId } of ended) await a.ask('end', sessionId);
    await until(() => isEvery(b, ended, 'session_revoked'));
    // A has not read its own entries back yet.
    for (const one of [a, b]) one.signal('SIGSTOP');
    await takeOver();
    const newcomer = await start(true);
    await newcomer.ask('changeClaims', { subject: 'u_9' });
    for (const one of [a, b]) one.signal('SIGCONT');
    for (const service of [a, b, newcomer]) {
      await until(() => isEvery(service, ended, 'session_revoked'));
      expect(await isEvery(service, others, 'ok')).toBe(true);
    }
  });

  test('takes over with a clock that is behind, and a newcomer changes a role: tokens from before stop, and no entry is missed', async () => {
    sessions = await startRedis();
    const store: Connection = { library, url: sessions.url };
    const issuer = { isIssuer: true, log: throughProxy(), store };
    const [a, b, c] = await Promise.all(
      [issuer, { log: throughProxy() }, issuer].map((config) => services.start(config)),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error('no services');
    for (const service of [a, b, c]) await service.ask('ready');
    const ended = await loginMany(a, 5);
    const others = await loginMany(a, 5);
    await until(async () => Number(await onReplica.send('DBSIZE')) >= 2);
    replication.fallSilent();
    await moveAhead(primary);
    for (const { sessionId } of ended) await a.ask('end', sessionId);
    for (const service of [b, c]) await until(() => isEvery(service, ended, 'session_revoked'));
    const changed = [await c.ask('login', { subject: 'changed' })];
    await until(() => isEvery(b, changed, 'ok'));
    const { position } = await c.ask('state');
    for (const one of [a, b, c]) one.signal('SIGSTOP');
    await takeOver();
    const newcomer = await services.start(issuer);
    await newcomer.ask('ready');
    await newcomer.ask('changeClaims', { subject: 'changed' });
    expect((await newcomer.ask('state')).position).toBeLessThan(position);
    for (const one of [a, b, c]) one.signal('SIGCONT');
    for (const service of [a, b, c, newcomer]) {
      await until(() => isEvery(service, ended, 'session_revoked'));
      await until(() => isEvery(service, changed, 'claims_stale'));
      expect(await isEvery(service, others, 'ok')).toBe(true);
    }
    const next = [await newcomer.ask('refresh', changed[0]?.refreshToken ?? '')];
    for (const service of [a, b, c, newcomer]) await until(() => isEvery(service, next, 'ok'));
  });
});

/** Moves the positions of a log an hour ahead, as a clock that is ahead does. */
async function moveAhead({ url }: RedisProcess): Promise<void> {
  const admin = await openAdmin(url);
  const [feed = ''] = (await admin.send('KEYS', '*{revocations}*:feed')) as string[];
  await admin.send('HSET', feed, 'head', String((Date.now() + 3_600_000) * 1_000));
  await admin.close();
}

describe.each(libraries)('a primary that was replaced and still answers, with %s', (library) => {
  test('leaves its followers behind: under `refuse` they answer 503', async () => {
    const old = await startRedis();
    const next = await startRedis();
    const access = await startTcpProxy(old.port);
    const admin = await openAdmin(old.url);
    const services = createServices();
    try {
      const url = `redis://127.0.0.1:${access.port}`;
      const a = await services.start({
        isIssuer: true,
        log: { library, url },
        store: { library, url },
      });
      await a.ask('ready');
      // B stays with the old primary.
      const b = await services.start({
        log: { library, url: old.url },
        follow: { maxAge: 2, whenBehind: 'refuse' },
      });
      await b.ask('ready');
      const pairs = [await a.ask('login', { subject: 'u_1' })];
      await until(() => isEvery(b, pairs, 'ok'));
      // A replica of a server that is not there: it serves what it has, and takes no writes.
      await admin.send('REPLICAOF', '127.0.0.1', '1');
      access.redirect(next.port);
      await until(() => isEvery(b, pairs, 'temporarily_unavailable'));
      expect(await b.ask('state')).toMatchObject({ status: 'behind' });
    } finally {
      await services.stop();
      await admin.close();
      await access.close();
      for (const one of [old, next]) await one.stop();
    }
  });
});

describe.each(libraries)('a failover of Sentinel, with %s', (library) => {
  test('loses no revocation that an issuer remembers', async () => {
    const sentinel = await startSentinel();
    const services = createServices();
    try {
      const ports = sentinel.sentinels.map(({ port }) => port);
      const connection = { library, sentinel: { name: sentinel.name, ports } };
      const refused = await endThroughFailover(services, connection, () =>
        sentinel.primary.crash(),
      );
      expect(refused).toBe(true);
    } finally {
      await services.stop();
      await sentinel.stop();
    }
  });
});

describe.each(libraries)('a Cluster that loses the master of the log, with %s', (library) => {
  test('loses no revocation that an issuer remembers', async () => {
    const cluster = await startCluster();
    const services = createServices();
    try {
      const connection = { library, cluster: cluster.nodes.map(({ port }) => port) };
      const refused = await endThroughFailover(services, connection, async () => {
        for (const node of cluster.nodes.slice(0, 3)) {
          const admin = await openAdmin(node.url);
          const keys = (await admin.send('KEYS', '*{revocations}*')) as string[];
          await admin.close();
          if (keys.length > 0) await node.crash();
        }
      });
      expect(refused).toBe(true);
    } finally {
      await services.stop();
      await cluster.stop();
    }
  });
});

/** Ends sessions until the primary is killed, and after the failover. @returns whether no other session is refused. */
async function endThroughFailover(
  services: ReturnType<typeof createServices>,
  connection: Connection,
  crash: () => Promise<void>,
): Promise<boolean> {
  const issuing = { isIssuer: true, log: connection, store: connection } as const;
  const [a, b, c] = await Promise.all([
    services.start(issuing),
    services.start({ log: connection, follow: { maxAge: 10 } }),
    services.start(issuing),
  ]);
  for (const service of [a, b, c]) await service.ask('ready');
  const before = await loginMany(a, 10);
  const others = await loginMany(a, 10);
  for (const { sessionId } of before) await a.ask('end', sessionId);
  for (const service of [b, c]) await until(() => isEvery(service, before, 'session_revoked'));
  await crash();
  // While the others elect a primary, calls are refused. The clients come back by themselves.
  let later: TokenPair | undefined;
  await until(async () => {
    later ??= await a.ask('login', { subject: 'later' }).catch(() => undefined);
    return later !== undefined;
  });
  const afterwards = later as TokenPair;
  await until(async () =>
    a.ask('end', afterwards.sessionId).then(
      () => true,
      () => false,
    ),
  );
  const refused = [...before, afterwards];
  for (const service of [a, b, c]) {
    await until(() => isEvery(service, refused, 'session_revoked'));
    if (!(await isEvery(service, others, 'ok'))) return false;
  }
  for (const { refreshToken } of refused) {
    for (const service of [a, c]) {
      await expect(service.ask('refresh', refreshToken)).rejects.toMatchObject({
        code: 'refresh_token_invalid',
      });
    }
  }
  return true;
}

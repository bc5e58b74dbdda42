// Services whose Redis forgets everything: restarted without persistence, or flushed before a newcomer comes.

import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { openAdmin, verifierUser } from './admin.js';
import { isEvery } from './pairs.js';
import { createServices, type Connection, type Service } from './services.js';

jest.setTimeout(60_000);

describe.each(['node-redis', 'ioredis'] as const)('a Redis that forgot, with %s', (library) => {
  let redis: RedisProcess;
  let sessions: RedisProcess;
  let services: ReturnType<typeof createServices>;

  beforeEach(async () => {
    services = createServices();
    // The user is in its settings, so that a restart does not remove it.
    redis = await startRedis({ args: ['--user', ...verifierUser(services.prefix)] });
    sessions = await startRedis();
  });

  afterEach(async () => {
    await services.stop();
    for (const one of [redis, sessions]) await one.stop();
  });

  async function startIssuer(): Promise<Service> {
    const log: Connection = { library, url: redis.url };
    const store: Connection = { library, url: sessions.url };
    const issuer = await services.start({ isIssuer: true, log, store });
    await issuer.ask('ready');
    return issuer;
  }

  async function startVerifier(): Promise<Service> {
    const url = redis.url.replace('redis://', 'redis://verifier:secret@');
    const verifier = await services.start({ log: { library, url } });
    await verifier.ask('ready');
    return verifier;
  }

  async function setUp() {
    const [a, b, c] = await Promise.all([startIssuer(), startVerifier(), startIssuer()]);
    const pairs = await Promise.all(
      Array.from({ length: 11 }, (_, index) => a.ask('login', { subject: `u_${index}` })),
    );
    const [live, ...ended] = pairs;
    if (live === undefined) throw new Error('no pairs');
    for (const { sessionId } of ended) await a.ask('end', sessionId);
    for (const one of [b, c]) await until(() => isEvery(one, ended, 'session_revoked'));
    const { position } = await a.ask('state');
    return { a, b, c, live, ended, position };
  }

  async function holdsEverywhere(
    all: readonly Service[],
    { live, ended, position }: Awaited<ReturnType<typeof setUp>>,
  ): Promise<void> {
    for (const one of all) {
      await until(() => isEvery(one, ended, 'session_revoked'));
      await until(async () => (await one.ask('state')).position > position);
      expect(await one.ask('check', [live.accessToken])).toEqual(['ok']);
    }
    const next = await all[0]?.ask('refresh', live.refreshToken);
    expect(next?.sessionId).toBe(live.sessionId);
  }

  test('forgets no revocation and signs no user out when it restarts without persistence', async () => {
    const before = await setUp();
    const { a, b, c, ended } = before;
    await redis.crash();
    for (const one of [a, b, c]) expect(await isEvery(one, ended, 'session_revoked')).toBe(true);
    await redis.restart();
    // Then the connections are back.
    await until(() => areKnown(redis.url));
    const newcomer = await startVerifier();
    await holdsEverywhere([a, b, c, newcomer], before);
  });

  test('forgets no revocation when a newcomer makes the first append after a flush', async () => {
    const before = await setUp();
    const { a, b, c } = before;
    for (const one of [a, b, c]) one.signal('SIGSTOP');
    const admin = await openAdmin(redis.url);
    await admin.send('FLUSHALL');
    await admin.close();
    const newcomer = await startIssuer();
    await newcomer.ask('changeClaims', { subject: 'unknown' });
    for (const one of [a, b, c]) one.signal('SIGCONT');
    await holdsEverywhere([newcomer, a, b, c], before);
    for (const one of [a, b, c]) {
      const kinds = async () =>
        (await one.ask('events'))
          .filter(({ type }) => type === 'revocations.gap')
          .map(({ kind }) => kind);
      // The event comes at the end of the repair.
      await until(async () => (await kinds()).length > 0);
      expect(await kinds()).toEqual(['lost']);
    }
  });
});

/** Whether the log has a session that has ended. */
async function areKnown(url: string): Promise<boolean> {
  const admin = await openAdmin(url);
  try {
    const [log = ''] = (await admin.send('KEYS', '*{revocations}*:log')) as string[];
    return log !== '' && JSON.stringify(await admin.send('XRANGE', log, '-', '+')).includes('"o ');
  } finally {
    await admin.close();
  }
}

// Three services with one Redis: A and C issue and verify, B only verifies, with a Redis user who may not write.

import { setTimeout as sleep } from 'node:timers/promises';

import type { TokenPair } from '@tokenpair/core';

import { startRedis } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { countCommands } from './admin.js';
import { useOneRedis } from './one-redis.js';
import { accessOf, isEvery, loginMany } from './pairs.js';
import type { Service, ServiceConfig } from './services.js';

jest.setTimeout(120_000);

const allOf = (count: number, outcome: string) => Array.from({ length: count }, () => outcome);

describe.each(['node-redis', 'ioredis'] as const)('services that use %s', (library) => {
  const server = useOneRedis(library);
  const { asOwner, startIssuer } = server;
  let a: Service;
  let c: Service;

  beforeEach(async () => {
    [a, c] = await Promise.all([startIssuer(), startIssuer()]);
  });

  const startVerifier = (follow: ServiceConfig['follow'] = {}) => server.startVerifier({ follow });

  const login = (subject = 'u_1') => a.ask('login', { subject });

  test('refuse a token everywhere after its logout at one of them', async () => {
    const b = await startVerifier();
    const logouts = 200;
    const lags: number[] = [];
    const measure = async ({ accessToken, sessionId }: TokenPair) => {
      const refusals = [b, c].map((one) => one.ask('untilRefused', accessToken));
      await a.ask('end', sessionId);
      const returned = Date.now();
      for (const { outcome, at } of await Promise.all(refusals)) {
        expect(outcome).toBe('session_revoked');
        lags.push(at - returned);
      }
    };
    const pairs = [...(await loginMany(a, logouts))];
    while (pairs.length > 0) await Promise.all(pairs.splice(0, 10).map(measure));
    lags.sort((one, other) => one - other);
    const [median, p99] = [0.5, 0.99].map((share) => lags[Math.floor(lags.length * share)] ?? 0);
    process.stdout.write(`logout at A until B and C refuse: median ${median} ms, p99 ${p99} ms\n`);
    // The promise is 250 ms on an idle machine. A machine that is busy with other tests may take longer.
    expect(median).toBeLessThan(250);
  });

  test('send no command to Redis for a guarded request', async () => {
    const b = await startVerifier({ pollInterval: 1 });
    const { accessToken } = await login();
    await b.ask('check', [accessToken]);
    const before = await countCommands(server.admin);
    await b.ask('guard', { token: accessToken, times: 10_000 });
    // A read of each service takes a few commands. One command for each request would be 10 000.
    expect((await countCommands(server.admin)) - before).toBeLessThan(2_000);
  });

  test('answer 503 and never 200 after a pause longer than maxAge, under `refuse`', async () => {
    const b = await startVerifier({ maxAge: 2, whenBehind: 'refuse' });
    const pairs = await loginMany(a, 100);
    const tokens = accessOf(pairs);
    await until(async () => (await b.ask('check', tokens)).every((one) => one === 'ok'));
    b.signal('SIGSTOP');
    for (const { sessionId } of pairs) await a.ask('end', sessionId);
    await sleep(2_200);
    // Sent while it is paused, so these are the first things that it does.
    const first = b.ask('check', tokens);
    b.signal('SIGCONT');
    expect(await first).toEqual(allOf(100, 'temporarily_unavailable'));
    await until(async () => {
      const outcomes = await b.ask('check', tokens);
      expect(outcomes.filter((one) => one === 'ok')).toEqual([]);
      return outcomes.every((one) => one === 'session_revoked');
    });
  });

  test('catch up after a pause, under `accept`, and report it once', async () => {
    // A second report would tell of a second pause: so long that a busy machine makes none.
    const b = await startVerifier({ maxAge: 5 });
    const pairs = await loginMany(a, 100);
    const tokens = accessOf(pairs);
    b.signal('SIGSTOP');
    for (const { sessionId } of pairs) await a.ask('end', sessionId);
    await sleep(5_200);
    b.signal('SIGCONT');
    await until(async () =>
      (await b.ask('check', tokens)).every((one) => one === 'session_revoked'),
    );
    await until(async () => (await b.ask('state')).status === 'live');
    const contact = (await b.ask('events')).filter(({ type }) => /behind|caught_up/.test(type));
    expect(contact.map(({ type }) => type)).toEqual([
      'revocations.behind',
      'revocations.caught_up',
    ]);
  });

  test('forget no revocation after FLUSHALL, and tell a newcomer', async () => {
    const b = await startVerifier();
    const pairs = await loginMany(a, 10);
    const tokens = accessOf(pairs);
    for (const { sessionId } of pairs) await a.ask('end', sessionId);
    const isRefused = async (service: Service) =>
      (await service.ask('check', tokens)).every((one) => one === 'session_revoked');
    await until(() => isRefused(b));
    await until(() => isRefused(c));
    const before = (await a.ask('state')).position;
    await server.admin.send('FLUSHALL');
    const newcomer = await startVerifier();
    await until(() => isRefused(newcomer));
    for (const service of [a, b, c]) {
      expect(await isRefused(service)).toBe(true);
      await until(async () => (await service.ask('state')).position > before);
    }
    const kinds = async () =>
      (await b.ask('events'))
        .filter(({ type }) => type === 'revocations.gap')
        .map(({ kind }) => kind);
    // The event comes at the end of the repair.
    await until(async () => (await kinds()).length > 0);
    expect(await kinds()).toEqual(['lost']);
  });

  test('sign no user out when the log is flushed: a token refreshes once and passes', async () => {
    const sessions = await startRedis();
    try {
      const issuer = await startIssuer({ store: { library, url: sessions.url } });
      const pair = await issuer.ask('login', { subject: 'u_1' });
      await server.admin.send('FLUSHALL');
      const newcomer = await startVerifier({ whenBehind: 'refuse' });
      const check = async (token: string) => (await newcomer.ask('check', [token]))[0];
      await until(async () => (await check(pair.accessToken)) === 'claims_stale');
      const next = await issuer.ask('refresh', pair.refreshToken);
      expect(next.sessionId).toBe(pair.sessionId);
      await until(async () => (await check(next.accessToken)) === 'ok');
    } finally {
      await sessions.stop();
    }
  });

  test('announce at a repeated call what a crash between store and log has left out', async () => {
    const b = await startVerifier();
    const pair = await login();
    // A issuer whose log never answers ends the session in the store, and is killed before it can announce.
    const dead = await startRedis();
    const crashing = await server.services.start({
      isIssuer: true,
      log: { library, url: dead.url },
      store: asOwner(),
    });
    await crashing.ask('ready');
    dead.signal('SIGSTOP');
    await expect(crashing.ask('endOnce', pair.sessionId)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    });
    await crashing.stop();
    await dead.stop();
    await expect(a.ask('refresh', pair.refreshToken)).rejects.toMatchObject({
      code: 'refresh_token_invalid',
    });
    expect(await b.ask('check', [pair.accessToken])).toEqual(['ok']);
    await c.ask('end', pair.sessionId);
    await until(async () => (await b.ask('check', [pair.accessToken]))[0] === 'session_revoked');
  });

  test('announce a logout when a full Redis has room again, and answer its client as usual', async () => {
    const b = await startVerifier();
    const [pair, other] = [await login(), await login('u_2')];
    const url = `http://127.0.0.1:${await a.ask('serve')}/logout`;
    await server.admin.send('CONFIG', 'SET', 'maxmemory', '1');
    await expect(a.ask('endOnce', pair.sessionId)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    });
    const { status } = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: other.refreshToken }),
    });
    expect(status).toBe(204);
    for (const one of [pair, other]) {
      expect(await a.ask('check', [one.accessToken])).toEqual(['session_revoked']);
    }
    expect((await a.ask('state')).unannounced).toBe(2);
    expect((await a.ask('events')).map(({ type }) => type)).toContain('revocations.unavailable');
    await server.admin.send('CONFIG', 'SET', 'maxmemory', '0');
    await until(() => isEvery(b, [pair, other], 'session_revoked'));
    await until(async () => (await a.ask('state')).unannounced === 0);
  });

  test('hold a change of role in the same second as a refresh, exactly', async () => {
    const [writer, reader] = await Promise.all([
      startIssuer({ roles: server.redis.url }),
      startIssuer({ roles: server.redis.url }),
    ]);
    const b = await startVerifier();
    const changeRoles = async (subject: string) => {
      let pair = await writer.ask('login', { subject });
      for (let round = 0; round < 100; round += 1) {
        await server.admin.send('SET', `role:${subject}`, `r${round}`);
        await writer.ask('changeClaims', { subject });
        const refusals = [b, reader].map((one) => one.ask('untilRefused', pair.accessToken));
        const next = await reader.ask('refresh', pair.refreshToken);
        for (const { outcome } of await Promise.all(refusals)) expect(outcome).toBe('claims_stale');
        for (const one of [b, reader, writer]) {
          expect(await one.ask('check', [next.accessToken])).toEqual([`ok r${round}`]);
        }
        expect(next.sessionId).toBe(pair.sessionId);
        pair = next;
      }
    };
    // 500 rounds, five at a time: most of a round is the wait for the next reads.
    await Promise.all(['u_1', 'u_2', 'u_3', 'u_4', 'u_5'].map(changeRoles));
  });

  test('end all sessions by the kill switch, and let later logins in', async () => {
    const b = await startVerifier();
    const pairs = await loginMany(a, 100);
    const refreshing = pairs.slice(0, 20).map(({ refreshToken }) =>
      c.ask('refresh', refreshToken).then(
        (pair) => [pair],
        () => [],
      ),
    );
    await a.ask('kill');
    const later = await Promise.all([a, c].map((one) => one.ask('login', { subject: 'new' })));
    const refreshed = (await Promise.all(refreshing)).flat();
    const killed = [...pairs, ...refreshed];
    for (const service of [a, b, c]) {
      await until(async () =>
        (await service.ask('check', accessOf(killed))).every((one) => one === 'session_revoked'),
      );
      await until(async () =>
        (await service.ask('check', accessOf(later))).every((one) => one === 'ok'),
      );
    }
    // All processes are restarted, and the log is lost.
    await Promise.all([a, b, c].map((service) => service.stop()));
    for (const key of (await server.admin.send(
      'KEYS',
      `${server.services.prefix}{revocations}*`,
    )) as string[]) {
      await server.admin.send('DEL', key);
    }
    [a, c] = await Promise.all([startIssuer(), startIssuer()]);
    const again = await startVerifier();
    for (const service of [a, again, c]) {
      await until(async () =>
        (await service.ask('check', accessOf(killed))).every((one) => one === 'session_revoked'),
      );
    }
    for (const { refreshToken } of killed) {
      await expect(c.ask('refresh', refreshToken)).rejects.toMatchObject({
        code: 'refresh_token_invalid',
      });
    }
    const next = await Promise.all(later.map(({ refreshToken }) => c.ask('refresh', refreshToken)));
    await until(async () =>
      (await again.ask('check', accessOf(next))).every((one) => one === 'ok'),
    );
  });

  test('let a login in after the kill switch where the old session fills the limit', async () => {
    const issuing = { maxSessions: 1, onSessionLimit: 'reject' } as const;
    // The last one reads the log so seldom that it has hardly read the kill mark when it is asked to refresh.
    const [x, y, z] = await Promise.all([
      startIssuer({ issuing }),
      startIssuer({ issuing }),
      startIssuer({ issuing, follow: { pollInterval: 5 } }),
    ]);
    const old = await Promise.all(
      [x, y].map((one, at) => one.ask('login', { subject: `u_${at}` })),
    );
    await expect(y.ask('login', { subject: 'u_0' })).rejects.toMatchObject({
      code: 'session_limit',
    });
    await z.ask('check', accessOf(old));
    await a.ask('kill');
    const later = await Promise.all([
      x.ask('login', { subject: 'u_0' }),
      y.ask('login', { subject: 'u_1' }),
    ]);
    for (const { refreshToken, sessionId } of later) {
      const next = await z.ask('refresh', refreshToken);
      expect(next.sessionId).toBe(sessionId);
      for (const one of [a, x, y, z]) {
        expect(await one.ask('check', [next.accessToken])).toEqual(['ok']);
      }
    }
    // The new session fills the limit as the old one did.
    await expect(x.ask('login', { subject: 'u_1' })).rejects.toMatchObject({
      code: 'session_limit',
    });
    for (const { refreshToken } of old) {
      await expect(z.ask('refresh', refreshToken)).rejects.toMatchObject({
        code: 'refresh_token_invalid',
      });
    }
    for (const one of [a, x, y, z]) {
      await until(async () =>
        (await one.ask('check', accessOf(old))).every((outcome) => outcome === 'session_revoked'),
      );
    }
  });
});

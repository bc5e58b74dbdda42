// How many commands a login and a refresh send, when the issuer has a revocation log: none more than without it, except the one that
// reads the head of the log.

import { randomBytes } from 'node:crypto';

import { createTokenIssuer, issueTokenPair, refreshTokenPair } from '@tokenpair/core';
import { RedisRevocations, RedisSessionStore } from '@tokenpair/redis';

import { libraries } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';

/** What a call has asked, in this order. */
type Sent = 'head' | 'store' | 'hook';

let redis: RedisProcess;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await redis.stop();
});

describe.each(['node-redis 6', 'ioredis 6'])('an issuer with a log, with %s', (library) => {
  async function setUp(hasHook: boolean) {
    const open = libraries[library];
    if (open === undefined) throw new Error(`no library ${library}`);
    const connection = await open(redis.url);
    let sent: Sent[] = [];
    /** Notes the commands of a login and of a refresh: the loop of the follower asks for entries, and they do not. */
    const client = {
      async sendCommand(args: string[]) {
        const isLog = args.some((arg) => arg.includes('{revocations}'));
        const isHead = isLog && args.length === 7 && args.at(-1) === '0';
        if (!isLog) sent.push('store');
        else if (isHead) sent.push('head');
        return connection.send(...args);
      },
    };
    const claims = () => {
      sent.push('hook');
      return { role: 'member' };
    };
    const revocations = new RedisRevocations({ client });
    const tokens = createTokenIssuer({
      issuer: 'https://login.test',
      audience: 'https://api.test',
      keys: [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32) }],
      refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
      store: new RedisSessionStore({ client }),
      revocations,
      ...(hasHook && { claims }),
    });
    closing.push(
      () => connection.close(),
      () => revocations.close(),
    );
    await revocations.ready();
    const during = async <T>(act: Promise<T>) => {
      const value = await act;
      const asked = sent;
      sent = [];
      return { value, asked };
    };
    // The first use of a script sends its text.
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'first' });
    await refreshTokenPair(tokens, refreshToken);
    sent = [];
    const login = () => during(issueTokenPair(tokens, { subject: 'u_1' }));
    const refresh = (token: string) => during(refreshTokenPair(tokens, token));
    return { login, refresh };
  }

  test('sends one command for a refresh without a claims hook', async () => {
    const { login, refresh } = await setUp(false);
    const first = await login();
    expect(first.asked).toEqual(['head', 'store']);
    const rotated = await refresh(first.value.refreshToken);
    expect(rotated.value.refreshTokenChanged).toBe(true);
    expect(rotated.asked).toEqual(['store']);
    const held = await refresh(rotated.value.refreshToken);
    expect(held.value.refreshTokenChanged).toBe(false);
    expect(held.asked).toEqual(['store']);
    const replayed = await refresh(first.value.refreshToken);
    expect(replayed.asked).toEqual(['store']);
  });

  test('reads the head of the log before the store and the claims hook are asked', async () => {
    const { login, refresh } = await setUp(true);
    const { value, asked } = await login();
    expect(asked).toEqual(['head', 'hook', 'store']);
    const refreshed = await refresh(value.refreshToken);
    expect(refreshed.asked).toEqual(['head', 'store', 'hook', 'store']);
  });
});

// Runs docs/redis.md and the snippet of the README: a start without Redis, and a user of Redis with few rights.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as core from '@tokenpair/core';
import type { SessionStore } from '@tokenpair/core';
import * as tokenpairRedis from '@tokenpair/redis';
import { RedisSessionStore } from '@tokenpair/redis';
import * as ioredis6 from 'ioredis6';
import * as redis6 from 'redis6';

import { expectOf, newSession, successorOf } from '../../packages/testing/src/suite/sessions.js';
import { findFreePort } from '../support/free-port.js';
import { createTestIssuer, issuerName } from '../support/issuer.js';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { patientCore, patientRedis } from '../support/patient.js';
import { runRecipe } from '../support/recipe.js';
import { until } from '../support/until.js';

const written = 'redis://127.0.0.1:6379';

describe.each([
  ['the README', '../README.md', 'Sessions in Redis'],
  ['the README of the package', '../packages/redis/README.md', 'Keep sessions in Redis'],
  ['docs/redis.md, node-redis', 'redis.md', 'Connect with node-redis'],
  ['docs/redis.md, ioredis', 'redis.md', 'Connect with ioredis'],
])('the snippet of %s', (_name, page, under) => {
  let closings: (() => void)[];
  let logged: unknown[][];

  beforeEach(() => {
    closings = [];
    logged = [];
    jest.spyOn(console, 'error').mockImplementation((...args: unknown[]) => {
      logged.push(args);
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const close of closings) close();
  });

  /** Runs the snippet against another port than the usual one. `wait` is what it waits for instead of 5 seconds. */
  function start(port: number, wait: () => Promise<void>) {
    const url = written.replace('6379', String(port));
    const createClient = (options: redis6.RedisClientOptions) => {
      expect(options.url).toBe(written);
      const client = redis6.createClient({ ...options, url });
      closings.push(() => client.destroy());
      return client;
    };
    class Redis extends ioredis6.Redis {
      constructor(given: string, options: object) {
        expect(given).toBe(written);
        super(url, { ...options });
        closings.push(() => this.disconnect());
      }
    }
    return runRecipe(page, {
      under,
      modules: {
        '@tokenpair/core': patientCore,
        '@tokenpair/redis': patientRedis,
        redis: { createClient },
        ioredis: { Redis },
        'node:timers/promises': { setTimeout: wait },
      },
      exported: ['client'],
    });
  }

  it('fails with an error that is logged when Redis is not there', async () => {
    const started = start(await findFreePort(), () => until(() => logged.length > 0));
    await expect(started).rejects.toThrow(/Redis did not answer|Connection is/);
    expect(logged.flat()).toContainEqual(expect.objectContaining({ code: 'ECONNREFUSED' }));
  });

  it('works when Redis is there', async () => {
    const redis = await startRedis();
    try {
      await start(redis.port, () => new Promise(() => {}));
      expect(logged).toEqual([]);
    } finally {
      for (const close of closings.splice(0)) close();
      await redis.stop();
    }
  });
});

describe.each(['node-redis 6', 'ioredis 6'])('the user of docs/redis.md, with %s', (library) => {
  let redis: RedisProcess;
  let admin: OpenClient;
  let rights: readonly string[];
  let limited: OpenClient;
  let store: RedisSessionStore;

  beforeAll(async () => {
    redis = await startRedis();
    const open = libraries[library] as (url: string) => Promise<OpenClient>;
    admin = await open(redis.url);
    const text = await readFile(join(__dirname, '../../docs/redis.md'), 'utf8');
    const line = /^user (\w+) (.*)$/m.exec(text)?.[2] ?? '';
    rights = [...line.split(' '), ...(library.startsWith('ioredis') ? ['+info'] : [])];
    await admin.send('ACL', 'SETUSER', 'tokenpair', 'reset', ...rights);
    limited = await open(redis.url.replace('//', '//tokenpair:password@'));
    store = new RedisSessionStore({ client: limited.client, deadline: 15 });
  });
  afterAll(async () => {
    limited.close();
    admin.close();
    await redis.stop();
  });
  beforeEach(() => admin.send('FLUSHALL'));

  it('may do every step of the store', async () => {
    await expect(everyStep(store)).resolves.toEqual(expect.arrayContaining([expect.any(String)]));
  });

  it('needs every right of the line', async () => {
    const commands = rights.filter((right) => right.startsWith('+') && right !== '+info');
    expect(commands.length).toBeGreaterThan(10);
    const notNeeded: string[] = [];
    for (const right of commands) {
      await admin.send('ACL', 'SETUSER', 'tokenpair', right.replace('+', '-'));
      await admin.send('SCRIPT', 'FLUSH');
      await admin.send('FLUSHALL');
      await admin.send('ACL', 'LOG', 'RESET');
      await everyStep(store).catch(() => undefined);
      // With an evicted session, whose record is deleted after the answer.
      await limited.send('HELLO');
      if (((await admin.send('ACL', 'LOG')) as unknown[]).length === 0) notNeeded.push(right);
      await admin.send('ACL', 'SETUSER', 'tokenpair', right);
    }
    expect(notNeeded).toEqual([]);
  });

  it('may append to the revocation log and read it with the four rights that the page adds', async () => {
    const text = await readFile(join(__dirname, '../../docs/redis.md'), 'utf8');
    const [, added = ''] =
      /`RedisRevocations`\]\(#the-revocation-log\) also needs `(.*)`/.exec(text) ?? [];
    expect(added.split(' ')).toHaveLength(4);
    const attempt = async (without?: string) => {
      const more = added.split(' ').filter((right) => right !== without);
      await admin.send('FLUSHALL');
      await admin.send('ACL', 'SETUSER', 'tokenpair', 'reset', ...rights, ...more);
      // A right that is missing is noticed by waiting in vain.
      const deadline = without === undefined ? 15 : 1;
      const revocations = new tokenpairRedis.RedisRevocations({ client: limited.client });
      const { tokens } = createTestIssuer({ store, revocations, clock: undefined, deadline });
      try {
        await revocations.ready({ within: without === undefined ? 10 : 0.5 });
        const { sessionId, accessToken } = await core.issueTokenPair(tokens, { subject: 'u_1' });
        await core.revokeSession(tokens, { sessionId });
        await core.revokeEverything(tokens, issuerName);
        return await core.verifyBearer(tokens.verifier, `Bearer ${accessToken}`).then(
          () => 'ok',
          (error: core.AuthError) => error.code,
        );
      } catch (error) {
        return (error as core.AuthError).code;
      } finally {
        await revocations.close();
      }
    };
    await expect(attempt()).resolves.toBe('session_revoked');
    await expect(attempt('+xadd')).resolves.toBe('temporarily_unavailable');
    await admin.send('ACL', 'SETUSER', 'tokenpair', 'reset', ...rights);
  }, 30_000);

  it('reads no other key and runs no other command', async () => {
    await expect(limited.send('GET', 'other')).rejects.toThrow(/^NOPERM/);
    await expect(limited.send('KEYS', '*')).rejects.toThrow(/^NOPERM/);
    await expect(limited.send('FLUSHALL')).rejects.toThrow(/^NOPERM/);
    await expect(limited.send('PUBLISH', 'a', 'b')).rejects.toThrow(/^NOPERM/);
  });
});

/** Every step, with every command that its script can run. */
async function everyStep(store: SessionStore): Promise<readonly string[]> {
  const limit = { max: 2, onLimit: 'evict-oldest' } as const;
  const create = async (replaces?: string) => {
    const wanted = newSession({ owner: 'u_1' });
    await store.create(wanted, { ...limit, ...(replaces !== undefined && { replaces }) });
    return wanted;
  };
  const { sessionId, data } = await create();
  await store.swap(sessionId, expectOf(1), { token: successorOf(1) });
  await store.swap(sessionId, expectOf(1), { token: successorOf(1) });
  await store.swap(sessionId, { data }, { expiresAt: Date.now() + 9e10 });
  await store.confirm(sessionId, 2);
  await store.get(sessionId);
  await store.list('u_1');
  const second = await create(sessionId);
  await create();
  await create();
  await store.revoke(second.sessionId);
  return store.revokeOwner('u_1');
}

describe('the revocation log of docs/redis.md', () => {
  it('refuses the access token of a logout', async () => {
    const redis = await startRedis();
    const client = redis6.createClient({ url: redis.url });
    await client.connect();
    const { tokens, revocations } = await runRecipe<{
      tokens: core.TokenIssuer;
      revocations: core.Revocations;
    }>('redis.md', {
      under: 'The revocation log',
      given: { client },
      modules: { '@tokenpair/core': patientCore, '@tokenpair/redis': patientRedis },
      exported: ['tokens', 'revocations'],
    });
    try {
      const { accessToken, sessionId } = await core.issueTokenPair(tokens, { subject: 'u_1' });
      const verify = () => core.verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
      await expect(verify()).resolves.toMatchObject({ subject: 'u_1' });
      await core.revokeSession(tokens, { sessionId });
      await expect(verify()).rejects.toMatchObject({ code: 'session_revoked' });
    } finally {
      await revocations.close();
      client.destroy();
      await redis.stop();
    }
  });
});

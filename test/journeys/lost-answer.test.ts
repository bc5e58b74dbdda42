// Tests clients that lost an answer and ask again, seconds or hours later, over real HTTP with a clock that the test sets.
// Whether the session goes on depends on what the guarded route has seen: its verifier reports the use of access tokens.

import { confirmGeneration } from '@tokenpair/core';

import { openRedisAt, type RedisAt } from '../support/redis-clock.js';
import { sendReports, useReportTimer } from '../support/report-timer.js';
import { redisUrl } from '../support/stores.js';
import type { Answer, Client } from '../support/tabs/client.js';
import { createExpressService, createKoaService, type Transport } from '../support/tabs/service.js';
import { openVirtualWorld, settleTime, type VirtualWorld } from '../support/tabs/world.js';

const second = 1_000;
const hour = 3_600 * second;
const signedOut = { status: 401, code: 'refresh_token_invalid', action: 'login' };
const accused = ['refresh.reused', 'session.revoked'];
const end = { status: 401, code: 'refresh_token_invalid', accusations: accused };

let redis: RedisAt;

beforeAll(async () => {
  redis = await openRedisAt(redisUrl());
  useReportTimer();
});
afterAll(() => {
  jest.useRealTimers();
  redis.close();
});

describe.each<[string, Transport, string]>([
  ['Express', 'cookie', 'memory'],
  ['Express', 'body', 'memory'],
  ['Koa', 'cookie', 'memory'],
  ['Koa', 'body', 'memory'],
  ['Express', 'cookie', 'Redis'],
  ['Koa', 'body', 'Redis'],
])('on %s in %s transport with sessions in %s', (framework, transport, kind) => {
  const createService = framework === 'Koa' ? createKoaService : createExpressService;
  let world: VirtualWorld;
  let client: Client;
  let accessToken: string | undefined;

  beforeEach(async () => {
    const openStore = kind === 'Redis' ? redis.openStore : undefined;
    world = await openVirtualWorld({ createService, transport, openStore });
    client = world.openClient();
    const answer = await client.login('u_1');
    client.receive(undefined, answer);
    ({ accessToken } = answer);
  });
  afterEach(() => world.close());

  describe('when the guarded route has seen an access token of the session', () => {
    beforeEach(() => use(accessToken));

    it('an answer that is asked for again after 10 s is repeated', async () => {
      const lost = await loseAnswer();
      await world.wait(10 * second);
      expect(await refresh()).toMatchObject({ status: 200 });
      expect(client.kept).toBe(lost.refreshToken);
      await expectToGoOn(['rotated', 'replayed', 'rotated']);
    });

    it('an answer that is asked for again after 40 s comes after Retry-After', async () => {
      const lost = await loseAnswer();
      await world.wait(40 * second);
      const { kept } = client;
      const pending = await refresh();
      expect(pending).toMatchObject({ status: 503, code: 'refresh_pending', action: 'retry' });
      expect(pending.retryAfter).toBe(20);
      expect(pending.refreshToken).toBeUndefined();
      expect(client.kept).toBe(kept);
      await world.wait(20 * second + 1);
      expect(await refresh()).toMatchObject({ status: 200 });
      expect(client.kept).not.toBe(lost.refreshToken);
      await expectToGoOn(['rotated', 'recovered', 'rotated']);
    });

    it.each([
      ['61 s', 61 * second],
      ['3 h', 3 * hour],
      ['23 h', 23 * hour],
      ['24 h', 24 * hour],
    ])('an answer that is asked for again after %s is replaced', async (_, gap) => {
      const lost = await loseAnswer();
      await world.wait(gap);
      expect(await refresh()).toMatchObject({ status: 200 });
      expect(client.kept).not.toBe(lost.refreshToken);
      await expectToGoOn(['rotated', 'recovered', 'rotated']);
    });

    it.each([
      ['24 h and a millisecond', 24 * hour + 1],
      ['three days', 72 * hour],
    ])('an answer that is asked for again after %s is refused', async (_, gap) => {
      await loseAnswer();
      await world.wait(gap);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated'] });
    });

    it.each(['3 h', '23 h'])(
      'the answer of a later rotation comes after %s too, although only the login was seen in use',
      async (gap) => {
        for (let rotation = 0; rotation < 3; rotation += 1) await moveOn();
        await loseAnswer();
        await world.wait(Number.parseInt(gap, 10) * hour);
        expect(await refresh()).toMatchObject({ status: 200 });
        await expectToGoOn([...rotations(4), 'recovered', 'rotated']);
      },
    );

    it('each generation that is seen in use can lose its answer', async () => {
      for (let rotation = 0; rotation < 3; rotation += 1) {
        await use((await moveOn()).accessToken);
        await loseAnswer();
        await world.wait(3 * hour);
        const answer = await refresh();
        expect(answer).toMatchObject({ status: 200 });
        await use(answer.accessToken);
      }
      const round = ['rotated', 'rotated', 'recovered'];
      await expectToGoOn([...round, ...round, ...round, 'rotated']);
    });

    it('the 24 hours are counted from the first of several answers that were lost', async () => {
      await loseAnswer();
      await world.wait(20 * hour);
      expect((await client.refresh(client.kept)).status).toBe(200);
      await world.wait(4 * hour + 1);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated', 'recovered'] });
    });

    it('eight tabs that ask again at the same time get one successor', async () => {
      await loseAnswer();
      await world.wait(3 * hour);
      const sent = client.kept;
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.refresh(sent)));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
      client.receive(sent, answers[0] as Answer);
      expect(world.refreshed.filter((how) => how === 'recovered')).toHaveLength(1);
      await expectToGoOn([...world.refreshed, 'rotated']);
    });

    it('the answer that was lost is worth nothing afterwards and ends the session when it is presented', async () => {
      const lost = await loseAnswer();
      await world.wait(3 * hour);
      await refresh();
      expect(await world.openClient().refresh(lost.refreshToken)).toMatchObject(signedOut);
      expect(accusations()).toEqual(accused);
      expect(await refresh()).toMatchObject(signedOut);
    });

    it('a successor that was seen in use is never replaced', async () => {
      const lost = await loseAnswer();
      await use(lost.accessToken);
      await world.wait(3 * hour);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated'] });
    });
  });

  describe('when no access token of the session was seen', () => {
    it('an answer that is asked for again after 10 s is repeated all the same', async () => {
      await loseAnswer();
      await world.wait(10 * second);
      expect(await refresh()).toMatchObject({ status: 200 });
      await expectToGoOn(['rotated', 'replayed', 'rotated']);
    });

    it('an answer that is asked for again after 40 s is refused after Retry-After', async () => {
      await loseAnswer();
      await world.wait(40 * second);
      expect(await refresh()).toMatchObject({ status: 503, code: 'refresh_pending' });
      await world.wait(20 * second + 1);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated'] });
    });

    it.each([
      ['61 s', 61 * second],
      ['3 h', 3 * hour],
      ['23 h', 23 * hour],
    ])('an answer that is asked for again after %s is refused', async (_, gap) => {
      await loseAnswer();
      await world.wait(gap);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated'] });
    });

    it('a server without the store can forward an access token: then the answer comes after 3 h', async () => {
      await confirmGeneration(world.tokens, accessToken ?? '');
      await loseAnswer();
      await world.wait(3 * hour);
      expect(await refresh()).toMatchObject({ status: 200 });
      await expectToGoOn(['rotated', 'recovered', 'rotated']);
    });

    it('the sessions endpoints report nothing', async () => {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const response = await fetch(`http://127.0.0.1:${client.port}/auth/sessions`, { headers });
      expect(response.status).toBe(200);
      await sendReports();
      await loseAnswer();
      await world.wait(3 * hour);
      expect(await askAgain()).toEqual({ ...end, how: ['rotated'] });
    });
  });

  /** The guarded route sees an access token, and its verifier reports that. */
  async function use(token: string | undefined): Promise<void> {
    expect((await client.me(token)).status).toBe(200);
    await sendReports();
  }

  async function refresh(): Promise<Answer> {
    const sent = client.kept;
    const answer = await client.refresh(sent);
    client.receive(sent, answer);
    return answer;
  }

  async function moveOn(): Promise<Answer> {
    await world.wait(settleTime + second);
    return refresh();
  }

  /** The service rotates, and its answer does not arrive. */
  async function loseAnswer(): Promise<Answer> {
    await world.wait(settleTime + second);
    const lost = await client.refresh(client.kept);
    expect(lost.status).toBe(200);
    return lost;
  }

  /** The client is signed in: its access token is good, and its next refresh rotates. */
  async function expectToGoOn(how: readonly string[]): Promise<void> {
    const answer = await moveOn();
    expect(answer.status).toBe(200);
    expect((await client.me(answer.accessToken)).status).toBe(200);
    expect(world.refreshed).toEqual(how);
    expect(accusations()).toEqual([]);
  }

  async function askAgain() {
    const { status, code } = await refresh();
    return { status, code, accusations: accusations(), how: world.refreshed };
  }

  function accusations(): readonly string[] {
    return world.events.map(({ type }) => type);
  }
});

function rotations(count: number): readonly string[] {
  return Array.from({ length: count }, () => 'rotated');
}

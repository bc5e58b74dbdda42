// Stories of the adapter contract: what the application says of a request, and how many refreshes run at the same time.

import { setImmediate as turn } from 'node:timers/promises';

import { postForm, postJson, refreshOf, settled } from './contract-row.js';
import {
  eventsOf,
  expectError,
  membersOf,
  sessionIdsOf,
  type ContractStory,
} from './contract-story.js';

const asJson = { 'Content-Type': 'application/json' };

const withAgent = (agent: string, body: string) => ({
  method: 'POST',
  headers: { ...asJson, 'User-Agent': agent },
  body,
});

const descriptions: readonly ContractStory[] = [
  {
    name: 'passes what the application says of a request to the claims hook and into events',
    async run(world, send) {
      const told: unknown[] = [];
      world.describe = ({ headers }) => ({ agent: headers['user-agent'] });
      world.claims = (_subject, { reason, request }) => {
        told.push({ reason, request });
        return {};
      };
      const login = await send({ path: '/context-signin', ...withAgent('phone', '{}') });
      const { refresh_token: first } = membersOf(login);
      const body = JSON.stringify({ refresh_token: first });
      await send({ path: '/context-auth/refresh', ...withAgent('tablet', body) });
      await send({ path: '/context-auth/logout', ...withAgent('desktop', body) });

      expect(told).toEqual([
        { reason: 'issue', request: { agent: 'phone' } },
        { reason: 'refresh', request: { agent: 'tablet' } },
      ]);
      expect(eventsOf(world, 'session.issued')).toMatchObject([{ request: { agent: 'phone' } }]);
      expect(eventsOf(world, 'session.refreshed')).toMatchObject([
        { request: { agent: 'tablet' } },
      ]);
      expect(eventsOf(world, 'session.revoked')).toMatchObject([{ request: { agent: 'desktop' } }]);
    },
  },
  {
    name: 'names the request in the events of the OAuth dialect and of the sessions',
    async run(world, send) {
      world.describe = ({ url }) => url?.split('/').at(-1);
      const [one, two, three] = [await world.signIn(), await world.signIn(), await world.signIn()];
      const grant = { grant_type: 'refresh_token', ...refreshOf(one) };
      await send(postForm('/context-auth/token', grant));
      await send(postForm('/context-auth/revoke', { token: one.refreshToken }));
      await send({
        method: 'DELETE',
        path: `/context-auth/sessions/${two.sessionId}`,
        headers: { Authorization: `Bearer ${three.accessToken}` },
      });
      await send(postJson('/context-auth/logout-all', {}, three.accessToken));
      expect(eventsOf(world, 'session.refreshed')).toMatchObject([{ request: 'token' }]);
      expect(eventsOf(world, 'session.revoked')).toMatchObject([
        { sessionId: one.sessionId, request: 'revoke' },
        { sessionId: two.sessionId, request: two.sessionId },
        { sessionId: three.sessionId, request: 'logout-all' },
      ]);
    },
  },
  {
    name: 'names the request of a reuse, and the metadata of the session that it ends',
    async run(world, send) {
      world.describe = () => ({ ip: '203.0.113.7' });
      const pair = await world.signIn({ metadata: { device: 'phone' } });
      await send(postJson('/context-auth/refresh', refreshOf(pair)));
      world.clock.advance(settled);
      const response = await send(postJson('/context-auth/refresh', refreshOf(pair)));
      expectError(response, 401, 'refresh_token_invalid');
      expect(eventsOf(world, 'refresh.reused')).toMatchObject([
        {
          sessionId: pair.sessionId,
          metadata: { device: 'phone' },
          request: { ip: '203.0.113.7' },
          sinceRotation: settled * 1_000,
        },
      ]);
    },
  },
  {
    name: 'goes on with a request that the application cannot describe, and reports the failure',
    async run(world, send) {
      const cause = new Error('no such header');
      const told: unknown[] = [];
      world.describe = () => {
        throw cause;
      };
      world.claims = (_subject, { request }) => {
        told.push(request);
        return {};
      };
      const login = await send(postJson('/context-signin', {}));
      const { refresh_token: refreshToken } = membersOf(login);
      const next = await send(postJson('/context-auth/refresh', { refresh_token: refreshToken }));
      expect(next.status).toBe(200);
      expect(told).toEqual([undefined, undefined]);
      const failed = { type: 'hook.failed', hook: 'requestContext', cause };
      expect(eventsOf(world, 'hook.failed')).toEqual([failed, failed]);
      for (const event of eventsOf(world, 'session.refreshed')) {
        expect(event).not.toHaveProperty('request', expect.anything());
      }
    },
  },
];

/** The application answers a promise: no request waits for it, and its rejection does not end the process. */
const promised: ContractStory = {
  name: 'reports a description of a request that is a promise, and goes on without it',
  async run(world, send) {
    world.describe = async () => Promise.reject(new Error('no such header'));
    expect((await send(postJson('/context-signin', {}))).status).toBe(200);
    expect(eventsOf(world, 'hook.failed')).toMatchObject([{ hook: 'requestContext' }]);
    expect(eventsOf(world, 'session.issued')).toHaveLength(1);
    expect(eventsOf(world, 'session.issued')).not.toContainEqual(
      expect.objectContaining({ request: expect.anything() as unknown }),
    );
  },
};

/** A claims hook that answers when it is released. */
function createGate() {
  const waiting: ((claims: Record<string, unknown>) => void)[] = [];
  return {
    wait: () => new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve)),
    asked: () => waiting.length,
    open() {
      for (const answer of waiting) answer({});
    },
  };
}

const limits: readonly ContractStory[] = [
  {
    name: 'refuses the refresh beyond the limit before it asks the store or a hook, and loses nothing',
    async run(world, send) {
      const refresh = async () => postJson('/busy-auth/refresh', refreshOf(await world.signIn()));
      const [first, second, third] = [await refresh(), await refresh(), await refresh()];
      const gate = createGate();
      world.claims = gate.wait;
      const running = [send(first), send(second)];
      while (gate.asked() < 2) await turn();
      world.calls.length = 0;

      const refused = await send(third);
      expectError(refused, 503, 'temporarily_unavailable');
      expect(refused.headers['retry-after']).toMatch(/^[1-5]$/);
      expect(membersOf(refused)).toMatchObject({ action: 'retry' });
      expect(world.calls).toEqual([]);
      expect(gate.asked()).toBe(2);

      gate.open();
      const answers = await Promise.all(running);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      world.claims = () => ({});
      // The same token works afterwards.
      expect((await send(third)).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(3);
    },
  },
  {
    name: 'counts refreshes of the OAuth dialect and of other sessions together, and not those of another mount',
    async run(world, send) {
      const [one, two, three] = [await world.signIn(), await world.signIn(), await world.signIn()];
      const gate = createGate();
      world.claims = gate.wait;
      const running = [
        send(postJson('/busy-auth/refresh', refreshOf(one))),
        send(postForm('/busy-auth/token', { grant_type: 'refresh_token', ...refreshOf(two) })),
      ];
      while (gate.asked() < 2) await turn();
      const grant = { grant_type: 'refresh_token', ...refreshOf(three) };
      const refused = await send(postForm('/busy-auth/token', grant));
      expectError(refused, 503, 'temporarily_unavailable');
      expect(refused.headers['retry-after']).toMatch(/^[1-5]$/);
      const elsewhere = send(postJson('/body-auth/refresh', refreshOf(three)));
      while (gate.asked() < 3) await turn();
      gate.open();
      const answers = await Promise.all([...running, elsewhere]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    },
  },
  {
    name: 'frees the place of a refresh that has failed',
    async run(world, send) {
      const pair = await world.signIn();
      world.claims = () => {
        throw new Error('connect ECONNREFUSED');
      };
      for (const _attempt of [1, 2, 3]) {
        const failed = await send(postJson('/busy-auth/refresh', refreshOf(pair)));
        expectError(failed, 503, 'temporarily_unavailable');
      }
      for (const _attempt of [1, 2, 3]) {
        const forged = await send(postJson('/busy-auth/refresh', { refresh_token: 'forged' }));
        expectError(forged, 401, 'refresh_token_invalid');
      }
      world.claims = () => ({});
      expect((await send(postJson('/busy-auth/refresh', refreshOf(pair)))).status).toBe(200);
    },
  },
];

export const contextStories: readonly ContractStory[] = [...descriptions, promised, ...limits];

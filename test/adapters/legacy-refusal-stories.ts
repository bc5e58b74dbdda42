// Stories of the adapter contract: refresh tokens of a former system that are refused, and those of OAuth clients.
/* oxlint-disable jest/no-standalone-expect -- a story runs inside of a test */

import type { LoginGrant } from '@tokenpair/core';

import { browse, postForm, postJson } from './contract-row.js';
import {
  claimsIn,
  eventsOf,
  expectError,
  membersOf,
  sessionIdsOf,
  signIn,
  type ContractStory,
} from './contract-story.js';
import { legacyDays, type World } from './contract-world.js';
import { exchange, grantFor, oldToken, refresh } from './legacy-stories.js';

const refusals: readonly ContractStory[] = [
  {
    name: 'refuses former tokens from the end of the exchange on, without a call',
    async run(world, send) {
      const asked = grantFor(world);
      const inTime = oldToken();
      world.clock.advance(legacyDays * 86_400 - 1);
      const current = await refresh(send, inTime);
      world.clock.advance(1);
      for (const token of [oldToken(), inTime]) {
        expectError(await send(exchange(token)), 401, 'refresh_token_invalid');
      }
      expect(asked).toEqual([inTime]);
      // The session that it was exchanged for goes on.
      await refresh(send, current);
    },
  },
  {
    name: 'refuses a token that the former system does not know',
    async run(world, send) {
      expectError(await send(exchange(oldToken())), 401, 'refresh_token_invalid');
      const cookie = `__Host-refresh_token=${oldToken()}`;
      const response = await send(browse('/legacy-auth/refresh', cookie));
      expectError(response, 401, 'refresh_token_invalid');
      expect(eventsOf(world, 'hook.failed')).toEqual([]);
      expect(world.calls).toEqual([]);
    },
  },
  ...(
    [
      ['throws', () => Promise.reject(new Error('connect ECONNREFUSED'))],
      ['never answers', () => new Promise<never>(() => {})],
      ['answers no grant', () => 7 as unknown as LoginGrant],
      ['answers null', () => null as unknown as LoginGrant],
      ['answers a grant of no subject', () => ({}) as LoginGrant],
      ['answers an unknown member', () => ({ subject: 'u_1', userId: 1 }) as LoginGrant],
      ['answers a longer lifetime', () => ({ subject: 'u_1', idleLifetime: '60d' })],
    ] as readonly (readonly [string, World['exchange']])[]
  ).map(([how, answer]): ContractStory => ({
    name: `answers 503 and reports a failed hook when the former system ${how}; later the token works`,
    async run(world, send) {
      const token = oldToken();
      world.exchange = answer;
      const response = await send(exchange(token));
      expectError(response, 503, 'temporarily_unavailable');
      expect(response.headers['retry-after']).toMatch(/^\d+$/);
      expect(eventsOf(world, 'hook.failed')).toMatchObject([{ hook: 'legacy.exchange' }]);
      expect(world.calls).toEqual([]);
      grantFor(world);
      await refresh(send, token);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  })),
  {
    name: 'never hands a text that begins like its own refresh tokens to the former system',
    async run(world, send) {
      const asked = grantFor(world);
      const { refreshToken } = await world.signIn();
      const altered = `${refreshToken.slice(0, -2)}${refreshToken.endsWith('AA') ? 'BB' : 'AA'}`;
      for (const token of ['tpr_', 'tpr_forged', altered]) {
        expectError(await send(exchange(token)), 401, 'refresh_token_invalid');
      }
      expectError(await send(exchange('')), 401, 'refresh_token_missing');
      expectError(await send(exchange('x'.repeat(8_193))), 413, 'request_too_large');
      expect(asked).toEqual([]);
    },
  },
  {
    name: 'ends nothing by a former token at a login and at a logout',
    async run(world, send) {
      const asked = grantFor(world);
      const { sessionId } = await world.signIn();
      const cookie = `__Host-refresh_token=${oldToken()}`;
      expect((await send(signIn('legacy', cookie))).status).toBe(200);
      expect((await send(browse('/legacy-auth/logout', cookie))).status).toBe(204);
      expect(await sessionIdsOf(world, world.subject)).toContain(sessionId);
      expect(asked).toEqual([]);
    },
  },
];

const tokenAs = (token: string, clientId: string) =>
  postForm('/legacy-client-auth/token', {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: token,
  });

const clients: readonly ContractStory[] = [
  {
    name: 'exchanges a former token at /token for a session of the client',
    async run(world, send) {
      world.authenticateClient = (client) => ({ clientId: client?.clientId ?? '' });
      grantFor(world, { clientId: 'app' });
      const token = oldToken();
      const first = await send(tokenAs(token, 'app'));
      expect(first.status).toBe(200);
      expect(claimsIn(first)).toMatchObject({ client_id: 'app' });
      const next = String(membersOf(first)['refresh_token']);
      expect((await send(tokenAs(next, 'app'))).status).toBe(200);
      expectError(await send(tokenAs(next, 'other')), 400, 'refresh_token_invalid');
    },
  },
  {
    name: 'exchanges the former token of a client for no other client, and creates nothing',
    async run(world, send) {
      world.authenticateClient = (client) => ({ clientId: client?.clientId ?? '' });
      grantFor(world, { clientId: 'app' });
      const token = oldToken();
      expectError(await send(tokenAs(token, 'other')), 400, 'refresh_token_invalid');
      const refreshed = await send(
        postJson('/legacy-client-auth/refresh', { refresh_token: token }),
      );
      expectError(refreshed, 401, 'refresh_token_invalid');
      expect(world.calls).not.toContain('create');
      expect((await send(tokenAs(token, 'app'))).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'exchanges a former token of no client where the client is answered with true',
    async run(world, send) {
      world.authenticateClient = () => true;
      grantFor(world);
      expect((await send(tokenAs(oldToken(), 'app'))).status).toBe(200);
    },
  },
];

export const legacyRefusalStories: readonly ContractStory[] = [...refusals, ...clients];

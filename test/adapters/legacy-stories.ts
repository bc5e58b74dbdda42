// Stories of the adapter contract: refresh tokens of the system that an application had before.

import type { LoginGrant } from '@tokenpair/core';

import { browse, postJson, settled } from './contract-row.js';
import {
  claimsIn,
  cookieIn,
  eventsOf,
  expectError,
  membersOf,
  sessionIdsOf,
  type ContractStory,
  type Send,
} from './contract-story.js';
import type { World } from './contract-world.js';

let count = 0;
/** A token of the former system that no other story has. */
export function oldToken(): string {
  count += 1;
  return `former-${count}-${'x'.repeat(40)}`;
}

/** Lets the former system answer for a token, and returns what it was asked. */
export function grantFor(world: World, grant: Partial<LoginGrant> = {}): string[] {
  const asked: string[] = [];
  const whole = { subject: world.subject, scope: 'orders:read', ...grant };
  world.exchange = async (presented) => {
    asked.push(presented);
    return whole;
  };
  return asked;
}

export const exchange = (token: unknown, scope?: string) =>
  postJson('/legacy-auth/refresh', { refresh_token: token, scope });

export async function refresh(send: Send, token: unknown): Promise<string> {
  const response = await send(exchange(token));
  expect(response.status).toBe(200);
  return String(membersOf(response)['refresh_token']);
}

const exchanges: readonly ContractStory[] = [
  {
    name: 'exchanges a refresh token of the former system for a new session',
    async run(world, send) {
      const [token, asked] = [oldToken(), grantFor(world, { metadata: { from: 'former' } })];
      const response = await send(exchange(token));
      expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(membersOf(response)).toMatchObject({
        refresh_token: expect.stringMatching(/^tpr_[\w-]{112}$/) as string,
        scope: 'orders:read',
      });
      expect(asked).toEqual([token]);
      // When the user signed in is not known.
      expect(claimsIn(response)).toMatchObject({ sub: world.subject });
      expect(claimsIn(response)).not.toHaveProperty('auth_time');
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
      expect(eventsOf(world, 'session.issued')).toHaveLength(1);
    },
  },
  {
    name: 'exchanges a cookie of the former system for a cookie',
    async run(world, send) {
      grantFor(world);
      const cookie = `__Host-refresh_token=${oldToken()}`;
      const first = await send(browse('/legacy-auth/refresh', cookie));
      expect(first.status).toBe(200);
      expect(membersOf(first)).not.toHaveProperty('refresh_token');
      const next = await send(browse('/legacy-auth/refresh', cookieIn(first)));
      expect(next.status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'gives two tabs that send a former token together one session and one refresh token',
    async run(world, send) {
      const [token, asked] = [oldToken(), grantFor(world)];
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(exchange(token))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map((one) => membersOf(one)['refresh_token'])).size).toBe(1);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
      expect(asked).toEqual([token]);
    },
  },
  {
    name: 'gives a client that lost the answer to a former token the same refresh token again',
    async run(world, send) {
      const token = oldToken();
      grantFor(world);
      const first = await refresh(send, token);
      // Within the reuse interval. Later, another tab could spend the token before this answer arrives.
      world.clock.advance(30);
      expect(await refresh(send, token)).toBe(first);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'lets a client that asks with a former token after the reuse interval wait, and serves it then',
    async run(world, send) {
      const token = oldToken();
      grantFor(world);
      await refresh(send, token);
      world.clock.advance(40);
      const early = await send(exchange(token));
      expectError(early, 503, 'refresh_pending');
      expect(early.headers['retry-after']).toBe('20');
      world.clock.advance(21);
      await refresh(send, token);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'narrows the scope of a former token when asked, and widens it never',
    async run(world, send) {
      grantFor(world, { scope: 'orders:read orders:write' });
      const token = oldToken();
      expectError(await send(exchange(token, 'admin')), 400, 'scope_not_granted');
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
      for (const _attempt of [1, 2]) {
        const response = await send(exchange(token, 'orders:read'));
        expect(membersOf(response)).toMatchObject({ scope: 'orders:read' });
      }
      const whole = await send(exchange(token));
      expect(membersOf(whole)).toMatchObject({ scope: 'orders:read orders:write' });
    },
  },
  {
    name: 'refuses the former token of a user whom the claims hook denies, and creates nothing',
    async run(world, send) {
      grantFor(world);
      world.claims = () => false;
      expectError(await send(exchange(oldToken())), 401, 'refresh_token_invalid');
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'serves a client that asks with a former token again after hours, when its new token was never used',
    async run(world, send) {
      const token = oldToken();
      grantFor(world);
      await refresh(send, token);
      world.clock.advance(3 * 3_600);
      const second = await refresh(send, token);
      world.clock.advance(settled);
      await refresh(send, second);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'refreshes the session of a former token as any other',
    async run(world, send) {
      const asked = grantFor(world);
      let token = await refresh(send, oldToken());
      for (const _refresh of [1, 2, 3]) {
        world.clock.advance(settled);
        const next = await refresh(send, token);
        expect(next).not.toBe(token);
        token = next;
      }
      expect(asked).toHaveLength(1);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'ends the session when a former token comes back after its successor was in use',
    async run(world, send) {
      const token = oldToken();
      grantFor(world);
      let current = await refresh(send, token);
      const [sessionId] = await sessionIdsOf(world, world.subject);
      for (const _refresh of [1, 2]) {
        world.clock.advance(settled);
        current = await refresh(send, current);
      }
      world.clock.advance(settled);
      expectError(await send(exchange(token)), 401, 'refresh_token_invalid');
      expect(eventsOf(world, 'refresh.reused')).toMatchObject([{ sessionId }]);
      expect(eventsOf(world, 'session.revoked')).toMatchObject([{ sessionId, reason: 'reuse' }]);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
      expectError(await send(exchange(current)), 401, 'refresh_token_invalid');
    },
  },
  {
    name: 'does not end the session of a former token when the answer of the store is lost',
    async run(world, send) {
      const token = oldToken();
      grantFor(world);
      // Another tab may have got the answer: both have the same refresh token.
      world.claims = () => {
        world.store.break('mute');
        return {};
      };
      expectError(await send(exchange(token)), 503, 'temporarily_unavailable');
      world.store.repair();
      world.claims = () => ({});
      const [sessionId] = await sessionIdsOf(world, world.subject);
      expect(sessionId).toBeDefined();
      expect(world.calls).not.toContain('revoke');
      await refresh(send, token);
      expect(await sessionIdsOf(world, world.subject)).toEqual([sessionId]);
    },
  },
  {
    name: 'grants the lifetimes and the browser session that the former system names',
    async run(world, send) {
      grantFor(world, { persistent: false, idleLifetime: '1h' });
      const first = await send(
        browse('/legacy-auth/refresh', `__Host-refresh_token=${oldToken()}`),
      );
      expect(first.headers['set-cookie']).toMatch(/^__Host-refresh_token=tpr_[\w-]{112}; Path=/);
      world.clock.advance(3_600);
      const late = await send(browse('/legacy-auth/refresh', cookieIn(first)));
      expect(late.status).toBe(401);
    },
  },
];

export const legacyStories: readonly ContractStory[] = exchanges;

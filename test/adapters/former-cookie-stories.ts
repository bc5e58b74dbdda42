// Stories of the adapter contract: a release renames the cookie or moves it, and browsers have the former one, or both.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  verifyBearer,
  type TokenPair,
} from '@tokenpair/core';

import { browse, ownPage, settled } from './contract-row.js';
import { expectError, sessionIdsOf, signIn, type ContractStory } from './contract-story.js';
import type { World } from './contract-world.js';

const attributes = 'HttpOnly; Secure; SameSite=Strict';
const formerName = '__Host-refresh_token';
const clearsFormer = `${formerName}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=None`;
const clearsFormerPath = `__Secure-refresh_token=; Max-Age=0; Path=/moved-auth/refresh; HttpOnly; Secure; SameSite=None`;

const named = (name: string, ...pairs: readonly { readonly refreshToken: string }[]) =>
  pairs.map(({ refreshToken }) => `${name}=${refreshToken}`).join('; ');
const former = (...pairs: readonly TokenPair[]) => named(formerName, ...pairs);
const present = (...pairs: readonly TokenPair[]) => named('__Host-session', ...pairs);
const moved = (...pairs: readonly TokenPair[]) => named('__Secure-refresh_token', ...pairs);
const lines = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) =>
  headers['set-cookie']?.split(', ') ?? [];

/** A pair, and the next one of its session. */
async function twoGenerations(world: World): Promise<readonly [TokenPair, TokenPair]> {
  const first = await world.signIn();
  const second = await refreshTokenPair(world.parts.tokens, first.refreshToken);
  world.clock.advance(settled);
  return [first, second];
}

async function ended(world: World): Promise<TokenPair> {
  const pair = await world.signIn();
  await revokeSession(world.parts.tokens, { sessionId: pair.sessionId });
  return pair;
}

/** Each refresh succeeds, and sets the present cookie after the former one is removed. */
const refreshes = (
  name: string,
  mount: 'renamed' | 'moved',
  cookies: (world: World) => Promise<string>,
): ContractStory => ({
  name,
  async run(world, send) {
    const answer = await send(browse(`/${mount}-auth/refresh`, await cookies(world)));
    expect(answer.status).toBe(200);
    const [clears, sets = '', ...more] = lines(answer);
    expect({ clears, more }).toEqual({
      clears: mount === 'renamed' ? clearsFormer : clearsFormerPath,
      more: [],
    });
    expect(sets).toMatch(
      mount === 'renamed'
        ? /^__Host-session=tpr_[\w-]{112}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/
        : /^__Secure-refresh_token=tpr_[\w-]{112}; Max-Age=2592000; Path=\/moved-auth; HttpOnly; Secure; SameSite=Strict$/,
    );
    world.clock.advance(settled);
    const next = await send(browse(`/${mount}-auth/refresh`, sets.split(';')[0]));
    expect(next.status).toBe(200);
  },
});

export const formerCookieStories: readonly ContractStory[] = [
  refreshes('refreshes by a cookie of a former name', 'renamed', async (world) =>
    former(await world.signIn()),
  ),
  refreshes('takes the newest of two cookies of one session', 'renamed', async (world) => {
    const [first, second] = await twoGenerations(world);
    return `${former(first)}; ${present(second)}`;
  }),
  refreshes('takes the newest, also when it has the former name', 'renamed', async (world) => {
    const [first, second] = await twoGenerations(world);
    return `${former(second)}; ${present(first)}`;
  }),
  refreshes('takes the live one of two cookies', 'renamed', async (world) => {
    return `${former(await world.signIn())}; ${present(await ended(world))}`;
  }),
  // A login outside the path of a former cookie does not get it, and so ends neither the cookie nor its session.
  refreshes('takes the cookie of the present name of two live sessions', 'renamed', async (world) =>
    [present(await world.signIn()), former(await world.signIn())].join('; '),
  ),
  refreshes('takes it, whichever comes first', 'renamed', async (world) =>
    [former(await world.signIn()), present(await world.signIn())].join('; '),
  ),
  refreshes('takes it, however many former ones there are', 'renamed', async (world) => {
    const pairs = await Promise.all(Array.from({ length: 12 }, () => world.signIn()));
    return `${former(...pairs)}; ${present(await world.signIn())}`;
  }),
  refreshes(
    'takes the cookie that can be read',
    'renamed',
    async (world) => `${former(await world.signIn())}; __Host-session=garbled`,
  ),
  refreshes('takes the newest of two cookies of one name and two paths', 'moved', async (world) =>
    moved(...(await twoGenerations(world))),
  ),
  refreshes('takes the newest, whichever path comes first', 'moved', async (world) =>
    moved(...(await twoGenerations(world)).toReversed()),
  ),
  refreshes('takes the live one of two cookies of one name', 'moved', async (world) =>
    moved(await ended(world), await world.signIn()),
  ),
  refreshes('ignores a cookie of another issuer of the same name', 'moved', async (world) =>
    moved(
      await issueTokenPair(world.parts.published, { subject: world.subject }),
      await world.signIn(),
    ),
  ),
  {
    name: 'sets and removes no cookie when the session has just rotated',
    async run(world, send) {
      const first = await world.signIn();
      const second = await refreshTokenPair(world.parts.tokens, first.refreshToken);
      const answer = await send(browse('/renamed-auth/refresh', former(second)));
      expect({ status: answer.status, lines: lines(answer) }).toEqual({ status: 200, lines: [] });
    },
  },
  {
    name: 'lets the user sign in when two cookies are of two live sessions, which ends both for good',
    async run(world, send) {
      const [one, two] = [await world.signIn(), await world.signIn()];
      const cookies = moved(one, two);
      expectError(await send(browse('/moved-auth/refresh', cookies)), 401, 'refresh_token_invalid');
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(2);
      const login = await send(signIn('moved', cookies));
      expect(login.status).toBe(200);
      const ids = await sessionIdsOf(world, world.subject);
      expect(ids).toHaveLength(1);
      expect(ids).not.toContain(one.sessionId);
      expect(ids).not.toContain(two.sessionId);
      // Also when a cookie remains of which the release says nothing.
      const set = lines(login).at(-1)?.split(';')[0] ?? '';
      const next = await send(browse('/moved-auth/refresh', `${moved(two)}; ${set}`));
      expect(next.status).toBe(200);
    },
  },
  {
    name: 'ends every session at a logout with several cookies, and removes all of them',
    async run(world, send) {
      const [one, two] = [await world.signIn(), await world.signIn()];
      const answer = await send(browse('/renamed-auth/logout', `${former(one)}; ${present(two)}`));
      expect(answer.status).toBe(204);
      expect(lines(answer)).toEqual([
        clearsFormer,
        `__Host-session=; Max-Age=0; Path=/; ${attributes}`,
      ]);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'removes all cookies at a logout, also while the store is down',
    async run(world, send) {
      const cookies = `${former(await world.signIn())}; ${present(await world.signIn())}`;
      world.store.break('down');
      const answer = await send(browse('/renamed-auth/logout', cookies));
      expect(answer.status).toBe(503);
      expect(lines(answer)).toEqual([
        clearsFormer,
        `__Host-session=; Max-Age=0; Path=/; ${attributes}`,
      ]);
    },
  },
  {
    name: 'removes the cookies of ended sessions only',
    async run(world, send) {
      const [one, two] = [await world.signIn(), await world.signIn()];
      const answer = await send(
        browse('/renamed-auth/logout-all', `${former(one)}; ${present(two)}`, {
          headers: {
            ...ownPage,
            Authorization: `Bearer ${two.accessToken}`,
            'Content-Type': 'application/json',
          },
          body: '{"keep_current":true}',
        }),
      );
      expect(answer).toMatchObject({ status: 200, body: '{"revoked":1}' });
      expect(lines(answer)).toEqual([clearsFormer]);
    },
  },
  {
    name: 'replaces the session of a cookie of a former name at a login, and removes the cookie',
    async run(world, send) {
      const pair = await world.signIn();
      const login = await send(signIn('renamed', former(pair)));
      expect(lines(login)).toEqual([
        clearsFormer,
        expect.stringMatching(/^__Host-session=tpr_/) as string,
      ]);
      expect(await sessionIdsOf(world, world.subject)).not.toContain(pair.sessionId);
    },
  },
  {
    name: 'takes the session of the present name, not the newest one',
    async run(world, send) {
      const own = await world.signIn();
      world.clock.advance(60);
      const other = await world.signIn();
      const answer = await send(
        browse('/renamed-auth/refresh', `${former(other)}; ${present(own)}`),
      );
      expect(answer.status).toBe(200);
      const { access_token: accessToken } = JSON.parse(answer.body) as { access_token: string };
      const { verifier } = world.parts.tokens;
      await expect(verifyBearer(verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
        sessionId: own.sessionId,
      });
    },
  },
  {
    name: 'reads no more than eight cookies',
    async run(world, send) {
      const pairs = await Promise.all(Array.from({ length: 9 }, () => world.signIn()));
      const response = await send(browse('/moved-auth/refresh', moved(...pairs)));
      expectError(response, 400, 'request_malformed');
    },
  },
];

// Stories of the adapter contract: endpoints.login sends the pair, and ends the session that it replaces.
/* oxlint-disable jest/no-standalone-expect -- a story runs inside of a test */

import { issueTokenPair, revokeSession, updateSession, type TokenPair } from '@tokenpair/core';

import { browse, cookieOf, postJson, settled } from './contract-row.js';
import {
  cookieIn,
  eventsOf,
  maxAgeIn,
  membersOf,
  sessionIdsOf,
  signIn,
  type ContractStory,
} from './contract-story.js';
import type { World } from './contract-world.js';

const month = 30 * 86_400;

/** The session of the latest login. */
function issuedIn(world: World): string {
  const issued = world.events.filter(({ type }) => type === 'session.issued').at(-1);
  return issued && 'sessionId' in issued ? issued.sessionId : '';
}

const replacedIn = (world: World) =>
  eventsOf(world, 'session.revoked').map((event) => ({ ...event, type: undefined }));

const carriers: readonly ContractStory[] = [
  {
    name: 'sends the pair of a login in the body, and no cookie',
    async run(world, send) {
      const response = await send(postJson('/body-signin', {}));
      expect(response).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
      });
      expect(response.headers).not.toHaveProperty('set-cookie');
      expect(membersOf(response)).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
        token_type: 'Bearer',
        expires_in: 300,
        refresh_token: expect.stringMatching(/^tpr_[\w-]{112}$/) as string,
        refresh_expires_in: month,
        scope: 'orders:read',
        session_id: issuedIn(world),
        session_expires_at: world.clock.now() / 1_000 + 3 * month,
      });
      expect(await sessionIdsOf(world, world.subject)).toEqual([issuedIn(world)]);
    },
  },
  {
    name: 'sends the refresh token of a login in a cookie, and not in the body',
    async run(_world, send) {
      const response = await send(signIn('browser'));
      expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(Object.keys(membersOf(response)).toSorted()).toEqual([
        'access_token',
        'expires_in',
        'refresh_expires_in',
        'scope',
        'session_expires_at',
        'session_id',
        'token_type',
      ]);
      expect(response.headers['set-cookie']).toMatch(
        /^__Host-refresh_token=tpr_[\w-]{112}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      const next = await send(browse('/browser-auth/refresh', cookieIn(response)));
      expect(next.status).toBe(200);
    },
  },
  {
    name: 'sends the pair of a login to a browser by cookie and to a program in the body',
    async run(_world, send) {
      const browser = await send(signIn('both'));
      expect(membersOf(browser)).not.toHaveProperty('refresh_token');
      expect(cookieIn(browser)).toMatch(/^__Host-refresh_token=tpr_/);
      const program = await send(postJson('/both-signin', {}));
      expect(program.headers).not.toHaveProperty('set-cookie');
      const { refresh_token: refreshToken } = membersOf(program);
      const next = await send(postJson('/both-auth/refresh', { refresh_token: refreshToken }));
      expect(next.status).toBe(200);
    },
  },
];

/** The session of this cookie does not end, and the login succeeds. */
const ignores = (
  name: string,
  mount: string,
  cookies: (world: World, pair: TokenPair) => string | Promise<string>,
): ContractStory => ({
  name,
  async run(world, send) {
    const pair = await world.signIn();
    const cookie = await cookies(world, pair);
    const before = await sessionIdsOf(world, world.subject);
    world.events.length = 0;
    expect((await send(signIn(mount, cookie))).status).toBe(200);
    expect(replacedIn(world)).toEqual([]);
    const expected = [...before, issuedIn(world)].toSorted();
    expect(await sessionIdsOf(world, world.subject)).toEqual(expected);
  },
});

const replacing: readonly ContractStory[] = [
  ...['browser', 'both', 'next-browser'].map(
    (mount) =>
      ({
        name: `ends the session of the cookie that came with a login, and no other device's, at /${mount}-signin`,
        async run(world, send) {
          const { subject } = world;
          const [former, phone] = [await world.signIn(), await world.signIn()];
          const response = await send(signIn(mount, cookieOf(former)));
          expect(response.status).toBe(200);
          const expected = [phone.sessionId, issuedIn(world)].toSorted();
          expect(await sessionIdsOf(world, subject)).toEqual(expected);
          expect(replacedIn(world)).toEqual([
            { type: undefined, sessionId: former.sessionId, subject, reason: 'replaced' },
          ]);
          expect(world.calls).not.toContain('revoke');
        },
      }) satisfies ContractStory,
  ),
  {
    name: 'ends the session of a spent cookie that came with a login',
    async run(world, send) {
      const former = await world.signIn();
      await send(browse('/browser-auth/refresh', cookieOf(former)));
      await send(signIn('browser', cookieOf(former)));
      expect(await sessionIdsOf(world, world.subject)).toEqual([issuedIn(world)]);
    },
  },
  {
    name: 'ends the session of another user in the same browser, after the new one exists',
    async run(world, send) {
      const other = `${world.subject}-other`;
      const former = await world.signIn({ subject: other });
      world.calls.length = 0;
      expect((await send(signIn('browser', cookieOf(former)))).status).toBe(200);
      expect(await sessionIdsOf(world, other)).toEqual([]);
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
      expect(replacedIn(world)).toEqual([
        { type: undefined, sessionId: former.sessionId, subject: other, reason: 'replaced' },
      ]);
      expect(world.calls.slice(world.calls.indexOf('create'))).toEqual([
        'create',
        'revoke',
        'list',
        'list',
      ]);
    },
  },
  {
    name: 'ends the session that the grant names, and not that of the cookie',
    async run(world, send) {
      const [cookie, named] = [await world.signIn(), await world.signIn()];
      world.login = { grant: { subject: world.subject, replaces: named.refreshToken } };
      await send(signIn('browser', cookieOf(cookie)));
      const expected = [cookie.sessionId, issuedIn(world)].toSorted();
      expect(await sessionIdsOf(world, world.subject)).toEqual(expected);
    },
  },
  {
    name: 'ends the session of the cookie when the grant names none',
    async run(world, send) {
      const former = await world.signIn();
      world.login = { grant: { subject: world.subject, replaces: undefined } };
      await send(signIn('browser', cookieOf(former)));
      expect(await sessionIdsOf(world, world.subject)).toEqual([issuedIn(world)]);
    },
  },
  ignores('ignores a forged cookie at a login', 'browser', () => '__Host-refresh_token=forged'),
  ignores('ignores a cookie without a value at a login', 'browser', () => '__Host-refresh_token='),
  ignores('ignores the cookie of a session that has ended at a login', 'browser', async (world) => {
    const ended = await world.signIn();
    await revokeSession(world.parts.tokens, { sessionId: ended.sessionId });
    return cookieOf(ended);
  }),
  ignores(
    'ignores the cookie of another issuer at a login',
    'browser',
    async ({ parts, subject }) => cookieOf(await issueTokenPair(parts.published, { subject })),
  ),
  {
    name: 'ends both sessions when a login comes with two cookies',
    async run(world, send) {
      const [one, two] = [await world.signIn(), await world.signIn()];
      world.events.length = 0;
      await send(signIn('browser', `${cookieOf(one)}; ${cookieOf(two)}`));
      expect(await sessionIdsOf(world, world.subject)).toEqual([issuedIn(world)]);
      const replaced = replacedIn(world);
      expect(replaced).toHaveLength(2);
      expect(replaced).toEqual([
        expect.objectContaining({ sessionId: one.sessionId, reason: 'replaced' }),
        expect.objectContaining({ sessionId: two.sessionId, reason: 'replaced' }),
      ]);
    },
  },
  ignores('reads no cookie at a login in the body', 'body', (_world, pair) => cookieOf(pair)),
];

const redirects: readonly ContractStory[] = [
  {
    name: 'redirects after a login, with the cookie and without a body',
    async run(world, send) {
      world.login = { grant: { subject: world.subject }, options: { redirect: '/home?a=1#top' } };
      for (const mount of ['browser', 'both']) {
        const response = await send(signIn(mount));
        expect(response).toMatchObject({ status: 303, body: '' });
        expect(response.headers).toMatchObject({
          location: '/home?a=1#top',
          'cache-control': 'no-store',
          'set-cookie': expect.stringMatching(/^__Host-refresh_token=tpr_/) as string,
        });
        expect(response.headers).not.toHaveProperty('content-type');
        const next = await send(browse(`/${mount}-auth/refresh`, cookieIn(response)));
        expect(next.status).toBe(200);
      }
    },
  },
  {
    name: 'signs in on the way back from a page of another site that the user has visited to sign in',
    async run(world, send) {
      world.login = { grant: { subject: world.subject }, options: { redirect: '/' } };
      const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
      const response = await send({ path: '/browser-signin?code=1', headers });
      expect(response).toMatchObject({ status: 303, headers: { location: '/' } });
    },
  },
];

const lifetimes: readonly ContractStory[] = [
  {
    name: 'sets a cookie without Max-Age at a login that is not persistent, and at every refresh after it',
    async run(world, send) {
      world.login = { grant: { subject: world.subject, persistent: false } };
      let answer = await send(signIn('browser'));
      for (const _refresh of [1, 2, 3]) {
        expect(answer.headers['set-cookie']).toMatch(
          /^__Host-refresh_token=tpr_[\w-]{112}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
        );
        world.clock.advance(settled);
        answer = await send(browse('/browser-auth/refresh', cookieIn(answer)));
        expect(answer.status).toBe(200);
      }
      expect(maxAgeIn(answer)).toBeUndefined();
    },
  },
  {
    name: 'keeps a session that is not persistent without Max-Age when it is updated',
    async run(world, send) {
      world.login = { grant: { subject: world.subject, persistent: false } };
      const answer = await send(signIn('browser'));
      await updateSession(world.parts.tokens, issuedIn(world), { metadata: { device: 'phone' } });
      const next = await send(browse('/browser-auth/refresh', cookieIn(answer)));
      expect(next.headers['set-cookie']).toMatch(/^__Host-refresh_token=tpr_[\w-]{112}; Path=/);
    },
  },
  {
    name: 'keeps the cookie for the idle lifetime of the login, at every refresh',
    async run(world, send) {
      world.login = { grant: { subject: world.subject, idleLifetime: '1h' } };
      const first = await send(signIn('browser'));
      expect(maxAgeIn(first)).toBe(3_600);
      world.clock.advance(3_599);
      const next = await send(browse('/browser-auth/refresh', cookieIn(first)));
      expect(maxAgeIn(next)).toBe(3_600);
      world.clock.advance(3_600);
      const late = await send(browse('/browser-auth/refresh', cookieIn(next)));
      expect(late.status).toBe(401);
    },
  },
  {
    name: 'keeps the cookie at most until the absolute end of the login',
    async run(world, send) {
      world.login = { grant: { subject: world.subject, absoluteLifetime: '2h' } };
      const first = await send(signIn('browser'));
      expect(maxAgeIn(first)).toBe(7_200);
      world.clock.advance(7_000);
      const next = await send(browse('/browser-auth/refresh', cookieIn(first)));
      expect(maxAgeIn(next)).toBe(200);
      expect(membersOf(next)).toMatchObject({ expires_in: 200 });
    },
  },
  {
    name: 'keeps the cookie as long as the pair of a separate login says',
    async run(world, send) {
      const pair = await world.signIn({ idleLifetime: '2d' });
      expect(pair.refreshExpiresIn).toBe(2 * 86_400);
      const next = await send(browse('/browser-auth/refresh', cookieOf(pair)));
      expect(maxAgeIn(next)).toBe(pair.refreshExpiresIn);
      expect((await world.signIn()).refreshExpiresIn).toBe(month);
    },
  },
];

export const loginStories: readonly ContractStory[] = [
  ...carriers,
  ...replacing,
  ...redirects,
  ...lifetimes,
];

// Stories of the adapter contract: logins that are refused, and that issue nothing then.
/* oxlint-disable jest/no-standalone-expect -- a story runs inside of a test */

import { issueTokenPair, type LoginGrant, type LoginOptions } from '@tokenpair/core';

import type { TestHeaders, TestRequest } from '../support/http.js';
import { browse, cookieOf, ownPage, postJson } from './contract-row.js';
import {
  expectError,
  membersOf,
  otherSite,
  sessionIdsOf,
  signIn,
  type ContractStory,
} from './contract-story.js';
import { bannedSubject } from './contract-world.js';

const from = (headers: TestHeaders, path: string, cookie?: string): TestRequest =>
  browse(path, cookie, { headers });

/** Pages that must not sign anybody in here. A sibling host sends the cookie, although it is `SameSite=Strict`. */
const strangers: Readonly<Record<string, TestHeaders>> = {
  'another site': otherSite,
  'another site that names no origin': { 'Sec-Fetch-Site': 'cross-site' },
  'a sibling host': { Origin: 'https://blog.issuer.test', 'Sec-Fetch-Site': 'same-site' },
  'a sibling host that names its origin only': { Origin: 'https://blog.issuer.test' },
};

const origins: readonly ContractStory[] = [
  ...Object.entries(strangers).map(([page, headers]): ContractStory => ({
    name: `refuses a login from ${page} before it issues anything`,
    async run(world, send) {
      const former = await world.signIn();
      for (const mount of ['browser', 'both']) {
        for (const cookie of [undefined, cookieOf(former)]) {
          world.calls.length = 0;
          const response = await send(from(headers, `/${mount}-signin`, cookie));
          expectError(response, 403, 'origin_refused');
          expect(world.calls).toEqual([]);
        }
      }
      expect(await sessionIdsOf(world, world.subject)).toEqual([former.sessionId]);
    },
  })),
  {
    name: 'refuses a login with a cookie of which nothing says where it comes from',
    async run(world, send) {
      const former = await world.signIn();
      const response = await send(from({}, '/browser-signin', cookieOf(former)));
      expectError(response, 403, 'origin_refused');
      expect(await sessionIdsOf(world, world.subject)).toEqual([former.sessionId]);
    },
  },
  {
    name: 'signs in a program that names no origin and has no cookie',
    async run(_world, send) {
      for (const mount of ['browser', 'both', 'body']) {
        expect((await send(from({}, `/${mount}-signin`))).status).toBe(200);
      }
    },
  },
  {
    name: 'signs in from an allowed origin on another site',
    async run(_world, send) {
      const headers = { Origin: 'https://app.test', 'Sec-Fetch-Site': 'cross-site' };
      expect((await send(from(headers, '/browser-signin'))).status).toBe(200);
    },
  },
  {
    name: 'looks at no origin where the pair is sent in the body',
    async run(_world, send) {
      expect((await send(from(otherSite, '/body-signin'))).status).toBe(200);
    },
  },
  ...Object.entries(strangers).map(([page, headers]): ContractStory => ({
    name: `sends no cookie with a pair to ${page}`,
    async run({ subject }, send) {
      const { body } = postJson('/', { subject });
      const more = {
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: body ?? '',
      };
      for (const mount of ['cookie', 'auto']) {
        const response = await send(browse(`/${mount}-login`, undefined, more));
        expect(response).toMatchObject({ status: 403 });
        expect(membersOf(response)).toMatchObject({ code: 'origin_refused' });
        expect(response.headers['set-cookie'] ?? '').not.toContain('refresh_token');
      }
    },
  })),
];

/** The login fails by a mistake of the application, which learns of it; nothing is stored. */
const isMistake = (
  name: string,
  request: TestRequest,
  login: { readonly grant?: object; readonly options?: object },
  message: string,
): ContractStory => ({
  name,
  async run(world, send) {
    const grant = { subject: world.subject, ...login.grant } as LoginGrant;
    world.login = { grant, options: login.options as LoginOptions };
    const former = await world.signIn();
    world.calls.length = 0;
    const cookie = cookieOf(former);
    const response = await send({ ...request, headers: { ...request.headers, Cookie: cookie } });
    expect(response.status).toBe(500);
    expect(membersOf(response)['application']).toBe('failed');
    expect(membersOf(response)['message']).toContain(message);
    expect(response.headers).not.toHaveProperty('set-cookie');
    expect(response.headers).not.toHaveProperty('location');
    expect(world.calls).not.toContain('create');
    expect(await sessionIdsOf(world, world.subject)).toEqual([former.sessionId]);
  },
});

const injections = [
  '/home\r\nSet-Cookie: theme=dark',
  '/home\nX: y',
  '/home page',
  '/hôme',
  '/home\0',
  '',
  7,
  null,
];

const mistakes: readonly ContractStory[] = [
  isMistake(
    'calls a redirect where the pair is sent in the body a mistake',
    postJson('/body-signin', {}),
    { options: { redirect: '/home' } },
    'redirect needs the refresh token in a cookie',
  ),
  ...injections.map((redirect) =>
    isMistake(
      `redirects to no text that cannot be a header: ${JSON.stringify(redirect)}`,
      signIn('browser'),
      { options: { redirect } },
      'redirect must be a path or a URL',
    ),
  ),
  isMistake(
    'calls an unknown option of a login a mistake',
    signIn('browser'),
    { options: { location: '/home' } },
    'location',
  ),
  isMistake(
    'calls an unknown member of a grant a mistake',
    signIn('browser'),
    { grant: { userId: 'u_1' } },
    'userId',
  ),
  {
    name: 'calls a redirect where refresh tokens are in the body a mistake',
    async run(world, send) {
      world.login = { grant: { subject: world.subject }, options: { redirect: '/home' } };
      const response = await send(postJson('/body-signin', {}));
      expect(response.status).toBe(500);
      expect(world.calls).toEqual([]);
    },
  },
];

const refusals: readonly ContractStory[] = [
  {
    name: 'denies a login in the browser of a session in which an actor acts, which goes on',
    async run(world, send) {
      const support = `${world.subject}-support`;
      const acting = await world.signIn({ actor: { subject: support } });
      const response = await send(signIn('browser', cookieOf(acting)));
      expectError(response, 403, 'access_denied');
      expect(membersOf(response)).toMatchObject({ error: 'access_denied', action: 'fix' });
      expect(await sessionIdsOf(world, support)).toEqual([acting.sessionId]);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'denies a login that the claims hook denies, and keeps the session of the cookie',
    async run(world, send) {
      const former = await world.signIn();
      world.login = { grant: { subject: bannedSubject } };
      expectError(await send(signIn('browser', cookieOf(former))), 403, 'access_denied');
      expect(await sessionIdsOf(world, world.subject)).toEqual([former.sessionId]);
    },
  },
  {
    name: 'refuses a login beyond the limit of sessions',
    async run(world, send) {
      expect((await send(signIn('limited-body'))).status).toBe(200);
      expectError(await send(signIn('limited-body')), 403, 'session_limit');
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
    },
  },
  {
    name: 'says at a login that the store is full',
    async run({ subject, parts }, send) {
      // The store has room for one session, which may be there since another story.
      await issueTokenPair(parts.full, { subject }).catch(() => undefined);
      expectError(await send(signIn('full-body')), 503, 'store_full');
    },
  },
  ...(['down', 'slow'] as const).map((how): ContractStory => ({
    name: `says at a login that the store is ${how}, with the time to wait`,
    async run(world, send) {
      world.store.break(how);
      const response = await send(signIn('browser'));
      expectError(response, 503, 'temporarily_unavailable');
      expect(response.headers['retry-after']).toMatch(/^\d+$/);
    },
  })),
  {
    name: 'says at a login that the claims hook has failed, and keeps the session of the cookie',
    async run(world, send) {
      const former = await world.signIn();
      world.claims = () => {
        throw new Error('connect ECONNREFUSED');
      };
      const response = await send(signIn('browser', cookieOf(former)));
      expectError(response, 503, 'temporarily_unavailable');
      expect(await sessionIdsOf(world, world.subject)).toEqual([former.sessionId]);
    },
  },
  {
    name: 'hands errors of a login to the application where they go there',
    async run(world, send) {
      const stranger = await send(from(otherSite, '/next-browser-signin'));
      expect(stranger.status).toBe(403);
      expect(membersOf(stranger)).toEqual({
        application: 'refused',
        code: 'origin_refused',
        action: 'fix',
      });
      world.store.break('down');
      const outage = await send(from(ownPage, '/next-browser-signin'));
      expect(outage.status).toBe(503);
      expect(outage.headers['retry-after']).toMatch(/^\d+$/);
      expect(membersOf(outage)).toEqual({
        application: 'refused',
        code: 'temporarily_unavailable',
        action: 'retry',
      });
    },
  },
];

export const loginErrorStories: readonly ContractStory[] = [...origins, ...mistakes, ...refusals];

// Rows of the adapter contract: one mount for browsers, which get a cookie, and for programs, which get a body.

import {
  browse,
  cookieOf,
  ownPage,
  postForm,
  postJson,
  refreshOf,
  signedIn,
  type ContractRow,
  type Expectation,
} from './contract-row.js';
import { cleared, nextCookie } from './cookie-rows.js';

const json = { 'Content-Type': 'application/json' };

const nextBody: Expectation = {
  status: 200,
  headers: { 'set-cookie': undefined },
  body: { refresh_token: expect.stringMatching(/^tpr_[\w-]{112}$/) },
};

const refusal = (status: number, code: Expectation['code'], more: Partial<Expectation> = {}) =>
  ({ status, ...(code && { code }), format: 'token', calls: [], ...more }) as const;

export const autoRows: readonly ContractRow[] = [
  {
    name: 'hands a browser that signs in a cookie, and no refresh token in the body',
    request: ({ subject }) =>
      browse('/auto-login', undefined, {
        headers: { ...ownPage, ...json },
        body: JSON.stringify({ subject }),
      }),
    expect: {
      ...nextCookie,
      headers: { 'set-cookie': expect.stringContaining('__Host-refresh_token=tpr_') as string },
      calls: ['create'],
    },
  },
  {
    name: 'hands a browser that names its origin only a cookie',
    request: ({ subject }) =>
      browse('/auto-login', undefined, {
        headers: { Origin: 'https://app.test', ...json },
        body: JSON.stringify({ subject }),
      }),
    expect: {
      ...nextCookie,
      headers: { 'set-cookie': expect.stringContaining('__Host-refresh_token=tpr_') as string },
      calls: ['create'],
    },
  },
  {
    name: 'hands a program that signs in a body, and no cookie of ours',
    request: ({ subject }) => postJson('/auto-login', { subject }),
    expect: { ...nextBody, headers: { 'set-cookie': 'theme=dark, lang=en' }, calls: ['create'] },
  },
  signedIn(
    'answers a cookie with a cookie',
    (pair) => browse('/auto-auth/refresh', cookieOf(pair)),
    nextCookie,
  ),
  signedIn(
    'answers a cookie that a program has kept with a cookie',
    (pair) =>
      browse('/auto-auth/refresh', cookieOf(pair), { headers: { 'X-Requested-With': 'x' } }),
    nextCookie,
  ),
  signedIn(
    'answers a body with a body',
    (pair) => postJson('/auto-auth/refresh', refreshOf(pair)),
    nextBody,
  ),
  signedIn(
    'answers a body with a body, also to a browser',
    (pair) =>
      browse('/auto-auth/refresh', undefined, {
        headers: { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site', ...json },
        body: JSON.stringify(refreshOf(pair)),
      }),
    nextBody,
  ),
  signedIn(
    'answers a refresh token in both places in the body',
    (pair) =>
      browse('/auto-auth/refresh', cookieOf(pair), {
        headers: { ...ownPage, ...json },
        body: JSON.stringify(refreshOf(pair)),
      }),
    nextBody,
  ),
  signedIn(
    'believes no cookie that another site sends',
    (pair) =>
      browse('/auto-auth/refresh', cookieOf(pair), { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    refusal(403, 'origin_refused'),
  ),
  {
    name: 'asks a browser without a cookie for a refresh token',
    request: () => browse('/auto-auth/refresh'),
    expect: refusal(401, 'refresh_token_missing'),
  },
  {
    name: 'leaves a forged cookie of a browser as it is',
    request: () => browse('/auto-auth/refresh', '__Host-refresh_token=forged'),
    expect: refusal(401, 'refresh_token_invalid'),
  },
  {
    name: 'sets no cookie where the forged refresh token was in the body',
    request: () => postForm('/auto-auth/refresh', { refresh_token: 'forged' }),
    expect: refusal(401, 'refresh_token_invalid'),
  },
  signedIn(
    'logs a browser out by its cookie, and clears it',
    (pair) => browse('/auto-auth/logout', cookieOf(pair)),
    { status: 204, headers: { 'set-cookie': cleared }, calls: ['get', 'revoke'] },
  ),
  signedIn(
    'logs a program out by its body, and sets no cookie',
    (pair) => postJson('/auto-auth/logout', refreshOf(pair)),
    { status: 204, headers: { 'set-cookie': undefined }, calls: ['get', 'revoke'] },
  ),
  signedIn(
    'sets no cookie when a program cannot be logged out by its body',
    (pair, world) => {
      world.store.break('down');
      return postJson('/auto-auth/logout', refreshOf(pair));
    },
    refusal(503, 'temporarily_unavailable', { calls: ['get'] }),
  ),
  {
    name: 'takes a browser without a cookie for one that is logged out, where programs are served too',
    request: () => browse('/auto-auth/logout'),
    expect: { status: 204, calls: [] },
  },
  ...(['cross-site', 'same-site'] as const).map((site) => ({
    name: `does not clear the cookie that a browser kept back from a ${site} page`,
    request: () =>
      browse('/auto-auth/logout', undefined, {
        headers: { Origin: 'https://evil.test', 'Sec-Fetch-Site': site },
      }),
    expect: refusal(401, 'refresh_token_missing', { headers: { 'set-cookie': undefined } }),
  })),
  {
    name: 'asks a program for a refresh token at logout, where browsers are served too',
    request: () => postJson('/auto-auth/logout', {}),
    expect: refusal(401, 'refresh_token_missing'),
  },
  signedIn(
    'speaks the OAuth dialect with programs, where browsers are served too',
    (pair) => postForm('/auto-auth/token', { grant_type: 'refresh_token', ...refreshOf(pair) }),
    nextBody,
  ),
];

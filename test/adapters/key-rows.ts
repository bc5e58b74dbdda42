// Rows of the adapter contract: what a client meets when the keys of its access token have been replaced.

import type { TokenPair } from '@tokenpair/core';

import { send, type TestRequest } from '../support/http.js';
import { call, postForm, postJson, refreshOf, type ContractRow } from './contract-row.js';
import type { World } from './contract-world.js';

const afterChange = (
  request: (pair: TokenPair) => TestRequest,
): { readonly request: (world: World) => Promise<TestRequest>; readonly pair: () => TokenPair } => {
  let pair: TokenPair;
  return {
    pair: () => pair,
    request: async (world) => {
      pair = await world.signIn();
      world.replaceKeys();
      return request(pair);
    },
  };
};

/** A request with an access token of before is refused; a client that does what `action` says goes on. */
const refreshesAndGoesOn = (
  name: string,
  path: string,
  format: 'problem' | 'token' = 'problem',
): ContractRow => {
  const { request, pair } = afterChange(({ accessToken }) => call(path, accessToken));
  return {
    name,
    request,
    expect: {
      status: 401,
      code: 'token_key_unknown',
      format,
      calls: [],
      after: async (_world, { body }, { port }) => {
        expect(JSON.parse(body)).toMatchObject({ action: 'refresh' });
        const { accessToken } = pair();
        // Also a client that sends the refused access token along.
        const parameters = { ...refreshOf(pair()), access_token: accessToken };
        const refreshed = await send(port, postJson('/auth/refresh', parameters));
        expect(refreshed.status).toBe(200);
        const next = JSON.parse(refreshed.body) as { access_token: string };
        expect((await send(port, call(path, next.access_token))).status).toBe(200);
      },
    },
  };
};

export const keyRows: readonly ContractRow[] = [
  refreshesAndGoesOn(
    'sends a client to refresh, and not to sign in, when the key of its token is gone',
    '/guarded',
  ),
  refreshesAndGoesOn('does so at the session endpoints', '/auth/sessions', 'token'),
  ...(
    [
      ['/auth/refresh', postJson, {}],
      ['/auth/token', postForm, { grant_type: 'refresh_token' }],
    ] as const
  ).map(([path, post, more]): ContractRow => ({
    name: `takes an access token whose key is gone for none at ${path}`,
    request: afterChange((pair) =>
      post(path, { ...more, ...refreshOf(pair), access_token: pair.accessToken }),
    ).request,
    expect: { status: 200 },
  })),
  {
    name: 'refuses it where a refresh must bring an access token',
    request: afterChange((pair) =>
      postJson('/strict-auth/refresh', { ...refreshOf(pair), access_token: pair.accessToken }),
    ).request,
    expect: { status: 401, code: 'token_pair_mismatch', format: 'token', calls: [] },
  },
];

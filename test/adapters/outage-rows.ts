// Rows of the adapter contract: what happens while the store fails, and that nothing is lost by it.

import type { TokenPair } from '@tokenpair/core';
import type { Breakage } from '@tokenpair/testing';

import { send, type TestRequest } from '../support/http.js';
import { call, postJson, refreshOf, type ContractRow, type Expectation } from './contract-row.js';
import type { World } from './contract-world.js';

const unavailable: Expectation = {
  status: 503,
  code: 'temporarily_unavailable',
  format: 'token',
};

const during = (
  name: string,
  how: Breakage,
  request: (pair: TokenPair, world: World) => TestRequest,
  expected: (pair: () => TokenPair) => Expectation = () => unavailable,
): ContractRow => {
  let pair: TokenPair | undefined;
  return {
    name,
    request: async (world) => {
      pair = await world.signIn();
      world.store.break(how);
      return request(pair, world);
    },
    expect: expected(() => pair as TokenPair),
  };
};

const refresh = (pair: TokenPair): TestRequest => postJson('/auth/refresh', refreshOf(pair));

const worksAfterwards = (pair: () => TokenPair): Expectation => ({
  ...unavailable,
  after: async (world, _response, { port }) => {
    world.store.repair();
    expect((await send(port, refresh(pair()))).status).toBe(200);
  },
});

export const outageRows: readonly ContractRow[] = [
  during(
    'refuses no refresh token while the store is down: it works afterwards',
    'down',
    refresh,
    worksAfterwards,
  ),
  during(
    'waits no longer than the deadline for a store that is slow: the token works afterwards',
    'slow',
    refresh,
    worksAfterwards,
  ),
  during(
    'believes no store that answers nonsense: the token works afterwards',
    'garbled',
    refresh,
    worksAfterwards,
  ),
  during(
    'loses no session when the answer of the store is lost: the token works afterwards',
    'mute',
    refresh,
    worksAfterwards,
  ),
  during('does not call a logout done while the store is down', 'down', (pair) =>
    postJson('/auth/logout', refreshOf(pair)),
  ),
  during('does not call a logout done when the store answers nonsense', 'garbled', (pair) =>
    postJson('/auth/logout', refreshOf(pair)),
  ),
  during('does not call all sessions ended while the store is down', 'down', ({ accessToken }) =>
    call('/auth/logout-all', accessToken, 'POST'),
  ),
  during('lists no sessions while the store is down', 'down', ({ accessToken }) =>
    call('/auth/sessions', accessToken),
  ),
  during('lists no sessions when the store answers nonsense', 'garbled', ({ accessToken }) =>
    call('/auth/sessions', accessToken),
  ),
  during('ends no session while the store is down', 'down', ({ accessToken, sessionId }) =>
    call(`/auth/sessions/${sessionId}`, accessToken, 'DELETE'),
  ),
  during(
    'starts no session while the store is down',
    'down',
    (_pair, { subject }) => postJson('/login', { subject }),
    () => ({ ...unavailable, format: 'problem' }),
  ),
  during(
    'hands an outage to the application where that is wanted',
    'down',
    (pair) => postJson('/next-auth/refresh', refreshOf(pair)),
    () => ({ ...unavailable, format: 'application' }),
  ),
  during(
    'refuses a forged refresh token while the store is down',
    'down',
    () => postJson('/auth/refresh', { refresh_token: 'forged' }),
    () => ({
      status: 401,
      code: 'refresh_token_invalid',
      format: 'token',
      calls: [],
    }),
  ),
  during(
    'serves guarded routes while the store is down',
    'down',
    ({ accessToken }) => call('/guarded', accessToken),
    () => ({ status: 200, calls: [] }),
  ),
];

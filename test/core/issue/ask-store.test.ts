// A store that is down, slow, silent or garbled: the answer is always 503 and never a wrong result.

import {
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  StoreUnavailableError,
  type SessionStore,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { breakable } from '@tokenpair/testing';
import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, ownerOf } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

type Step = (tokens: TokenIssuer, refreshToken: string) => Promise<unknown>;

const steps: readonly (readonly [
  name: string,
  operation: keyof SessionStore,
  step: Step,
  options: Partial<TokenIssuerOptions>,
])[] = [
  ['a login', 'create', (tokens) => issueTokenPair(tokens, { subject: 'u_1' }), {}],
  ['a refresh', 'swap', (tokens, refreshToken) => refreshTokenPair(tokens, refreshToken), {}],
  [
    'a refresh at an interval of 0',
    'get',
    (tokens, refreshToken) => refreshTokenPair(tokens, refreshToken),
    { reuseInterval: 0 },
  ],
  [
    'a refresh with a hook',
    'get',
    (tokens, refreshToken) => refreshTokenPair(tokens, refreshToken),
    { claims: () => ({}) },
  ],
  [
    'a refresh for less scope',
    'get',
    (tokens, refreshToken) => refreshTokenPair(tokens, refreshToken, { scope: 'a' }),
    {},
  ],
  ['a logout', 'get', (tokens, refreshToken) => revokeSession(tokens, { refreshToken }), {}],
  ['a logout of all', 'revokeOwner', (tokens) => revokeSubject(tokens, 'u_1'), {}],
  ['a list', 'list', (tokens) => listSessions(tokens, 'u_1'), {}],
];

const isUnavailable = {
  name: 'StoreUnavailableError',
  code: 'temporarily_unavailable',
  status: 503,
  action: 'retry',
  headers: { 'Cache-Control': 'no-store', 'Retry-After': expect.stringMatching(/^\d+$/) },
  cause: expect.any(Error),
};

/** The commands of a step that fails at its first one. A login ends the session that it may have created. */
function commands(operation: keyof SessionStore): readonly string[] {
  return operation === 'create' ? ['create', 'revoke'] : [operation];
}

async function failing(options: Partial<TokenIssuerOptions>) {
  const faulty = breakable(new MemorySessionStore({ capacity: 10 }));
  const issuer = createTestIssuer({
    store: faulty.store,
    ...options,
  });
  const { refreshToken } = await issueTokenPair(issuer.tokens, { subject: 'u_1', scope: 'a b' });
  issuer.events.length = 0;
  return { ...issuer, ...faulty, refreshToken };
}

describe.each(steps)('%s, which asks the store by %s', (_name, operation, step, options) => {
  it('answers 503 while the store is down, and the same token works afterwards', async () => {
    const { tokens, refreshToken, events, ...store } = await failing(options);
    store.break('down');
    const refusal = step(tokens, refreshToken);
    await expect(refusal).rejects.toThrow(StoreUnavailableError);
    await expect(refusal).rejects.toMatchObject(isUnavailable);
    const event = { type: 'store.unavailable', cause: expect.any(Error), time: expect.any(Number) };
    expect(events).toEqual(
      commands(operation).map((command) => ({ ...event, operation: command })),
    );
    store.repair();
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('answers 503 at the deadline when the store hangs, and the same token works afterwards', async () => {
    jest.useFakeTimers();
    try {
      const { another, refreshToken, events, ...store } = await failing(options);
      const tokens = another({ deadline: 3 });
      await jest.advanceTimersByTimeAsync(0);
      store.break('slow');
      const states: string[] = [];
      const code = codeOf(step(tokens, refreshToken));
      void code.then((settled) => states.push(settled));
      await jest.advanceTimersByTimeAsync(2_999);
      expect(states).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      expect(states).toEqual(['temporarily_unavailable']);
      expect(events).toMatchObject([{ type: 'store.unavailable', operation }]);
      store.repair();
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    } finally {
      jest.useRealTimers();
    }
  });

  it('answers 503 when the store returns an invalid answer, and the same token works afterwards', async () => {
    const { tokens, refreshToken, events, ...store } = await failing(options);
    store.break('garbled');
    await expect(step(tokens, refreshToken)).rejects.toMatchObject(isUnavailable);
    // A login whose answer was lost ends its session in the background.
    await new Promise(setImmediate);
    expect(events).toMatchObject(
      commands(operation).map((command) => ({ type: 'store.unavailable', operation: command })),
    );
    store.repair();
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('answers 503 when the store throws instead of rejecting', async () => {
    const { another, store, refreshToken } = await failing(options);
    const tokens = another({
      store: alterStore(store, {
        [operation]: () => {
          throw new Error('not connected');
        },
      }),
    });
    await expect(step(tokens, refreshToken)).rejects.toMatchObject(isUnavailable);
  });

  it('passes on the StoreUnavailableError that the store itself rejects with', async () => {
    const { another, store, refreshToken, events } = await failing(options);
    const cause = new Error('LOADING Redis is loading the dataset in memory');
    const error = new StoreUnavailableError({ cause });
    const tokens = another({
      store: alterStore(store, { [operation]: () => Promise.reject(error) }),
    });
    await expect(step(tokens, refreshToken)).rejects.toBe(error);
    expect(events).toMatchObject([{ type: 'store.unavailable', operation, cause }]);
  });

  it('reports an error that the store throws without a cause as the cause itself', async () => {
    const { another, store, refreshToken, events } = await failing(options);
    const error = new StoreUnavailableError();
    const tokens = another({
      store: alterStore(store, { [operation]: () => Promise.reject(error) }),
    });
    await expect(step(tokens, refreshToken)).rejects.toBe(error);
    expect(events).toMatchObject([{ type: 'store.unavailable', operation, cause: error }]);
  });

  it.each([undefined, null, 'down', 7])(
    'answers 503 when the store rejects with %p',
    async (odd) => {
      const { another, store, refreshToken } = await failing(options);
      const tokens = another({
        store: alterStore(store, { [operation]: () => Promise.reject(odd) }),
      });
      await expect(step(tokens, refreshToken)).rejects.toThrow(StoreUnavailableError);
    },
  );
});

describe('a store that performs an operation and loses the answer', () => {
  it('does not sign the client out when it retries inside the reuse interval', async () => {
    const { tokens, refreshToken, ...store } = await failing({});
    store.break('mute');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
    store.repair();
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('has its session ended in the background when it was a login, because no client has its token', async () => {
    const { tokens, refreshToken, store, ...faults } = await failing({
      maxSessions: 2,
      onSessionLimit: 'reject',
    });
    let isMute = true;
    const tokensOver = faults.another({
      maxSessions: 2,
      onSessionLimit: 'reject',
      store: alterStore(store, {
        create: async (...command) => {
          const answer = await store.create(...command);
          if (isMute) throw new Error('connection reset');
          return answer;
        },
      }),
    });
    expect(await codeOf(issueTokenPair(tokensOver, { subject: 'u_1' }))).toBe(
      'temporarily_unavailable',
    );
    isMute = false;
    expect(await codeOf(issueTokenPair(tokensOver, { subject: 'u_1' }))).toBe('ok');
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(2);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('makes a logout answer 503, and repeating the logout ends the session', async () => {
    const { tokens, refreshToken, ...store } = await failing({ reuseInterval: 0 });
    store.break('mute');
    expect(await codeOf(revokeSession(tokens, { refreshToken }))).toBe('temporarily_unavailable');
    store.repair();
    await expect(revokeSession(tokens, { refreshToken })).resolves.toBe(true);
    await expect(revokeSession(tokens, { refreshToken })).resolves.toBe(false);
  });
});

describe('a store that fails to revoke a session', () => {
  it('makes a reused token get 503 instead of a refusal, and the next use ends the session', async () => {
    const { another, store, events, refreshToken, tokens } = await failing({ reuseInterval: 0 });
    await refreshTokenPair(tokens, refreshToken);
    let isDown = true;
    const half = another({
      store: alterStore(store, {
        revoke: (sessionId) =>
          isDown ? Promise.reject(new Error('down')) : store.revoke(sessionId),
      }),
    });
    expect(await codeOf(refreshTokenPair(half, refreshToken))).toBe('temporarily_unavailable');
    expect(events.map(({ type }) => type)).not.toContain('refresh.reused');
    isDown = false;
    expect(await codeOf(refreshTokenPair(half, refreshToken))).toBe('refresh_token_invalid');
    expect(events.map(({ type }) => type)).toContain('refresh.reused');
  });

  it('makes a denied refresh get 503, and the next attempt ends the session', async () => {
    let isDown = true;
    let answer: false | object = {};
    const { another, store } = await failing({ claims: () => ({}) });
    const tokens = another({
      claims: () => answer as false | Record<string, unknown>,
      store: alterStore(store, {
        revoke: (sessionId) =>
          isDown ? Promise.reject(new Error('down')) : store.revoke(sessionId),
      }),
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_2' });
    answer = false;
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
    isDown = false;
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    await expect(listSessions(tokens, 'u_2')).resolves.toEqual([]);
  });
});

describe('a store that returns an invalid answer', () => {
  const nonsense: readonly (readonly [keyof SessionStore, unknown])[] = [
    ...[undefined, null, 'OK', 7, [], {}, { outcome: 'maybe' }].flatMap((answer) =>
      (['create', 'swap'] as const).map((operation) => [operation, answer] as const),
    ),
    ['create', { outcome: 'created' }],
    ['create', { outcome: 'created', session: {}, evicted: [] }],
    ['create', { outcome: 'created', session: null, evicted: [] }],
    ['create', { outcome: 'refused' }],
    ['create', { outcome: 'refused', reason: 'mood' }],
    ['swap', { outcome: 'swapped' }],
    ['swap', { outcome: 'swapped', session: null }],
    ['swap', { outcome: 'swapped', session: {} }],
    ['swap', { outcome: 'conflict' }],
    ['swap', { outcome: 'conflict', session: null }],
    ['swap', { outcome: 'conflict', session: {} }],
    ['swap', { outcome: 'conflict', session: 'OK' }],
    ['get', null],
    ['get', 'OK'],
    ['get', 7],
    ['get', []],
    ['get', {}],
    ['revoke', undefined],
    ['revoke', 'OK'],
    ['revoke', 1],
    ['revokeOwner', undefined],
    ['revokeOwner', 'OK'],
    ['revokeOwner', 2],
    ['revokeOwner', [7]],
    ['list', undefined],
    ['list', 'OK'],
    ['list', [null]],
    ['list', [{}]],
  ];

  it.each(nonsense)('to %s (%j) causes 503 and ends no session', async (operation, answer) => {
    // A logout reads the record before it ends the session.
    const row = steps.find(([step, first]) =>
      operation === 'revoke' ? step === 'a logout' : first === operation,
    ) as (typeof steps)[number];
    const [, , step, options] = row;
    const { another, store, refreshToken, tokens, events } = await failing(options);
    const odd = another({
      store: alterStore(store, { [operation]: () => Promise.resolve(answer) }),
    });
    expect(await codeOf(step(odd, refreshToken))).toBe('temporarily_unavailable');
    expect(events).toMatchObject([{ type: 'store.unavailable', operation }]);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it.each([
    ['of another session', { sessionId: 'A'.repeat(38) }],
    ['of another owner', { owner: ownerOf('u_2') }],
    ['with a generation that is not a number', { generation: '1' }],
    ['with a hash that is not a string', { secretHash: null }],
    ['with an instant that is not a number', { rotatedAt: 'now' }],
    ['without the time of reading', { asOf: undefined }],
    ['with an expiry that is not a number', { expiresAt: Number.NaN }],
    ['with a confirmed generation that is not a number', { confirmed: true }],
    ['with a state that is not text', { state: 1 }],
    ['with a state without a key', { state: 'x' }],
    ['with data that are not JSON', { data: 'x' }],
    ['with data of an earlier version', { data: '["Ab3dE6gh","a b"]' }],
    ['with data that are not a string', { data: {} }],
  ])('with a record %s causes 503 and ends no session', async (_what, changes) => {
    const { another, store, refreshToken, tokens } = await failing({ claims: () => ({}) });
    const odd = another({
      store: alterStore(store, {
        get: async (sessionId) => {
          const session = await store.get(sessionId);
          return session && ({ ...session, ...changes } as typeof session);
        },
      }),
    });
    expect(await codeOf(refreshTokenPair(odd, refreshToken))).toBe('temporarily_unavailable');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });
});

describe('the response to a client when the store is broken', () => {
  it('contains neither the address of the store nor the message of a library', async () => {
    const { tokens, refreshToken, ...store } = await failing({ reuseInterval: 0 });
    store.break('down');
    const error = (await refreshTokenPair(tokens, refreshToken).catch(
      (reason: unknown) => reason,
    )) as StoreUnavailableError;
    const { message, headers, code } = error;
    expect(JSON.stringify([message, headers, code, error])).not.toMatch(/ECONNREFUSED|10\.0\.0/);
    expect(error.cause).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });
});

// Attacks on the exchange of a former system's refresh tokens, and accidents in it: what several calls with one of them do to
// each other.

import type { IncomingMessage } from 'node:http';

import {
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  revokeSubject,
  type ClaimsAnswer,
  type TokenIssuer,
} from '@tokenpair/core';
import {
  createTokenEndpoints,
  type HttpResponse,
  type TokenEndpointOptions,
} from '@tokenpair/core/adapter';
import { createTestClock } from '@tokenpair/testing';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const legacy = {
  exchange: () => ({ subject: 'u_1', scope: 'a b' }),
  until: '2100-01-01T00:00:00Z',
};

/** A process that exchanges legacy tokens: each call is a POST to `/refresh`. */
function serve(tokens: TokenIssuer, options: TokenEndpointOptions = { legacy }) {
  const endpoints = createTokenEndpoints(tokens, options);
  const post = async (path: string, body: object) =>
    (await endpoints.handle({
      request: { headers: {}, method: 'POST' } as IncomingMessage,
      path,
      body,
    })) as HttpResponse;
  return {
    async refresh(refreshToken: string, body: object = {}) {
      const { body: json } = await post('/refresh', { refresh_token: refreshToken, ...body });
      return JSON.parse(String(json)) as {
        refresh_token: string;
        access_token: string;
        scope?: string;
      };
    },
  };
}

/** A hook that answers when the test says so. */
function slowHook() {
  const waiting: ((answer: ClaimsAnswer) => void)[] = [];
  let isSlow = false;
  return {
    claims: () => (isSlow ? new Promise<ClaimsAnswer>((resolve) => waiting.push(resolve)) : {}),
    async hold<T>(call: () => Promise<T>): Promise<() => Promise<T>> {
      isSlow = true;
      const running = call();
      running.catch(() => undefined);
      while (waiting.length === 0) await new Promise(setImmediate);
      isSlow = false;
      return () => {
        waiting.shift()?.({});
        return running;
      };
    },
  };
}

describe('two calls with one legacy token', () => {
  it('get one session, and a lost answer of the store ends it for neither', async () => {
    const clock = createTestClock();
    const inner = new MemorySessionStore({ clock: clock.now });
    let isLost = false;
    const store = alterStore(inner, {
      async create(...command) {
        const answer = await inner.create(...command);
        if (isLost) throw new Error('connection reset');
        return answer;
      },
      // Both calls looked before either had created the session.
      get: async (id) => (isLost ? undefined : inner.get(id)),
    });
    const { tokens } = createTestIssuer({ store, clock: clock.now });
    const first = await serve(tokens).refresh('legacy-1');
    isLost = true;
    expect(await codeOf(serve(tokens).refresh('legacy-1'))).toBe('temporarily_unavailable');
    isLost = false;
    await new Promise(setImmediate);

    expect(await codeOf(refreshTokenPair(tokens, first.refresh_token))).toBe('ok');
  });

  it('do not end the session when one is so slow that the session has rotated meanwhile', async () => {
    const hook = slowHook();
    const { tokens, clock } = createTestIssuer({ claims: hook.claims });
    const slow = await hook.hold(() => serve(tokens).refresh('legacy-1'));
    const first = await serve(tokens).refresh('legacy-1');
    clock.advance(61);
    const next = await refreshTokenPair(tokens, first.refresh_token);
    expect(await codeOf(slow())).not.toBe('ok');
    await new Promise(setImmediate);
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('ok');
  });
});

describe('a legacy token that comes again', () => {
  it('gets no refresh token that may be spent when the answer arrives', async () => {
    const { tokens, clock } = createTestIssuer();
    const first = await serve(tokens).refresh('legacy-1');
    clock.advance(59);
    // This answer would be under way while another tab rotates: it could put a spent token into the cookie jar.
    expect(await codeOf(serve(tokens).refresh('legacy-1'))).toBe('refresh_pending');
    clock.advance(2);
    const next = await refreshTokenPair(tokens, first.refresh_token);
    expect(next.refreshTokenChanged).toBe(true);
  });

  it('gets the same refresh token within the reuse interval, and the session is told once', async () => {
    const { tokens, clock, events } = createTestIssuer();
    const first = await serve(tokens).refresh('legacy-1');
    clock.advance(29);
    const again = await serve(tokens).refresh('legacy-1');
    expect(again.refresh_token).toBe(first.refresh_token);
    expect(events.map(({ type }) => type)).toEqual(['session.issued', 'session.refreshed']);
  });

  it('gets no access token when the session ends while the hook is asked', async () => {
    const hook = slowHook();
    const { tokens } = createTestIssuer({ claims: hook.claims });
    await serve(tokens).refresh('legacy-1');
    const slow = await hook.hold(() => serve(tokens).refresh('legacy-1'));
    await revokeSubject(tokens, 'u_1');
    expect(await codeOf(slow())).toBe('refresh_token_invalid');
    expect(await listSessions(tokens, 'u_1')).toEqual([]);
  });

  it('signs no user out after the clock of the store was corrected', async () => {
    const { tokens, clock } = createTestIssuer();
    await serve(tokens).refresh('legacy-1');
    clock.advance(-3_600);
    const again = await serve(tokens).refresh('legacy-1');
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(tokens, again.refresh_token))).toBe('ok');
  });
});

describe('the first exchange of a legacy token', () => {
  it('gives an access token with no more scope than the request asks for', async () => {
    const { tokens } = createTestIssuer();
    const first = await serve(tokens).refresh('legacy-1', { scope: 'a' });
    expect(first.scope).toBe('a');
    const again = await serve(tokens).refresh('legacy-1', { scope: 'b' });
    expect(again.scope).toBe('b');
    expect(await codeOf(serve(tokens).refresh('legacy-1', { scope: 'c' }))).toBe(
      'scope_not_granted',
    );
  });

  it('is refused like any refresh when the claims hook denies the subject', async () => {
    const { tokens } = createTestIssuer({ claims: () => false });
    expect(await codeOf(serve(tokens).refresh('legacy-1'))).toBe('refresh_token_invalid');
  });
});

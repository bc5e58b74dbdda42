// An argument that is not an issuer or a token pair fails at once, and the message says what to pass.

import {
  confirmGeneration,
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  tokenResponse,
  updateSession,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import { createTestIssuer } from '../../support/issuer.js';

type Call = (tokens: TokenIssuer) => unknown;

const calls: Readonly<Record<string, Call>> = {
  issueTokenPair: (tokens) => issueTokenPair(tokens, { subject: 'u_1' }),
  refreshTokenPair: (tokens) => refreshTokenPair(tokens, 'tpr_x'),
  revokeSession: (tokens) => revokeSession(tokens, { sessionId: 'x' }),
  revokeSubject: (tokens) => revokeSubject(tokens, 'u_1'),
  listSessions: (tokens) => listSessions(tokens, 'u_1'),
  updateSession: (tokens) => updateSession(tokens, 'x', {}),
  reauthenticated: (tokens) => reauthenticated(tokens, { sessionId: 'x' }),
  confirmGeneration: (tokens) => confirmGeneration(tokens, 'x'),
  createTokenEndpoints: (tokens) => createTokenEndpoints(tokens),
  'tokenEndpoints of Express': (tokens) => express.tokenEndpoints(tokens),
  'tokenEndpoints of Koa': (tokens) => koa.tokenEndpoints(tokens),
};

const { tokens } = createTestIssuer();

const notIssuers: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  'the options of an issuer': { issuer: 'https://a', audience: ['b'] },
  'a verifier': tokens.verifier,
  'a promise of an issuer': Promise.resolve(tokens),
  'a copy of an issuer': { ...tokens },
  'the factory of issuers': createTestIssuer,
  text: 'https://issuer.test',
};

/** The error that a call throws or rejects with. */
async function errorOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(Object.entries(calls))('%s', (_name, call) => {
  it.each(Object.entries(notIssuers))(
    'refuses %s and names createTokenIssuer',
    async (_what, value) => {
      const error = await errorOf(() => call(value as TokenIssuer));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as TypeError).message).toMatch(/ needs what createTokenIssuer returned; got /);
    },
  );
});

const deliveries: Readonly<Record<string, (pair: TokenPair) => unknown>> = {
  tokenResponse,
  deliver: (pair) => createTokenEndpoints(tokens).deliver({} as never, pair),
  'send of Express': (pair) => express.tokenEndpoints(tokens).send({} as never, {} as never, pair),
  'send of Koa': (pair) => koa.tokenEndpoints(tokens).send({ req: {} } as never, pair),
};

describe.each(Object.entries(deliveries))('%s', (_name, deliver) => {
  it('refuses a promise that was not awaited, and says so', () => {
    const promise = issueTokenPair(tokens, { subject: 'u_1' });
    expect(() => deliver(promise as never)).toThrow(
      /needs what issueTokenPair, refreshTokenPair or reauthenticated returned; got a promise: await it first/,
    );
    return promise;
  });

  it('refuses everything else that is not a token pair', async () => {
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    for (const value of [undefined, null, {}, { ...pair }, tokens, pair.refreshToken]) {
      const error = await errorOf(() => deliver(value as never));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as TypeError).message).not.toContain(pair.refreshToken);
    }
  });
});

it('tokenResponse accepts the pair of a login and the pair of a refresh', async () => {
  const pair = await issueTokenPair(tokens, { subject: 'u_1' });
  expect(tokenResponse(pair)).toMatchObject({ refresh_token: pair.refreshToken });
  const next = await refreshTokenPair(tokens, pair.refreshToken);
  expect(tokenResponse(next)).toMatchObject({ refresh_token: next.refreshToken });
});

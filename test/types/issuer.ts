// What the types of an issuer and of a token pair in @tokenpair/core promise. Compiled, never run.

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  tokenResponse,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;

const plain = { issuer: 'https://a', audience: ['b'], ownerPrefix: 'x', audienceMarks: ['y'] };

export const accepted: readonly unknown[] = [
  issueTokenPair(tokens, { subject: 'u_1' }),
  refreshTokenPair(tokens, pair.refreshToken),
  createTokenEndpoints(tokens).deliver(null as never, pair),
  tokenResponse(pair),
];

export const refused: readonly unknown[] = [
  // @ts-expect-error -- the options of an issuer are not an issuer
  issueTokenPair({ issuer: 'https://a', audience: ['b'] }, { subject: 'u_1' }),
  // @ts-expect-error -- a verifier issues nothing
  issueTokenPair(tokens.verifier, { subject: 'u_1' }),
  // @ts-expect-error -- an object with the same members was not checked by createTokenIssuer
  refreshTokenPair(plain, 'tpr_x'),
  // @ts-expect-error -- the same for every function that takes an issuer
  revokeSession(plain, { sessionId: 'x' }),
  // @ts-expect-error -- the same
  revokeSubject(plain, 'u_1'),
  // @ts-expect-error -- the same
  listSessions(plain, 'u_1'),
  // @ts-expect-error -- the same
  createTokenEndpoints(plain),
  // @ts-expect-error -- a promise of a pair is no pair
  tokenResponse(issueTokenPair(tokens, { subject: 'u_1' })),
  // @ts-expect-error -- nor is an object with the members of a response
  tokenResponse({ accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', expiresIn: 1 }),
];

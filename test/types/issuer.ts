// What the types of an issuer and of a token pair in @tokenpair/core promise. Compiled, never run.

import {
  confirmGeneration,
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  requireFresh,
  revokeSession,
  revokeSubject,
  tokenResponse,
  updateSession,
  type AuthAction,
  type ClaimsHook,
  type ClientAuthentication,
  type LegacyTokens,
  type LoginGrant,
  type SessionInfo,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenPair,
  type TokenpairEvent,
  type VerifiedToken,
} from '@tokenpair/core';
import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
declare const token: VerifiedToken;
declare const event: TokenpairEvent;

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

/** Every member of a grant. */
export const grant: Required<LoginGrant> = {
  subject: 'u_1',
  scope: ['a', 'b'],
  metadata: { device: 'phone' },
  idleLifetime: '1h',
  absoluteLifetime: 3_600,
  persistent: false,
  replaces: pair.refreshToken,
  clientId: 'app',
  audience: 'https://api.test',
  authentication: { time: 1, acr: 'phr', amr: ['hwk'] },
  actor: { subject: 'support', claims: { ticket: 7 } },
};

export const acceptedOfSessions: readonly unknown[] = [
  issueTokenPair(tokens, grant, { request: { ip: '203.0.113.7' } }),
  refreshTokenPair(tokens, undefined, { scope: 'a', clientId: 'app', relay: true, request: 7 }),
  reauthenticated(tokens, { sessionId: 'x' }),
  reauthenticated(tokens, { refreshToken: pair.refreshToken }, { acr: 'phr' }, { request: 7 }),
  updateSession(tokens, 'x', { scope: 'a', metadata: {}, idleLifetime: '1h', audience: ['b'] }),
  updateSession(tokens, 'x', (was) =>
    was.clientId === undefined && was.persistent && was.actor === undefined
      ? { metadata: { ...was.metadata, acr: was.authentication.acr } }
      : undefined,
  ),
  confirmGeneration(tokens, pair.accessToken),
  requireFresh(token, '10m', 'phr'),
  pair.refreshTokenChanged satisfies boolean,
];

export const refusedOfSessions: readonly unknown[] = [
  // @ts-expect-error -- a grant has no such member
  issueTokenPair(tokens, { subject: 'u_1', userId: 1 }),
  // @ts-expect-error -- an actor has a subject
  issueTokenPair(tokens, { subject: 'u_1', actor: { claims: {} } }),
  // @ts-expect-error -- the time of an authentication is seconds
  issueTokenPair(tokens, { subject: 'u_1', authentication: { time: new Date() } }),
  // @ts-expect-error -- the name that the token response uses
  refreshTokenPair(tokens, 'tpr_x', { access_token: 'a' }),
  // @ts-expect-error -- one session, named in one way
  reauthenticated(tokens, { sessionId: 'x', refreshToken: 'tpr_x' }),
  // @ts-expect-error -- an update changes no client: it restricts the session
  updateSession(tokens, 'x', { clientId: 'app' }),
  // @ts-expect-error -- nor whose session it is
  updateSession(tokens, 'x', { subject: 'u_2' }),
  // @ts-expect-error -- a function of an update returns a change or undefined, no promise
  updateSession(tokens, 'x', async () => ({ scope: 'a' })),
  // @ts-expect-error -- how recently must be said
  requireFresh(token),
  // @ts-expect-error -- a token that was not verified
  requireFresh(pair.accessToken, '10m'),
];

export const changed: Promise<SessionInfo | undefined> = updateSession(tokens, 'x', {});

/** Every option of the endpoints. */
export const options: Required<TokenEndpointOptions> = {
  transport: 'auto',
  cookie: { path: '/auth' },
  allowedOrigins: [],
  authenticateClient: async (client, request) =>
    client?.clientSecret === request.headers.host ? { clientId: client?.clientId ?? '' } : false,
  authenticateFollower: async ({ headers }) => headers.authorization === 'Bearer x',
  requestContext: ({ headers }) => ({ agent: headers['user-agent'] }),
  legacy: { exchange: async (presented) => ({ subject: presented }), until: '2027-01-01' },
  maxParallelRefreshes: 100,
  requireFresh: '10m',
  url: 'https://issuer.test/auth',
  metadata: { authorization_endpoint: 'https://issuer.test/login' },
};

// @ts-expect-error -- the session of a client is found by the client's ID
export const noClient: ClientAuthentication = () => ({ client: 'app' });
// @ts-expect-error -- until when must be said
export const endless: LegacyTokens = { exchange: () => undefined };
// @ts-expect-error -- a former token is exchanged for a grant, not for a subject
export const bare: LegacyTokens = { exchange: () => 'u_1', until: 0 };
// @ts-expect-error -- there is no such option
export const unknown: TokenEndpointOptions = { maxRefreshes: 1 };
// @ts-expect-error -- recovery is a duration
export const recovering: Pick<TokenIssuerOptions, 'recovery'> = { recovery: true };

export const hook: ClaimsHook = (subject, { reason, clientId, authentication, actor, request }) => {
  const why: 'issue' | 'refresh' | 'reauthenticate' = reason;
  return why === 'refresh' && request === undefined
    ? { scope: 'orders:read', tier: subject, via: clientId, acr2: authentication.acr }
    : actor === undefined && {};
};
// @ts-expect-error -- the scope of an answer is text
export const wrongScope: ClaimsHook = () => ({ scope: ['orders:read'] });
export const frozen: ClaimsHook = (_subject, session) => {
  // @ts-expect-error -- what a hook gets is not to be changed
  session.scope = 'admin';
  return {};
};

export const actions: Readonly<Record<AuthAction, true>> = {
  refresh: true,
  login: true,
  reauthenticate: true,
  retry: true,
  fix: true,
};

export function listens(): string {
  // @ts-expect-error -- only events of sessions name one
  void event.sessionId;
  if (event.type === 'session.refreshed') {
    const how: 'rotated' | 'held' | 'replayed' | 'recovered' | 'redone' = event.how;
    return `${how} ${event.presentedGeneration} ${event.generation}`;
  }
  if (event.type === 'refresh.reused') {
    return `${event.confirmed} ${event.sinceRotation} ${String(event.metadata['device'])}`;
  }
  if (event.type === 'session.updated' || event.type === 'session.reauthenticated') {
    return event.changed.join();
  }
  if (event.type === 'refresh.pending' || event.type === 'refresh.unverifiable') {
    return `${event.storedGeneration} ${String(event.request)}`;
  }
  return event.type === 'session.revoked' && event.reason === 'replaced' ? event.sessionId : '';
}

interface Device {
  readonly device: string;
}
declare const typed: TokenIssuer<unknown, Device>;

export async function typesMetadata(): Promise<void> {
  await issueTokenPair(typed, { subject: 'u_1', metadata: { device: 'tv' } });
  // @ts-expect-error -- not what the schema describes
  await issueTokenPair(typed, { subject: 'u_1', metadata: { device: 7 } });
  // @ts-expect-error -- a member that the schema does not have
  await issueTokenPair(typed, { subject: 'u_1', metadata: { device: 'tv', divice: 'tv' } });
  // @ts-expect-error -- not what the schema describes
  await updateSession(typed, 'id', () => ({ metadata: { device: 7 } }));
  const names: readonly string[] = (await listSessions(typed, 'u_1')).map(
    ({ metadata }) => metadata.device,
  );
  const unchecked: unknown = (await listSessions(tokens, 'u_1'))[0]?.metadata['device'];
  // Every function takes an issuer with a schema.
  await revokeSubject(typed, 'u_1');
  await refreshTokenPair(typed, pair.refreshToken);
  createTokenEndpoints(typed);
  const plainIssuer: TokenIssuer = typed;
  console.log(names, unchecked, plainIssuer);
}

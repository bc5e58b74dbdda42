// What an application sees of a session.

import { toActor, type Actor } from '../jwt/claims.js';
import type { Authentication, SessionData } from './session-data.js';
import type { OwnSession } from './session-owner.js';

/** A live session. Times are milliseconds since the epoch, by the store's clock. */
export interface SessionInfo<Metadata = unknown> {
  readonly sessionId: string;
  readonly subject: string;
  /** The scope that was granted, space-delimited. */
  readonly scope: string;
  /** Has the type that `metadataSchema` of the issuer describes. It was checked when it was stored, and is not checked again. */
  readonly metadata: Readonly<Record<string, unknown>> & Metadata;
  readonly createdAt: number;
  /** Time of the last rotation, or of the login. */
  readonly refreshedAt: number;
  /** When the session ends unless it is refreshed before. */
  readonly idleAt: number;
  /** When the session ends, however often it is refreshed. */
  readonly expiresAt: number;
}

/** A live session with all that was granted. */
export interface SessionDetails<Metadata = unknown> extends SessionInfo<Metadata> {
  /** The OAuth client of the session. */
  readonly clientId?: string | undefined;
  /** The claim `aud` of its access tokens. */
  readonly audience: readonly string[];
  /** Whether the cookie outlives the browser. */
  readonly persistent: boolean;
  /** The last step-up, or else the login. Empty when it is not known. */
  readonly authentication: Authentication;
  /** Who acts for the subject. */
  readonly actor?: Actor | undefined;
}

/**
 * What the `claims` hook gets of the session: a copy for each call, frozen with everything in it. `scope` is the scope that this
 * access token will carry.
 */
export interface ClaimsContext<Metadata = unknown> extends Omit<
  SessionDetails<Metadata>,
  'subject' | 'createdAt' | 'refreshedAt' | 'idleAt' | 'expiresAt'
> {
  /** When the session was created, in milliseconds by the store's clock; `undefined` at a login, before it is created. */
  readonly createdAt: number | undefined;
  /** `'issue'` at a login, `'refresh'` at a refresh, `'reauthenticate'` at a step-up. */
  readonly reason: 'issue' | 'refresh' | 'reauthenticate';
  /** What the application said of the request, not a copy; `undefined` when it said nothing. */
  readonly request: unknown;
}

/** The audiences of an issuer: those of a session for which none were named. */
type Audiences = { readonly audience: readonly string[] };

export function toSessionInfo(session: OwnSession): SessionInfo {
  const { sessionId, subject, createdAt, rotatedAt, idleLifetime, expiresAt, data } = session;
  return {
    sessionId,
    subject,
    scope: data.scope,
    metadata: data.metadata,
    createdAt,
    refreshedAt: rotatedAt,
    idleAt: Math.min(rotatedAt + idleLifetime, expiresAt),
    expiresAt,
  };
}

export function toSessionDetails(tokens: Audiences, session: OwnSession): SessionDetails {
  return { ...toSessionInfo(session), ...toGrantDetails(tokens, session.data) };
}

/** What the `claims` hook gets of a session. */
export function toClaimsContext(
  tokens: Audiences,
  session: Pick<OwnSession, 'sessionId' | 'data'> & { readonly createdAt: number | undefined },
  reason: ClaimsContext['reason'],
  request: unknown,
): ClaimsContext {
  const { sessionId, createdAt, data } = session;
  const { scope, metadata } = data;
  return {
    sessionId,
    scope,
    metadata,
    ...toGrantDetails(tokens, data),
    createdAt,
    reason,
    request,
  };
}

/** The authentication that the access tokens of a session name. */
export function authenticationOf({ login, step }: SessionData): Authentication {
  return step ?? login ?? {};
}

/** The claim `aud` of a session's access tokens: never an audience that the issuer does not have, or no longer has. */
function audienceOf({ audience }: Audiences, data: SessionData): readonly string[] {
  return data.audience?.filter((name) => audience.includes(name)) ?? audience;
}

function toGrantDetails(
  tokens: Audiences,
  data: SessionData,
): Omit<SessionDetails, keyof SessionInfo> {
  const { clientId, persistent, act } = data;
  return {
    ...(clientId !== undefined && { clientId }),
    audience: audienceOf(tokens, data),
    persistent,
    authentication: authenticationOf(data),
    ...(act !== undefined && { actor: toActor(act) }),
  };
}

// What an application grants at a login: its type, and how it is checked.

import { nowOrSystem } from '../hooks/clock.js';
import type { Actor } from '../jwt/claims.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import {
  checkOptions,
  isObject,
  refuseOption,
  requireAudience,
  requireBoolean,
  requireText,
  toJsonObject,
} from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import { requireSubject } from '../lib/subject.js';
import {
  maxMetadataLength,
  maxScopeLength,
  type Authentication,
  type SessionData,
} from './session-data.js';
import type { IssuingContext } from './token-issuer.js';
import { requireFittingGrant } from './token-size.js';

/** The user who signs in, and what is granted. */
export interface LoginGrant<Metadata = unknown> {
  /**
   * Stable ID of the account; the claim `sub`. Well-formed text of 1 to 1 024 characters. All that a grant puts into access
   * tokens takes at most 4 096 bytes of JSON.
   */
  readonly subject: string;
  /**
   * What is granted, for the whole session: `'a b'` or `['a', 'b']`, at most 2 048 characters.
   * @defaultValue no scope
   */
  readonly scope?: string | readonly string[] | undefined;
  /** Stored with the session and returned by `listSessions`, for example a device name. At most 4 096 characters of JSON. */
  readonly metadata?: GrantedMetadata<Metadata> | undefined;
  /** The session ends when it has not been refreshed for this time. @defaultValue that of the issuer, which is also the maximum */
  readonly idleLifetime?: Duration | undefined;
  /** Maximum age of the session, counted from login. @defaultValue that of the issuer, which is also the maximum */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * Whether the cookie outlives the browser. With `false` it has no `Max-Age`, at every refresh too ("do not keep me signed
   * in"). The end of the session does not depend on it. @defaultValue `true`
   */
  readonly persistent?: boolean | undefined;
  /**
   * The refresh token that this browser had. Its session ends, with the reason `'replaced'`. A token that is forged, of
   * another issuer or of an ended session is ignored.
   */
  readonly replaces?: string | undefined;
  /** The OAuth client of the session, compared at `/token` and `/revoke`; the claim `client_id`. At most 256 characters. */
  readonly clientId?: string | undefined;
  /** Some of the issuer's audiences: the claim `aud` of every access token of the session. @defaultValue all of them */
  readonly audience?: string | readonly string[] | undefined;
  /**
   * When and how the user proved who they are. A refresh never changes it. With `{ time: undefined }` the time is now.
   * @defaultValue `{}`: now, and nothing is known of the level and the methods
   */
  readonly authentication?: Authentication | undefined;
  /**
   * Who acts for the subject, for example support staff. The session is the actor's: it counts and ends with the actor's
   * sessions, and lasts at most `actorLifetime`. Every access token has the claim `act`.
   */
  readonly actor?: Actor | undefined;
}

/** What the schema of the issuer describes, or any object. A conditional type, so that an interface fits too. */
type GrantedMetadata<Metadata> = unknown extends Metadata
  ? Readonly<Record<string, unknown>>
  : Metadata;

/** A checked grant. Lifetimes are milliseconds. */
export interface CheckedGrant {
  /** Whose session it is: the subject, or the actor. */
  readonly holder: string;
  /** The claim `sub`. */
  readonly subject: string;
  readonly idleLifetime: number;
  readonly absoluteLifetime: number;
  readonly replaces: unknown;
  readonly data: SessionData;
}

const grantNames = [
  'subject',
  'scope',
  'metadata',
  'idleLifetime',
  'absoluteLifetime',
  'persistent',
  'replaces',
  'clientId',
  'audience',
  'authentication',
  'actor',
];

/**
 * Checks a grant.
 *
 * @param isAuthenticated - whether the user has just proved who they are. Otherwise nothing is known unless the grant says it.
 * @throws TypeError naming the member that is wrong or unknown.
 */
export function readGrant<Metadata>(
  tokens: IssuingContext,
  given: LoginGrant<Metadata>,
  { isAuthenticated }: { readonly isAuthenticated: boolean } = { isAuthenticated: true },
): CheckedGrant {
  const grant = checkOptions('grant', given, grantNames);
  const { persistent = true, clientId, audience, replaces } = grant;
  const { authentication = isAuthenticated ? {} : undefined } = grant;
  const subject = requireSubject(grant.subject);
  const act = grant.actor === undefined ? undefined : readActor(grant.actor);
  const holder = act === undefined ? subject : String(act['sub']);
  requireBoolean('persistent', persistent);
  if (clientId !== undefined) requireText('clientId', clientId, 256);
  const data: SessionData = {
    scope: readScope(grant.scope),
    metadata: readMetadata(grant.metadata),
    version: 1,
    marks: tokens.audienceMarks,
    clientId,
    audience: audience === undefined ? undefined : readAudience(tokens, audience),
    persistent,
    login:
      authentication === undefined
        ? undefined
        : readAuthentication(authentication, nowOrSystem(tokens.clock)),
    act,
    actsFor: act === undefined || holder === subject ? undefined : subject,
  };
  requireFittingGrant(subject, data);
  const longest = Math.min(
    tokens.absoluteLifetime,
    act === undefined ? Number.POSITIVE_INFINITY : tokens.actorLifetime,
  );
  return {
    holder,
    subject,
    idleLifetime: readIdleLifetime(tokens, grant.idleLifetime),
    absoluteLifetime: readLifetime('absoluteLifetime', grant.absoluteLifetime, longest, 1_000),
    replaces,
    data,
  };
}

export function readScope(scope: unknown = ''): string {
  const scopes = readScopes('scope', [scope]).join(' ');
  if (scopes.length > maxScopeLength) {
    refuseOption('scope', `at most ${maxScopeLength} characters`);
  }
  return scopes;
}

// The copy is what the store returns later, so that hooks see the same at a login and at a refresh.
export function readMetadata(metadata: unknown = {}): Readonly<Record<string, unknown>> {
  return readJson('metadata', metadata, maxMetadataLength);
}

function readJson(option: string, value: unknown, maxLength: number): Record<string, unknown> {
  const expected = `an object of at most ${maxLength} characters of JSON`;
  let copy: Record<string, unknown> | undefined;
  try {
    copy = isObject(value) ? toJsonObject(value) : undefined;
  } catch (cause) {
    throw new TypeError(`${option} must be ${expected}`, { cause });
  }
  if (copy === undefined || JSON.stringify(copy).length > maxLength) {
    // Without the value: it is of a user.
    return refuseOption(option, expected);
  }
  return copy;
}

/** Reads a session's audience. @returns `undefined` when it is all of the issuer's. */
export function readAudience(
  tokens: Pick<IssuingContext, 'audience'>,
  given: unknown,
): readonly string[] | undefined {
  const names = requireAudience(given);
  const foreign = names.find((name) => !tokens.audience.includes(name));
  if (foreign !== undefined) {
    const known = tokens.audience.map((name) => `'${name}'`).join(', ');
    refuseOption('audience', `some of the issuer's audiences, ${known}`, foreign);
  }
  return tokens.audience.every((name) => names.includes(name)) ? undefined : names;
}

/** Reads an idle lifetime in milliseconds: long enough to rotate, and at most the issuer's. */
export function readIdleLifetime(tokens: IssuingContext, given: unknown): number {
  // A session rotates at most once in twice the reuse interval, and only a rotation starts the idle lifetime again.
  const least = Math.max(1_000, 4 * tokens.reuseInterval);
  return readLifetime('idleLifetime', given, tokens.idleLifetime, least);
}

/** Reads a lifetime in milliseconds; the longest one when none is given. */
export function readLifetime(
  option: string,
  given: unknown,
  longest: number,
  least: number,
): number {
  if (given === undefined) return longest;
  return toSeconds(option, given, { min: least / 1_000, max: longest / 1_000 }) * 1_000;
}

// Seconds. The clock of who authenticated the user may be ahead. A later time, milliseconds for example, would stay fresh for ever.
const maxAhead = 300;

/**
 * Reads an authentication, with the time of now if it has none.
 *
 * @param now - milliseconds.
 */
export function readAuthentication(given: Authentication, now: number): Authentication {
  const names = ['time', 'acr', 'amr'];
  const { time, acr, amr } = checkOptions('authentication', given, names);
  const latest = now / 1_000 + maxAhead;
  if (time !== undefined && (!Number.isInteger(time) || time < 0 || time > latest)) {
    const expected = 'seconds since the epoch, neither milliseconds nor in the future';
    refuseOption('authentication.time', expected, time);
  }
  if (acr !== undefined) requireText('authentication.acr', acr, 256);
  if (amr !== undefined && !isListOfMethods(amr)) {
    refuseOption('authentication.amr', 'an array of 1 to 16 names of at most 64 characters');
  }
  return {
    time: time ?? Math.floor(now / 1_000),
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr: [...amr] }),
  };
}

const isName = (name: unknown): boolean =>
  typeof name === 'string' && name !== '' && name.length <= 64;

function isListOfMethods(amr: unknown): amr is readonly string[] {
  return Array.isArray(amr) && amr.length > 0 && amr.length <= 16 && amr.every(isName);
}

/** Reads an actor as the claim `act`. RFC 8693 §4.1 */
function readActor(given: Actor): Readonly<Record<string, unknown>> {
  const { subject, claims = {} } = checkOptions('actor', given, ['subject', 'claims']);
  const sub = requireSubject(subject, 'actor.subject');
  const more = readJson('actor.claims', claims, 1_024);
  if (Object.hasOwn(more, 'sub')) {
    throw new TypeError(
      `actor.claims must not have 'sub': give the actor's subject in actor.subject`,
    );
  }
  return { sub, ...more };
}

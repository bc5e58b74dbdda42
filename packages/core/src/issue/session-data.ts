// What core writes into the `data` of a session record: what was granted, and how the user was authenticated.
//
//   { scope, meta, version, for, must?, client?, aud?, persistent?, auth?, step?, act?, as?, k? }
//
// `version` rises with every write, by a random step, so that no two writes have the same text. `for` are the marks of the
// issuer's audiences at login (session-owner.ts). `must` names the members that restrict: a process that does not know one of
// them must not serve the session. Members that this process does not know otherwise are kept.

import { randomInt } from 'node:crypto';

import { StoreUnavailableError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { isScope } from '../lib/scope.js';

/** When and how the user proved who they are. */
export interface Authentication {
  /** Seconds since the epoch: the claim `auth_time`. @defaultValue now */
  readonly time?: number | undefined;
  /** The level that was reached: the claim `acr`. 1 to 256 characters, compared as text. */
  readonly acr?: string | undefined;
  /** The methods that were used: the claim `amr`, `['pwd', 'otp']` for example. At most 16 names. RFC 8176 */
  readonly amr?: readonly string[] | undefined;
}

/** The content of `data`. */
export interface SessionData {
  /** All of the granted scope, space-delimited; empty when there is none. A refresh may narrow it for one access token. */
  readonly scope: string;
  /** What the application has stored about the session, a device name for example. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly version: number;
  /** The audiences that the issuer had at login, as session-owner.ts names them. */
  readonly marks: readonly string[];
  readonly clientId?: string | undefined;
  /** Some of the issuer's audiences; `undefined` for all of them. */
  readonly audience?: readonly string[] | undefined;
  readonly persistent: boolean;
  /** The authentication of the login. */
  readonly login?: Authentication | undefined;
  /** The authentication of the last step-up. */
  readonly step?: Authentication | undefined;
  /** The claim `act`. */
  readonly act?: Readonly<Record<string, unknown>> | undefined;
  /** The subject for whom an actor acts. */
  readonly actsFor?: string | undefined;
  /** The kill mark that was known at login; 0 when there was none. A session with a smaller one than the present has ended. */
  readonly killMark?: number | undefined;
  /** Members that this version of core does not know. */
  readonly unknown?: Readonly<Record<string, unknown>> | undefined;
}

/** Maximum length of the scope of a session in characters. Every access token contains it. */
export const maxScopeLength = 2_048;

/** Maximum length of the application's metadata as JSON, in characters. */
export const maxMetadataLength = 4_096;

/** Maximum length of `data`, in characters. */
const maxDataLength = 8_192;

const restricting: readonly string[] = ['client', 'aud', 'act', 'as'];

// Versions stay exact numbers for two million writes.
const largestStep = 2 ** 32;

/**
 * The version after this one. The step is random: two updates at the same time may write the same members, and must not take each
 * other's write for their own.
 */
export function nextVersion(version: number): number {
  return version + 1 + randomInt(largestStep);
}

/** @throws TypeError the text is too long for a record. */
export function writeSessionData(data: SessionData): string {
  const { scope, metadata, version, marks, persistent, unknown } = data;
  const members = {
    ...unknown,
    scope,
    meta: metadata,
    version,
    for: marks.join(' '),
    client: data.clientId,
    aud: data.audience,
    persistent: persistent ? undefined : false,
    auth: data.login,
    step: data.step,
    act: data.act,
    as: data.actsFor,
    k: data.killMark === 0 ? undefined : data.killMark,
  };
  const must = restricting.filter((name) => Reflect.get(members, name) !== undefined);
  const text = JSON.stringify(must.length === 0 ? members : { ...members, must });
  if (text.length > maxDataLength) {
    throw new TypeError(
      `scope, metadata, audience, clientId, authentication and actor must take at most ${maxDataLength} characters together; ` +
        `they take ${text.length}. Store less metadata, and keep the rest under the session ID.`,
    );
  }
  return text;
}

/** @throws {@link StoreUnavailableError} (503) {@link writeSessionData} has not written this, or a newer process restricted it. */
export function readSessionData(text: string): SessionData {
  const value = parseJson(text);
  if (!isObject(value) || !isReadable(value)) throw unreadable('garbled session data');
  const {
    scope,
    meta,
    version,
    for: marks,
    must = [],
    client,
    aud,
    persistent = true,
    auth,
    step,
    act,
    as,
    k,
    ...unknown
  } = value;
  if (!must.every((name) => restricting.includes(name))) {
    throw unreadable('the session is restricted in a way that this version does not know');
  }
  return {
    scope,
    metadata: meta,
    version,
    marks: marks.split(' '),
    clientId: client,
    audience: aud,
    persistent,
    login: auth,
    step,
    act,
    actsFor: as,
    killMark: k,
    unknown,
  };
}

interface StoredData {
  readonly scope: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly for: string;
  readonly must?: readonly string[];
  readonly client?: string;
  readonly aud?: readonly string[];
  readonly persistent?: boolean;
  readonly auth?: Authentication;
  readonly step?: Authentication;
  readonly act?: Readonly<Record<string, unknown>>;
  readonly as?: string;
  readonly k?: number;
}

function isReadable(value: Record<string, unknown>): value is Record<string, unknown> & StoredData {
  const { scope, meta, version, must, client, aud, persistent, auth, step, act, as, k } = value;
  return (
    typeof scope === 'string' &&
    isScope(scope) &&
    isObject(meta) &&
    Number.isSafeInteger(version) &&
    isText(value['for']) &&
    [must, aud].every((list) => isOptional(list, isTexts)) &&
    [client, as].every((text) => isOptional(text, isText)) &&
    isOptional(persistent, (one) => typeof one === 'boolean') &&
    [auth, step].every((one) => isOptional(one, isAuthentication)) &&
    isOptional(act, isObject) &&
    isOptional(k, Number.isSafeInteger)
  );
}

function isOptional(member: unknown, isGood: (given: unknown) => boolean): boolean {
  return member === undefined || isGood(member);
}

function isAuthentication(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { time, acr, amr } = value;
  return (
    (time === undefined || Number.isFinite(time)) &&
    (acr === undefined || isText(acr)) &&
    (amr === undefined || isTexts(amr))
  );
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

function unreadable(reason: string): StoreUnavailableError {
  return new StoreUnavailableError({ cause: new TypeError(reason) });
}

// V8 quotes the text that it cannot parse. The text is a user's data, so its error must not become a cause.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

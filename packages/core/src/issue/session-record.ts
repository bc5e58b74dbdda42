// What core writes into a session record and reads from it: whose it is, and what was granted. Issuers may share a store.

import { hash } from 'node:crypto';

import { StoreUnavailableError } from '../errors/errors.js';
import { isObject, isWellFormed, refuseOption } from '../lib/options.js';
import { isScope } from '../lib/scope.js';
import { subjectTag, subjectTagOf } from '../store/session-id.js';
import type { SessionSnapshot } from '../store/session-store.js';

/** Separates the records of one issuer from those of another. */
export interface SessionOwnership {
  /** Prefix of the owner in every record of this issuer: 8 characters of the hash of the issuer's name, and a dot. */
  readonly ownerPrefix: string;
  /** The audiences of this issuer, as records name them. */
  readonly audienceMarks: readonly string[];
}

/** What was granted at login, for the whole session. */
export interface SessionGrant {
  /** All of the scope, space-delimited; empty when there is none. A refresh may narrow it for one access token. */
  readonly scope: string;
  /** What the application has stored about the session, a device name for example. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The content of `data`. */
interface SessionData {
  /** The audiences that the issuer had at login. */
  readonly marks: readonly string[];
  readonly grant: SessionGrant;
}

/** A record of this issuer, with the subject in place of the owner and the grant in place of the data. */
export interface OwnSession extends Omit<SessionSnapshot, 'data'> {
  readonly grant: SessionGrant;
}

/** Maximum length of the scope of a session in characters. Every access token contains it. */
export const maxScopeLength = 2_048;

/** Maximum length of the application's metadata as JSON, in characters. */
export const maxMetadataLength = 4_096;

// Their marks are in every record, whose data has at most 8 192 characters: scope and metadata take up to 6 144 of them.
const maxAudiences = 200;

/** @throws TypeError there are more audiences than a record can name. */
export function toSessionOwnership(issuer: string, audience: readonly string[]): SessionOwnership {
  if (audience.length > maxAudiences) {
    refuseOption('audience', `at most ${maxAudiences} names`, audience);
  }
  return { ownerPrefix: `${markOf(issuer)}.`, audienceMarks: audience.map(markOf) };
}

function markOf(name: string): string {
  return hash('sha256', name, 'base64url').slice(0, 8);
}

/** The owner that stands for a subject of this issuer in the store: unique across issuers. */
export function ownerOf({ ownerPrefix }: SessionOwnership, subject: string): string {
  return ownerPrefix + subject;
}

/**
 * Reads a record. `undefined` when it belongs to another issuer (another name, or no audience in common): it counts as absent.
 *
 * @throws {@link StoreUnavailableError} (503) the record is not the one that was asked for, or cannot be read. A store that
 * mixes up records must neither sign a user in nor out.
 */
export function readOwnSession(
  { ownerPrefix, audienceMarks }: SessionOwnership,
  sessionId: string,
  { data, ...session }: SessionSnapshot,
): OwnSession | undefined {
  const owner = session.subject;
  const isRequested =
    session.sessionId === sessionId &&
    isWellFormed(owner) &&
    subjectTag(owner) === subjectTagOf(sessionId);
  if (!isRequested) {
    throw new StoreUnavailableError({ cause: new Error('the store answered with another record') });
  }
  if (!owner.startsWith(ownerPrefix)) return undefined;
  const { marks, grant } = readSessionData(data);
  if (!marks.some((mark) => audienceMarks.includes(mark))) return undefined;
  return { ...session, subject: owner.slice(ownerPrefix.length), grant };
}

/** Writes a JSON array of audience marks, scope and metadata, without empty elements at its end. */
export function writeSessionData({ marks, grant: { scope, metadata } }: SessionData): string {
  const hasMetadata = Object.keys(metadata).length > 0;
  const rest = hasMetadata ? [scope, metadata] : [scope].filter((text) => text !== '');
  return JSON.stringify([marks.join(' '), ...rest]);
}

/** @throws {@link StoreUnavailableError} (503) {@link writeSessionData} has not written this. */
export function readSessionData(data: string): SessionData {
  const value = parseJson(data);
  const elements: readonly unknown[] = Array.isArray(value) && value.length <= 3 ? value : [];
  const [marks, scope = '', metadata = {}] = elements;
  const isScopeText = typeof scope === 'string' && isScope(scope);
  if (typeof marks === 'string' && isScopeText && isObject(metadata)) {
    return { marks: marks.split(' '), grant: { scope, metadata } };
  }
  throw new StoreUnavailableError({ cause: new TypeError('garbled session data') });
}

// V8 quotes the text that it cannot parse. The text is a user's data, so its error must not become a cause.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

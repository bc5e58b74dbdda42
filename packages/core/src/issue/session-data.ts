// What core keeps in a record's `data`, which the store does not read.

import { StoreUnavailableError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { isScope } from '../lib/scope.js';

/** What a session was granted at login, for as long as it lives. */
export interface SessionGrant {
  /** The scope in full, space-delimited; empty when there is none. A refresh may narrow it for one access token. */
  readonly scope: string;
  /** The application's own words about the session, a device name for example. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What `data` holds. */
export interface SessionData {
  /** Which audiences the issuer had at login (session-owner.ts). */
  readonly marks: readonly string[];
  readonly grant: SessionGrant;
}

/** Characters that the scope of a session may have: it stands in every access token. */
export const maxScopeLength = 2_048;

/** Characters of JSON that an application's metadata may take. */
export const maxMetadataLength = 4_096;

// A JSON array of audience marks, scope and metadata; what is empty at its end is left out.
export function writeSessionData({ marks, grant: { scope, metadata } }: SessionData): string {
  const isBare = Object.keys(metadata).length === 0;
  const rest = isBare ? (scope === '' ? [] : [scope]) : [scope, metadata];
  // V8 leaves a text that JSON.stringify has made in several pieces. A store that keeps it needs twice the room for them.
  return Buffer.from(JSON.stringify([marks.join(' '), ...rest])).toString();
}

/** @throws {@link StoreUnavailableError} what the store gave back is not what we put there. */
export function readSessionData(data: string): SessionData {
  const value = parseJson(data);
  const [marks, scope = '', metadata = {}]: readonly unknown[] = isArray(value) ? value : [];
  const isOurs =
    typeof marks === 'string' && typeof scope === 'string' && isScope(scope) && isObject(metadata);
  if (!isOurs) {
    throw new StoreUnavailableError({ cause: new TypeError('garbled session data') });
  }
  return { marks: marks.split(' '), grant: { scope, metadata } };
}

// V8 quotes the text that it cannot parse, and this one is the user's: its error must not become a cause.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= 3;
}

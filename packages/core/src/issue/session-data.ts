// What core writes into the `data` of a session record. The store does not read it.

import { StoreUnavailableError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { isScope } from '../lib/scope.js';

/** What was granted at login, for the whole session. */
export interface SessionGrant {
  /** All of the scope, space-delimited; empty when there is none. A refresh may narrow it for one access token. */
  readonly scope: string;
  /** What the application has stored about the session, a device name for example. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The content of `data`. */
export interface SessionData {
  /** The audiences that the issuer had at login, as session-owner.ts names them. */
  readonly marks: readonly string[];
  readonly grant: SessionGrant;
}

/** Maximum length of the scope of a session in characters. Every access token contains it. */
export const maxScopeLength = 2_048;

/** Maximum length of the application's metadata as JSON, in characters. */
export const maxMetadataLength = 4_096;

/** Writes a JSON array of audience marks, scope and metadata, without empty elements at its end. */
export function writeSessionData({ marks, grant: { scope, metadata } }: SessionData): string {
  const hasMetadata = Object.keys(metadata).length > 0;
  const rest = hasMetadata ? [scope, metadata] : [scope].filter((text) => text !== '');
  return JSON.stringify([marks.join(' '), ...rest]);
}

/** @throws {@link StoreUnavailableError} (503) {@link writeSessionData} has not written this. */
export function readSessionData(data: string): SessionData {
  const value = parseJson(data);
  const [marks, scope = '', metadata = {}]: readonly unknown[] = isArray(value) ? value : [];
  const isValid =
    typeof marks === 'string' && typeof scope === 'string' && isScope(scope) && isObject(metadata);
  if (!isValid) {
    throw new StoreUnavailableError({ cause: new TypeError('garbled session data') });
  }
  return { marks: marks.split(' '), grant: { scope, metadata } };
}

// V8 quotes the text that it cannot parse. The text is a user's data, so its error must not become a cause.
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

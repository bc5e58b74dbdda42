// Which issuer a session record belongs to. Issuers may share a store; a record of another issuer counts as absent.

import { hash } from 'node:crypto';

import { StoreUnavailableError } from '../errors/errors.js';
import { isWellFormed, refuseOption } from '../lib/options.js';
import { ownerTag, ownerTagOf } from '../store/session-id.js';
import type { SessionSnapshot } from '../store/session-store.js';
import { readSessionData, type SessionData } from './session-data.js';
import { readState, type SessionState } from './session-state.js';

/** Separates the records of one issuer from those of another. */
export interface SessionOwnership {
  /** Prefix of the owner in every record of this issuer: 8 characters of the hash of the issuer's name, and a dot. */
  readonly ownerPrefix: string;
  /** The audiences of this issuer, as records name them. */
  readonly audienceMarks: readonly string[];
}

/** A record of this issuer, with its notes read. */
export interface OwnSession extends Omit<SessionSnapshot, 'owner' | 'data' | 'state'> {
  /** Whose session it is: the subject, or the actor when there is one. */
  readonly holder: string;
  /** The claim `sub`: the holder, or the subject for whom an actor acts. */
  readonly subject: string;
  readonly data: SessionData;
  /** The text of `data`, as an update expects it. */
  readonly dataText: string;
  readonly state: SessionState;
}

const markLength = 8;

// Their marks are in every record, whose data has at most 8 192 characters: scope and metadata take up to 6 144 of them.
const maxAudiences = 200;

/** @throws TypeError there are more audiences than a record can name. */
export function toSessionOwnership(issuer: string, audience: readonly string[]): SessionOwnership {
  if (audience.length > maxAudiences) {
    refuseOption('audience', `at most ${maxAudiences} names`, audience);
  }
  return { ownerPrefix: `${markOf(issuer)}.`, audienceMarks: audience.map(markOf) };
}

/** The owner that stands for a subject of this issuer in the store: unique across issuers. */
export function ownerOf({ ownerPrefix }: SessionOwnership, subject: string): string {
  return ownerPrefix + subject;
}

/**
 * Reads a record that the store answered.
 *
 * @returns `undefined` when the record belongs to another issuer: another name, or no audience in common.
 * @throws {@link StoreUnavailableError} (503) the record is not the one that was asked for, or cannot be read. A store that
 * mixes up records must neither sign a user in nor out.
 */
export function readOwnSession(
  { ownerPrefix, audienceMarks }: SessionOwnership,
  sessionId: string,
  { owner, data: dataText, state, ...session }: SessionSnapshot,
): OwnSession | undefined {
  const isRequested =
    session.sessionId === sessionId &&
    isWellFormed(owner) &&
    ownerTag(owner) === ownerTagOf(sessionId);
  if (!isRequested) {
    throw new StoreUnavailableError({ cause: new Error('the store answered with another record') });
  }
  if (!owner.startsWith(ownerPrefix)) return undefined;
  const data = readSessionData(dataText);
  // A session of some audiences is not served by an issuer that has none of them: it would sign tokens for another one.
  const marks = data.audience?.map(markOf) ?? data.marks;
  const isOwn = [data.marks, marks].every((list) =>
    list.some((mark) => audienceMarks.includes(mark)),
  );
  if (!isOwn) return undefined;
  const holder = owner.slice(ownerPrefix.length);
  return {
    ...session,
    holder,
    subject: data.actsFor ?? holder,
    data,
    dataText,
    state: readState({ state, rotatedAt: session.rotatedAt }),
  };
}

function markOf(name: string): string {
  return hash('sha256', name, 'base64url').slice(0, markLength);
}

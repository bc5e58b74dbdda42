// What a follower is given: its checked options, the log, and what an issuer lends it.

import type { Emit } from '../hooks/events.js';
import type { Clock } from '../hooks/clock.js';
import type { Millis } from '../lib/duration.js';
import type { Position, RevocationLog } from './revocation-log.js';

/** A log that may be read only. */
export type ReadableLog = Pick<RevocationLog, 'read'> & Partial<RevocationLog>;

export interface FollowSettings {
  /** Infinity: never behind. */
  readonly maxAge: Millis;
  readonly whenBehind: 'accept' | 'refuse';
  readonly pollInterval: Millis;
  readonly max: number;
  readonly emit: Emit;
  readonly clock: Clock | undefined;
}

/** What an issuer lends its follower. */
export interface IssuerRole {
  /** How long entries must be kept: until every token of the issuer has expired, by every clock. */
  readonly keep: Millis;
  /** Ends a session in the store; true if it was live. */
  readonly revoke: (sessionId: string) => Promise<boolean>;
  /** Raises the kill mark in the store, and answers it. */
  readonly raise: (mark: Position) => Promise<Position>;
}

// What the author of a session store or a revocation log needs: the contracts, and what those of this project are built with.

export type {
  Change,
  CreateResult,
  Expected,
  Millis,
  NewSession,
  SwapResult,
  SessionLimit,
  SessionRecord,
  SessionSnapshot,
  SessionStore,
} from './store/session-store.js';
export type {
  NewRevocationEntry,
  Position,
  RevocationEntry,
  RevocationLog,
  RevocationPage,
} from './revocations/revocation-log.js';
export { LogRevocations, followOptionNames } from './revocations/log-revocations.js';
export type { ReadableLog } from './revocations/follow-settings.js';
export type { FollowOptions } from './revocations/revocations.js';
export { MemoryRevocationLog } from './revocations/memory-revocation-log.js';
export { StoreUnavailableError } from './errors/errors.js';
export { ownerTag, ownerTagOf } from './store/session-id.js';
export { withDeadline } from './lib/deadline.js';
export { toSeconds } from './lib/duration.js';
export type { Duration } from './lib/duration.js';
export { checkOptions } from './lib/options.js';

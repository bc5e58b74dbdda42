// What the author of a session store needs: the contract, and what the stores of this project are built with.

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
export { StoreUnavailableError } from './errors/errors.js';
export { ownerTag, ownerTagOf } from './store/session-id.js';
export { withDeadline } from './lib/deadline.js';
export { toSeconds } from './lib/duration.js';
export type { Duration } from './lib/duration.js';
export { checkOptions } from './lib/options.js';

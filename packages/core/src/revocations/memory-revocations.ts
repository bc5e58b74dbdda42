// Revocations in the memory of one process.

import { checkOptions } from '../lib/options.js';
import { LogRevocations, followOptionNames } from './log-revocations.js';
import { MemoryRevocationLog } from './memory-revocation-log.js';
import type { FollowOptions } from './revocations.js';

/**
 * Revokes access tokens in this process; other processes do not hear of it. An issuer with a `MemorySessionStore` has one by
 * default. Without `maxAge` it is never behind: log and list are in one process.
 */
export class MemoryRevocations extends LogRevocations {
  /** @throws TypeError an option is wrong or unknown. */
  constructor(options: FollowOptions = {}) {
    const checked = checkOptions('MemoryRevocations', options, followOptionNames);
    super(new MemoryRevocationLog(checked.clock), checked, { pollInterval: 1, maxAge: Infinity });
  }
}

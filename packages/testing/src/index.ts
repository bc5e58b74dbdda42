// The public surface by name.

export { describeSessionStore } from './describe-session-store.js';
export type { Hook, SessionStoreSuiteOptions, StoreUnderTest } from './suite/store-under-test.js';
export type { Resume, SuiteOptions, TestRunner } from './define-suite.js';
export { createTestClock } from './test-clock.js';
export type { TestClock } from './test-clock.js';
export { createTokenBuilder } from './token-builder.js';
export type { ClaimChanges, TokenBuilder, TokenBuilderOptions } from './token-builder.js';
export { startKeySetServer } from './key-set-server.js';
export type { KeySetServer, KeySetServerOptions } from './key-set-server.js';
export { breakable, breakableLog } from './breakable.js';
export type { BreakableLog, BreakableStore, Breakage } from './breakable.js';
export { describeRevocationLog } from './describe-revocation-log.js';
export type {
  LogHook,
  RevocationLogSuiteOptions,
  RevocationLogUnderTest,
} from './log-suite/log-under-test.js';

// The public surface by name.

export { RedisSessionStore } from './redis-session-store.js';
export type { RedisSessionStoreOptions } from './redis-session-store.js';
export { RedisRevocations } from './redis-revocations.js';
export type { RedisRevocationsOptions } from './redis-revocations.js';
export type { RedisClient } from './send-command.js';

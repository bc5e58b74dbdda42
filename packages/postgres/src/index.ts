// The public surface by name.

export { PostgresSessionStore } from './postgres-session-store.js';
export type { PostgresSessionStoreOptions } from './postgres-session-store.js';
export { PostgresRevocations } from './postgres-revocations.js';
export type { PostgresRevocationsOptions } from './postgres-revocations.js';
export { postgresSchema } from './schema.js';
export type { PostgresSchemaOptions } from './schema.js';
export type { PostgresClient } from './client.js';

// What applications import.

export { createClient } from './create-client.js';
export { ClientError, isClientError, type ClientErrorCode } from './client-error.js';
export { eachToken } from './each-token.js';
export type { Action, RefusalCode } from './refusal-codes.js';
export type {
  Client,
  ClientEvent,
  ClientOptions,
  Refusal,
  SessionState,
  SignedIn,
  SignedOut,
  TokenStorage,
} from './types.js';

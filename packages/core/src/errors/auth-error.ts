// The base of every error that tokenpair throws on purpose: code, status, action and response headers.

import { checkOptions } from '../lib/options.js';
import { challenge, type ProtectionSpace } from './challenge.js';
import { errorTable, type AuthAction, type AuthErrorCode, type ErrorRow } from './error-table.js';

export interface AuthErrorDetails {
  /** Where a bearer credential was asked for. Without it the answer has no challenge. */
  readonly space?: ProtectionSpace;
  /** The scope that a guard asks for, for the challenge. */
  readonly scope?: string;
  readonly cause?: unknown;
  /** Headers that this error needs beside those of the table. */
  readonly headers?: Readonly<Record<string, string>>;
}

// Two versions of the package can meet in one process, so an error is recognised by a mark and not by its prototype.
const brand = Symbol.for('tokenpair.AuthError');

/**
 * An error that tokenpair throws on purpose. Express and Koa understand `status`, `headers` and `expose` of an error that is
 * handed on.
 *
 * Neither the message nor any property contains a token, a key or text from either. What failed underneath is in `cause`,
 * for the log. A 401 has no stack frames: it answers a client, anonymous clients can cause any number of them, and `code`
 * says why.
 */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** The OAuth error word, where there is one: coarser than `code`. */
  readonly error: string | undefined;
  /** What the client does next. */
  readonly action: AuthAction;
  /** The message is fixed text from the error table, so it may always be shown. */
  readonly expose: true = true;
  /** Response headers that belong to this error, names in the usual case. */
  readonly headers: Readonly<Record<string, string>>;

  /** @throws TypeError `details` is no object or has an unknown member. */
  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const { cause } = checkOptions('AuthError', details, ['space', 'scope', 'cause', 'headers']);
    const row: ErrorRow = errorTable[code];
    const { stackTraceLimit } = Error;
    // `Reflect.set`, because an assignment throws where an application has frozen the built-in objects.
    if (row.status === 401) Reflect.set(Error, 'stackTraceLimit', 0);
    super(row.description, cause === undefined ? undefined : { cause });
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    this.code = code;
    this.status = row.status;
    this.error = row.error;
    this.action = row.action;
    this.headers = Object.freeze(headersOf(row, details));
    // Not enumerable, as the name and the stack of any other error.
    Object.defineProperty(this, 'name', {
      value: new.target.name,
      writable: true,
      configurable: true,
    });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an error of tokenpair, also one that another version of the package made. */
export function isAuthError(value: unknown): value is AuthError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand);
}

function headersOf(
  row: ErrorRow,
  { space, scope, headers }: AuthErrorDetails,
): Record<string, string> {
  const { error, description, retryAfter } = row;
  const details = row.challenge === 'full' ? { error, description, scope } : {};
  return {
    'Cache-Control': 'no-store',
    ...(space && row.challenge && { 'WWW-Authenticate': challenge(space, details) }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...headers,
  };
}

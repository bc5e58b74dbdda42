// The base of every error that tokenpair throws on purpose: code, status, action and response headers.

import { checkOptions } from '../lib/options.js';
import { challenge, type ProtectionSpace } from './challenge.js';
import { errorTable, type AuthAction, type AuthErrorCode, type ErrorRow } from './error-table.js';

export interface AuthErrorDetails {
  /** The protected area, for the challenge. Without it the answer has no challenge. */
  readonly space?: ProtectionSpace;
  /** The scope that a guard requires, for the challenge. */
  readonly scope?: string;
  /** Seconds since the last authentication that a guard allows, for the challenge. */
  readonly maxAge?: number | undefined;
  /** The levels of which a guard requires one, for the challenge. */
  readonly acrValues?: readonly string[];
  /** What failed, for logs. It is never part of an answer. */
  readonly cause?: unknown;
  /** Response headers in addition to those of the error table. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

// Errors are recognised by this mark and not by their prototype, because two versions of the package can run in one process.
const brand = Symbol.for('tokenpair.AuthError');

const detailNames = ['space', 'scope', 'maxAge', 'acrValues', 'cause', 'headers'];

/**
 * An error that tokenpair throws on purpose. The error handlers of Express and Koa use its `status`, `headers` and
 * `expose`, those of NestJS and Fastify its `statusCode`.
 *
 * The message and the properties contain no token, no key and no text from either. Only `cause`, for logs, has what failed.
 * A 401 has no stack frames: any client can cause many of them, and `code` names the reason.
 */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** The same as `status`, under the name that NestJS, Fastify and others read. */
  readonly statusCode: number;
  /** The OAuth error code, less exact than `code`; `undefined` for `token_missing`. RFC 6750 §3.1, RFC 6749 §5.2 */
  readonly error: string | undefined;
  /** What the client must do next. */
  readonly action: AuthAction;
  /** Clients may see the message: it is fixed text from the error table. */
  readonly expose: true = true;
  /** Response headers of this error, with names like `WWW-Authenticate`. Only `Set-Cookie` can be an array. */
  readonly headers: Readonly<Record<string, string | string[]>>;

  /** @throws TypeError `details` is not a plain object or has an unknown member. */
  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const { cause } = checkOptions('AuthError', details, detailNames);
    const { answer, description }: ErrorRow = errorTable[code];
    const { stackTraceLimit } = Error;
    // `Reflect.set`, because an assignment throws where an application has frozen the built-in objects.
    if (answer.status === 401) Reflect.set(Error, 'stackTraceLimit', 0);
    super(description, cause === undefined ? undefined : { cause });
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    this.code = code;
    this.status = answer.status;
    this.statusCode = answer.status;
    this.error = answer.error;
    this.action = answer.action;
    this.headers = Object.freeze(headersOf(errorTable[code], details));
    // Not enumerable, as in other errors.
    Object.defineProperties(this, {
      name: { value: new.target.name, writable: true, configurable: true },
      [brand]: { value: true },
    });
  }
}

/** Whether a value is an error of tokenpair, also one of another version of the package. */
export function isAuthError(value: unknown): value is AuthError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand);
}

function headersOf(
  { answer, description }: ErrorRow,
  { space, scope, maxAge, acrValues, headers }: AuthErrorDetails,
): Record<string, string | string[]> {
  const { error, retryAfter } = answer;
  const parameters = { error, description, scope, maxAge, acrValues };
  const details = answer.challenge === 'full' ? parameters : {};
  return {
    'Cache-Control': 'no-store',
    ...(space && answer.challenge && { 'WWW-Authenticate': challenge(space, details) }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...headers,
  };
}

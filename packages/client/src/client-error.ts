// The error of the client, and the table that its texts come from.

import type { Refusal } from './types.js';

/**
 * - `unavailable`: the mount gave no answer that counts within `wait`, or asked to wait longer (then `refusal` is set). The session
 *   is kept.
 * - `storage`: the refresh token could not be read or stored. The session is kept.
 * - `session_changed`: another session began, or this one ended, during the call.
 * - `refused`: the answer to a login is no token pair; `refusal` is what the server said.
 * - `misconfigured`: the mount answered that the request itself is wrong; `refusal` says what. Or the client was called inside the
 *   function of `signIn`, where only the plain `fetch` works.
 * - `origin`: the origin of the URL gets no access token.
 */
export type ClientErrorCode = keyof typeof texts;

const texts = {
  unavailable: 'The token endpoint gave no answer that counts.',
  storage: 'The refresh token could not be read or stored.',
  session_changed: 'The session changed during the call.',
  refused: 'The login was refused.',
  misconfigured: 'The request or the call is wrong: see refusal and cause.',
  origin: 'The origin gets no token: it is not in origins.',
};

// Not a class that is compared: there may be two copies of this package, and errors cross realms.
const brand = '@tokenpair/client';

/** The only error that the client throws by itself, but for a `TypeError` about an option. It contains no token. */
export class ClientError extends Error {
  /** Says what happened; compare this. */
  readonly code: ClientErrorCode;
  /** What the server said, if it said something. */
  readonly refusal?: Refusal;
  /** What is known of the reason: status and media type of an answer, the name of the storage's error, or what was done wrong. */
  override readonly cause?: unknown;

  constructor(code: ClientErrorCode, refusal?: Refusal, cause?: unknown) {
    super(texts[code]);
    this.name = 'ClientError';
    this.code = code;
    if (refusal) this.refusal = refusal;
    if (cause) this.cause = cause;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link ClientError}, also of another copy of this package. */
export function isClientError(value: unknown): value is ClientError {
  return (value as Record<string, unknown> | null | undefined)?.[brand] === true;
}

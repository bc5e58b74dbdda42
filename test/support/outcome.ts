// Names the outcome of a call.

import { isAuthError } from '@tokenpair/core';

/** Answers `ok`, the `code` of an AuthError, or the name of another error. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isAuthError(error)) return error.code;
    return error instanceof Error ? error.name : typeof error;
  }
}

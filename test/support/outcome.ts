// What a call came to, as a word.

import { isAuthError } from '@tokenpair/core';

/** `ok`, the `code` of a refusal, or the name of whatever else was thrown. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isAuthError(error)) return error.code;
    return error instanceof Error ? error.name : typeof error;
  }
}

// Requests to the token endpoints.

import { readAnswer, type Answer } from './answer.js';
import type { CheckedOptions } from './options.js';

/** Sends a POST request to an endpoint of the mount. Parameters that are `undefined` are left out. */
export type PostToMount = (
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  init: RequestInit,
) => Promise<Answer>;

export function createMount({ mount, send, isCookie }: CheckedOptions): PostToMount {
  return async (path, parameters, { headers, ...init }) => {
    const request: RequestInit = {
      method: 'POST',
      redirect: 'error',
      cache: 'no-store',
      credentials: isCookie ? 'include' : 'omit',
      // Through JSON, which leaves out what is undefined.
      body: String(new URLSearchParams(JSON.parse(JSON.stringify(parameters)))),
      headers: {
        // The only type with parameters that costs no CORS preflight.
        'Content-Type': 'application/x-www-form-urlencoded',
        // oxlint-disable-next-line typescript/no-misused-spread -- always an object here
        ...headers,
      },
      ...init,
    };
    return readAnswer(await send(mount + path, request));
  };
}

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
  return async function postToMount(path, parameters, init) {
    const form = Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
    );
    const request: RequestInit = {
      method: 'POST',
      redirect: 'error',
      cache: 'no-store',
      credentials: isCookie ? 'include' : 'omit',
      ...init,
    };
    if (form.length > 0) {
      request.body = form.join('&');
      // The only type with parameters that costs no CORS preflight.
      request.headers = {
        'Content-Type': 'application/x-www-form-urlencoded',
        // oxlint-disable-next-line typescript/no-misused-spread -- always an object here
        ...init.headers,
      };
    }
    return readAnswer(await send(mount + path, request));
  };
}

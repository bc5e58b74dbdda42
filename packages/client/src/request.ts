// `client.fetch`: sends the access token, and does what a refusal says.

import { readAnswer } from './answer.js';
import { ClientError } from './client-error.js';
import type { CheckedOptions } from './options.js';
import type { Ready } from './ready.js';
import type { AccessToken, Session } from './session.js';
import { ignore, now, rethrow, secondsSince, sleep, tell, unlessAborted } from './time.js';
import type { Client, Refusal } from './types.js';

/** How long it is remembered that a place refuses also a fresh token, in seconds. This bounds what a wrong API causes. */
const memorySeconds = 60;
const memorySize = 20;

export function createFetch(
  options: CheckedOptions,
  session: Session,
  ready: Ready,
  closing: AbortSignal,
): Client['fetch'] {
  const { send, wait, origins, onReauthenticate, onEvent } = options;
  /** By origin and path: when it refused. */
  const stubborn = new Map<string, ReturnType<typeof now>>();
  let dialogue: Promise<boolean> | undefined;

  function isStubborn(place: string): boolean {
    const since = stubborn.get(place);
    return since !== undefined && secondsSince(since) < memorySeconds;
  }

  function remember(place: string): void {
    stubborn.delete(place);
    stubborn.set(place, now());
    if (stubborn.size > memorySize) stubborn.delete(stubborn.keys().next().value as string);
  }

  /** One dialogue for all calls that need it. */
  function reauthenticate(need: Refusal): Promise<boolean> {
    dialogue ??= (async () => (await onReauthenticate?.(need)) === true)()
      .catch((error: unknown) => {
        rethrow(error);
        return false;
      })
      .finally(() => {
        dialogue = undefined;
      });
    return dialogue;
  }

  return async function fetchWithToken(input, init) {
    const begun = now();
    const number = session.pairs;
    // Resolved as the platform does it. A `Request` is copied for each time that it is sent.
    const isRequest = typeof input === 'object' && 'clone' in input;
    const request = new Request(input, isRequest ? init : undefined);
    const about = isRequest ? request : (init ?? {});
    const headers = new Headers(about.headers);
    const isOwn = headers.has('authorization');
    if (isOwn) return isRequest ? send(request) : send(input, init);
    const { origin, pathname } = new URL(request.url);
    if (!origins.includes(origin)) throw new ClientError('origin');

    const { body, signal } = isRequest ? { signal: request.signal } : (about as RequestInit);
    const isOnce = isStream(body);
    const unlessLeft = <T>(promise: Promise<T>) => unlessAborted(promise, signal);
    const pause = (seconds: number) => unlessLeft(sleep(seconds, closing));
    const place = origin + pathname;

    /** A redirect may have led to another origin, whose refusals mean nothing here. */
    function isOurs({ status, url }: Response): boolean {
      return status >= 400 && (url === '' || origins.includes(new URL(url).origin));
    }

    function transmit(token?: string): Promise<Response> {
      const own = new Headers(headers);
      if (token !== undefined) own.set('Authorization', `Bearer ${token}`);
      return isRequest
        ? send(new Request(request.clone(), { headers: own }))
        : send(request.url, { ...init, headers: own });
    }

    await unlessLeft(ready.start());
    const { epoch } = session;
    let token = await unlessLeft(ready.token({ validFor: isOnce ? 30 : 0 }));
    if (session.id() === undefined) return transmit();

    let repeats = 0;
    let refreshes = 0;
    let hasAsked = false;
    for (let attempt = 1; ; attempt += 1) {
      if (session.epoch !== epoch) throw new ClientError('session_changed');
      const used = token;
      const response = await transmit(used);
      const refusal = isOurs(response) ? await readRefusal(response) : undefined;
      if (session.epoch !== epoch) {
        response.body?.cancel().catch(ignore);
        throw new ClientError('session_changed');
      }
      if (!refusal) return response;
      if (isOnce) {
        expire(refusal, used);
        return response;
      }
      if (!(await mayRepeat(refusal, used, attempt)) || session.id() === undefined) return response;
      token = await unlessLeft(ready.token());
    }

    /** Lets the next call have a fresh token, where this one cannot be repeated. */
    function expire({ action }: Refusal, used: string | undefined): void {
      const { access } = session;
      if (access?.token === used && /^(refresh|login)$/.test(action)) {
        session.access = { ...(access as AccessToken), end: 0 };
      }
    }

    async function mayRepeat(refusal: Refusal, used: string | undefined, attempt: number) {
      const { action, code, retry_after } = refusal;
      const isNewer = session.access !== undefined && session.access.token !== used;
      if (action === 'refresh' || action === 'login') {
        const { access } = session;
        // The mount gave the refused token during this call: another refresh would not help.
        const isFresh = !isNewer && access !== undefined && access.number > number;
        if (code === 'claims_stale') {
          if (isFresh) refreshes ||= 1;
          if (refreshes === 3) return false;
          // The mount may hear of a change of the claims a moment after the API.
          if (refreshes > 0) await pause(refreshes === 1 ? 0.3 : 1);
          refreshes += 1;
        } else {
          if (isFresh || repeats > 0) remember(place);
          if (repeats > 0 || (!isNewer && isStubborn(place))) return false;
          repeats += 1;
        }
        await unlessLeft(ready.token({ not: used as string }));
        return true;
      }
      if (action === 'retry') {
        const seconds = Number(retry_after) > 0 ? Number(retry_after) : 1;
        const isRepeatable =
          /^(get|head|options|put|delete)$/i.test(about.method ?? 'get') ||
          headers.has('idempotency-key');
        if (!isRepeatable || secondsSince(begun) + seconds > wait) return false;
        tell(onEvent, { type: 'retry', path: pathname, attempt, wait: seconds, cause: code });
        await pause(seconds);
        return !closing.aborted;
      }
      if (action === 'reauthenticate' && !hasAsked) {
        hasAsked = !isNewer;
        return isNewer || unlessLeft(reauthenticate(refusal));
      }
      return false;
    }
  };
}

async function readRefusal(response: Response): Promise<Refusal | undefined> {
  try {
    const isJson = /json/i.test(response.headers.get('content-type') ?? '');
    return isJson ? (await readAnswer(response.clone())).refusal : undefined;
  } catch {
    // The connection was cut. The caller will see that in the body, if it reads it.
    return undefined;
  }
}

function isStream(body: unknown): boolean {
  const stream = Object(body) as { getReader?: unknown; [Symbol.asyncIterator]?: unknown };
  return Boolean(stream.getReader ?? stream[Symbol.asyncIterator]);
}

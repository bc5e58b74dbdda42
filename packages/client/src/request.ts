// `client.fetch`: sends the access token, and does what a refusal says.

import { isJson, readAnswer } from './answer.js';
import { ClientError } from './client-error.js';
import type { CheckedOptions } from './options.js';
import type { Ready } from './ready.js';
import type { Session } from './session.js';
import { ignore, now, rethrow, secondsSince, sleep, tell, unlessAborted, within } from './time.js';
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
  /** By epoch: the dialogue of one user may never end, and is none for the next user. */
  const dialogues: Record<number, Promise<boolean>> = {};

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
  function reauthenticate(need: Refusal, epoch: number): Promise<boolean> {
    // In a task after this one, so that the dialogue is known to the calls that it makes. Without a hook, the need itself is no `true`.
    return (dialogues[epoch] ??= Promise.resolve(need)
      .then(onReauthenticate)
      .then(
        (answer: unknown) => answer === true,
        (error: unknown) => {
          rethrow(error);
          return false;
        },
      )
      .finally(() => delete dialogues[epoch]));
  }

  return async function fetchWithToken(input, init) {
    const begun = now();
    const number = session.pairs;
    const openDialogue = dialogues[session.epoch];
    // Resolved as the platform does it. A `Request` is copied for each time that it is sent.
    const isRequest = typeof input === 'object' && 'clone' in input;
    const request = new Request(input, isRequest ? init : undefined);
    const about = isRequest ? request : (init ?? {});
    const headers = new Headers(about.headers);
    const isOwn = headers.has('authorization');
    if (isOwn) return isRequest ? send(request) : send(input, init);
    // Not all platforms resolve the URL of a request.
    const { origin, pathname, href } = new URL(request.url);
    if (!origins.includes(origin)) throw new ClientError('origin');

    const { body, signal } = isRequest ? { signal: request.signal } : (about as RequestInit);
    const isOnce = isStream(body);
    const unlessLeft = <T>(promise: Promise<T>) => unlessAborted(promise, signal);
    /** Ends early when the client is closed. */
    const pause = (seconds: number) => unlessLeft(sleep(seconds, closing).catch(ignore));
    const place = origin + pathname;

    function transmit(token?: string): Promise<Response> {
      const own = new Headers(headers);
      if (token !== undefined) own.set('Authorization', `Bearer ${token}`);
      return isRequest
        ? send(new Request(request.clone(), { headers: own }))
        : send(href, { ...init, headers: own });
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
      const { url } = response;
      // A redirect may have led to another origin, whose refusals mean nothing here.
      const isOurs = url === '' || origins.includes(new URL(url).origin);
      const refusal = isOurs ? await readRefusal(response, wait) : undefined;
      if (session.epoch !== epoch) {
        response.body?.cancel().catch(ignore);
        throw new ClientError('session_changed');
      }
      if (!refusal) return response;
      if (isOnce) {
        // The next call gets a fresh token.
        const { access } = session;
        if (access && access.token === used && isOfToken(refusal.action)) access.end = 0;
        return response;
      }
      if (!(await mayRepeat(refusal, used, attempt)) || session.id() === undefined) return response;
      token = await unlessLeft(ready.token());
    }

    async function mayRepeat(refusal: Refusal, used: string | undefined, attempt: number) {
      const { action, code, retry_after } = refusal;
      const { access } = session;
      const isNewer = access !== undefined && access.token !== used;
      if (isOfToken(action)) {
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
        const asked = Number(retry_after);
        const seconds = asked > 0 ? asked : 1;
        const isRepeatable =
          /^(get|head|options|put|delete)$/i.test(about.method ?? 'get') ||
          headers.has('idempotency-key');
        if (!isRepeatable || secondsSince(begun) + seconds > wait) return false;
        tell(onEvent, { type: 'retry', path: pathname, attempt, wait: seconds, cause: code });
        await pause(seconds);
        return !closing.aborted;
      }
      if (action === 'reauthenticate' && !hasAsked) {
        if (isNewer) return true;
        hasAsked = true;
        const answered = reauthenticate(refusal, epoch);
        // This call may have been made inside the dialogue, which then waits for it.
        const isBounded = answered === openDialogue;
        return unlessLeft(
          isBounded
            ? within(
                wait,
                () => answered,
                () => false,
              )
            : answered,
        );
      }
      return false;
    }
  };
}

async function readRefusal(response: Response, wait: number): Promise<Refusal | undefined> {
  try {
    if (response.ok || !isJson(response)) return undefined;
    return (await within(wait, () => readAnswer(response.clone()))).refusal;
  } catch {
    // The connection was cut, or the body does not end. The caller will see that, if it reads the body.
    return undefined;
  }
}

/** Whether another access token may help. */
function isOfToken(action: string): boolean {
  return /^(refresh|login)$/.test(action);
}

function isStream(body: unknown): boolean {
  const stream = Object(body) as { getReader?: unknown; [Symbol.asyncIterator]?: unknown };
  return Boolean(stream.getReader ?? stream[Symbol.asyncIterator]);
}

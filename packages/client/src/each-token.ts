// Hands a socket one access token after the other, as long as the session lasts.

import { ignore, unref } from './time.js';
import type { Client } from './types.js';

/**
 * Calls `use` now and with each next access token, before the one before expires, and `onEnd` once when the session ends or another
 * one begins. Asks every 60 seconds for a token that is valid for 120 more, so access tokens must live that long.
 *
 * @returns what stops it, without a call of `onEnd`.
 *
 * @example
 * ```ts
 * const stop = eachToken(client, (token) => socket.send(JSON.stringify({ type: 'auth', token })), () => socket.close());
 * ```
 */
export function eachToken(
  client: Client,
  use: (token: string) => void,
  onEnd: () => void,
): () => void {
  let last: string | undefined;
  let id: string | undefined;
  let isOver = false;
  const timer = setInterval(ask, 60_000);
  unref(timer);
  const unsubscribe = client.subscribe(look);
  ask();

  function ask(): void {
    // Without an answer, it asks again in a minute.
    client.token({ validFor: 120 }).then(hand, ignore);
  }

  function hand(token: string | undefined): void {
    look();
    if (isOver || token === undefined || token === last) return;
    last = token;
    use(token);
  }

  function look(): void {
    const state = client.session();
    if (isOver || !state.status.startsWith('signed-')) return;
    if (state.status === 'signed-in') {
      id ??= state.sessionId;
      if (id === state.sessionId) return;
    }
    stop();
    onEnd();
  }

  function stop(): void {
    isOver = true;
    clearInterval(timer);
    unsubscribe();
  }
  return stop;
}

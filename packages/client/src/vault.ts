// Where the refresh token is: in the application's storage, or in a cookie that only the browser sees.

import { parse, type Pair } from './answer.js';
import { ClientError } from './client-error.js';
import { ignore, within } from './time.js';
import type { TokenStorage } from './types.js';

export interface Stored {
  readonly refresh_token?: string;
  readonly session_id?: string;
}

/** `mine`: what was expected is there. `gone`: nothing is. `other`: another token, of another process or tab. */
export type Found = 'mine' | 'gone' | 'other';

export interface Vault {
  /** `undefined`: there is no token. */
  read(): Promise<Stored | undefined>;
  /**
   * Puts a pair, or nothing, in place of the token that was presented, and of no other one.
   *
   * @param presented - `undefined`: whatever is there.
   */
  replace(
    presented: Stored | undefined,
    pair: Pair | undefined,
    signal: AbortSignal,
  ): Promise<Found>;
  /** Deletes the token, whichever it is, and answers it. */
  take(): Promise<Stored | void>;
}

/** The browser keeps the cookie: there is nothing to do, and nothing to know. */
export const cookieVault: Vault = {
  read: async () => ({}),
  replace: async () => 'mine',
  take: async () => ({}),
};

/**
 * One queue orders what is done to the storage, so that a deletion never overtakes a write. Each method rejects with `storage` when the
 * storage fails, or takes longer than `wait` seconds.
 */
export function createVault(storage: TokenStorage, wait: number): Vault {
  let last: Promise<unknown> = Promise.resolve();

  async function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const turn = last.then(job);
    last = turn.catch(ignore);
    try {
      return await within(wait, () => turn);
    } catch (error) {
      // No more of it: the text of the error may quote what was to be stored.
      const { code, name } = Object(error) as { code?: unknown; name?: unknown };
      throw new ClientError('storage', undefined, String(code ?? name));
    }
  }

  async function get(): Promise<Stored | undefined> {
    const text = await storage.get();
    if (text === null || text === undefined) return undefined;
    const stored = parse(text) as Stored;
    // A text that is cut off, for example. It does not say that there is no session.
    if (typeof stored.refresh_token !== 'string') throw new Error('garbled');
    return stored;
  }

  async function find(presented: Stored | undefined, successor?: Pair): Promise<Found> {
    if (!presented) return 'mine';
    const token = (await get())?.refresh_token;
    if (!token) return 'gone';
    return [presented, successor].some((one) => one?.refresh_token === token) ? 'mine' : 'other';
  }

  return {
    read: () => inTurn(get),
    replace: (presented, pair, signal) =>
      inTurn(async () => {
        const found = await find(presented, pair);
        const { refresh_token, session_id } = { ...presented, ...pair };
        if (found === 'mine' && !signal.aborted) {
          if (!pair) await storage.delete();
          // What is there already is not written again: another process may write a newer token at this moment.
          else if (refresh_token !== presented?.refresh_token) {
            await storage.set(JSON.stringify({ refresh_token, session_id }));
          }
        }
        return found;
      }),
    take: () =>
      inTurn(async () => {
        // What cannot be read can be deleted nevertheless.
        const stored = await get().catch(ignore);
        await storage.delete();
        return stored;
      }),
  };
}

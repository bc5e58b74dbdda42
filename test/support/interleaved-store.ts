// A store whose commands and answers are delayed in an order that a scheduler decides, and whose network can fail. Each call gets
// its own view of the store, with the faults for that call.

import type { SessionStore, SwapResult } from '@tokenpair/core/store';

/** The faults of the commands of one call. */
export interface Weather {
  /** The client library sends a swap twice, as after a reconnect, and hands on the second answer. */
  readonly resend?: boolean;
  /** `down`: no command reaches the store. `reply lost`: a swap or a revocation is executed, and its answer is lost. */
  readonly fault?: 'none' | 'down' | 'reply lost';
  /** The `claims` hook throws. */
  readonly hookFails?: boolean;
}

export interface InterleavedStore {
  /** The store with these faults. */
  under(weather: Weather): SessionStore;
  /** To be awaited by hooks: lets another call continue. Throws if the faults say so. */
  hook(weather: Weather): Promise<void>;
}

export function interleave(
  inner: SessionStore,
  turn: () => Promise<void>,
  onSwap: (sessionId: string, result: SwapResult) => void,
): InterleavedStore {
  async function swap(...command: Parameters<SessionStore['swap']>): Promise<SwapResult> {
    const result = await inner.swap(...command);
    onSwap(command[0], result);
    return result;
  }

  return {
    under({ fault, resend }) {
      async function send<T>(command: () => Promise<T>, changes = false): Promise<T> {
        await turn();
        if (fault === 'down') throw new Error('connection refused');
        const result = await command();
        await turn();
        if (fault === 'reply lost' && changes) throw new Error('connection reset');
        return result;
      }

      return {
        create: (session, limit) => send(() => inner.create(session, limit)),
        swap: (...command) =>
          send(async () => {
            if (resend !== true) return swap(...command);
            await swap(...command);
            await turn();
            return swap(...command);
          }, true),
        confirm: (...command) => send(() => inner.confirm(...command)),
        get: (sessionId) => send(() => inner.get(sessionId)),
        revoke: (sessionId) => send(() => inner.revoke(sessionId), true),
        revokeOwner: (owner, except) => send(() => inner.revokeOwner(owner, except), true),
        list: (owner) => send(() => inner.list(owner)),
        raise: (name, value) => inner.raise(name, value),
      };
    },
    async hook({ hookFails }) {
      await turn();
      if (hookFails === true) throw new Error('the user database is down');
    },
  };
}

// A store that can lose its last writes, as in a failover to a replica that lacks them: it keeps a log of its commands, and a
// failover repeats all but the last of them on an empty store, each at its own time.

import type { SessionStore } from '@tokenpair/core/store';
import type { TestClock } from '@tokenpair/testing';

export type OpenSessionStore = (now: () => number) => Promise<SessionStore> | SessionStore;

export type StoreCommand = Exclude<keyof SessionStore, 'close'>;

interface Entry {
  readonly at: number;
  readonly command: StoreCommand;
  readonly args: readonly unknown[];
}

export interface ReplayedStore {
  execute(command: StoreCommand, args: readonly unknown[]): Promise<unknown>;
  /** What was written up to now is never lost. */
  keep(): void;
  /** Loses the last writes: of those that are at most this old, as many as `pick` says. */
  failOver(maxAge: number, pick: (most: number) => number): Promise<void>;
  close(): Promise<void>;
}

const reading: readonly StoreCommand[] = ['get', 'list'];

export async function openReplayedStore(
  open: OpenSessionStore,
  clock: TestClock,
): Promise<ReplayedStore> {
  let replayedAt: number | undefined;
  const now = () => replayedAt ?? clock.now();
  let store = await open(now);
  let log: Entry[] = [];
  let kept = 0;

  const send = (command: StoreCommand, args: readonly unknown[]): Promise<unknown> =>
    Reflect.apply(store[command] as (...all: readonly unknown[]) => Promise<unknown>, store, args);

  return {
    execute(command, args) {
      if (!reading.includes(command)) log.push({ at: clock.now(), command, args });
      return send(command, args);
    },
    keep() {
      kept = log.length;
    },
    async failOver(maxAge, pick) {
      const oldest = clock.now() - maxAge;
      const losable = log.slice(kept).filter(({ at }) => at >= oldest).length;
      log = log.slice(0, log.length - pick(losable));
      await store.close?.();
      store = await open(now);
      for (const { at, command, args } of log) {
        replayedAt = at;
        await send(command, args);
      }
      replayedAt = undefined;
    },
    close: async () => store.close?.(),
  };
}

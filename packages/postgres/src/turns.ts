// Puts the steps of one owner in a row. The database would do it too, but each step would hold a connection while it waits.

import { withDeadline } from '@tokenpair/core/store';

export type InTurn = <T>(key: string, step: () => Promise<T>) => Promise<T>;

/** @param longest - milliseconds after which a step that is not done no longer stops those behind it. */
export function createTurns(longest: number): InTurn {
  const last = new Map<string, Promise<unknown>>();
  async function forget(key: string, settled: Promise<unknown>): Promise<void> {
    await settled;
    if (last.get(key) === settled) last.delete(key);
  }
  return (key, step) => {
    const before = last.get(key);
    const mine = (async () => {
      await before;
      return step();
    })();
    const settled = withDeadline(mine, longest).then(noop, noop);
    last.set(key, settled);
    void forget(key, settled);
    return mine;
  };
}

function noop(): void {}

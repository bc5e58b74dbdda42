// Who watches a token: told when a line may concern it.

import type { Line } from './lines.js';

/** Asks the list again about one token. */
export type Watcher = () => void;

const watchersPerTurn = 1_000;

export class Watchers {
  /** By session ID, and by subject tag. */
  readonly #byTarget = new Map<string, Set<Watcher>>();

  /** @returns a function that removes the watcher. */
  add(targets: readonly string[], watcher: Watcher): () => void {
    for (const target of targets) {
      this.#byTarget.set(target, (this.#byTarget.get(target) ?? new Set()).add(watcher));
    }
    return () => {
      for (const target of targets) {
        const watchers = this.#byTarget.get(target);
        watchers?.delete(watcher);
        if (watchers?.size === 0) this.#byTarget.delete(target);
      }
    };
  }

  /** Lets the watchers that a line may concern ask. */
  tell(line: Line): void {
    if (this.#byTarget.size === 0) return;
    if (line.kind === 'ended') for (const id of line.sessionIds) this.#ask(id);
    else if (line.kind === 'stale') this.#ask(line.target);
    else this.tellAll();
  }

  /** Lets all watchers ask, 1 000 per turn of the event loop. */
  tellAll(): void {
    const all = new Set([...this.#byTarget.values()].flatMap((watchers) => [...watchers]));
    askInTurns([...all]);
  }

  #ask(target: string): void {
    for (const watcher of this.#byTarget.get(target) ?? []) watcher();
  }
}

function askInTurns(watchers: readonly Watcher[]): void {
  for (const watcher of watchers.slice(0, watchersPerTurn)) watcher();
  const rest = watchers.slice(watchersPerTurn);
  if (rest.length > 0) setImmediate(() => askInTurns(rest)).unref();
}

// The announcer: appends lines to the log, one entry at a time, and repeats until the log has them.

import type { FollowedLog } from './followed-log.js';
import { writeEntry, type Line } from './lines.js';
import type { LogWriter } from './log-writer.js';
import { pauseAfter } from './retry.js';

const maxWaiting = 100_000;
/** More do not fit into an entry. */
const maxLines = 500;

interface Waiting {
  readonly line: Line;
  /** When it was announced, by the steady clock. */
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export class Announcer {
  readonly #followed: FollowedLog;
  readonly #writer: LogWriter;
  #waiting: Waiting[] = [];
  /** The announcement of each session whose end waits. */
  readonly #ends = new Map<string, Promise<void>>();
  #appending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosing = false;

  constructor({ followed, writer }: { followed: FollowedLog; writer: LogWriter }) {
    this.#followed = followed;
    this.#writer = writer;
  }

  /** Lines that wait to be appended. */
  get size(): number {
    return this.#waiting.length;
  }

  /**
   * Announces that sessions have ended. The own list refuses them at once.
   *
   * Appends nothing for sessions that the list has already, but waits for what is not appended yet.
   *
   * @returns a promise that resolves when the log has the lines. It may be ignored.
   */
  announceEnds(sessionIds: readonly string[]): Promise<void> {
    const announced = sessionIds.map((sessionId) => this.#announceEnd(sessionId));
    return handled(Promise.all(announced));
  }

  /** Announces another line. The own list applies it when the log has it, at its position. */
  announce(line: Line): Promise<void> {
    return this.#add(line);
  }

  /** Tries once more to append what waits. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#start();
  }

  async #announceEnd(sessionId: string): Promise<void> {
    const { list, known, contact } = this.#followed;
    if (list.hasEnded(sessionId)) {
      await this.#ends.get(sessionId);
      return;
    }
    const line: Line = { kind: 'ended', sessionIds: [sessionId] };
    list.apply([line], known, contact.steady());
    const appended = this.#add(line);
    this.#ends.set(sessionId, appended);
    await appended.finally(() => this.#ends.delete(sessionId));
  }

  #add(line: Line): Promise<void> {
    const added = new Promise<void>((resolve, reject) => {
      const since = this.#followed.contact.steady();
      this.#waiting.push({ line, since, resolve, reject });
    });
    if (this.#waiting.length > maxWaiting) this.#joinAll();
    if (this.#retry === undefined) void this.#start();
    return handled(added);
  }

  // Then every client refreshes once, and the store decides.
  #joinAll(): void {
    const all = this.#waiting;
    this.#waiting = [
      {
        line: { kind: 'all stale' },
        since: this.#followed.contact.steady(),
        resolve: () => all.forEach(({ resolve }) => resolve()),
        reject: (cause) => all.forEach(({ reject }) => reject(cause)),
      },
    ];
  }

  #start(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#appending ??= this.#appendAll().finally(() => {
      this.#appending = undefined;
    });
    return this.#appending;
  }

  async #appendAll(): Promise<void> {
    // Lines that are announced in the same turn go into one entry.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      if (await this.#appendOne()) continue;
      if (this.#isClosing) return;
      this.#retry = setTimeout(() => void this.#start(), pauseAfter(this.#failures)).unref();
      return;
    }
  }

  /** @returns whether the log has taken an entry. */
  async #appendOne(): Promise<boolean> {
    const { settings, issuer = '' } = this.#followed;
    const taken = this.#waiting;
    const lines = taken.slice(0, maxLines).map(({ line }) => line);
    const { text, count } = writeEntry(lines);
    try {
      await this.#writer.announce(text, lines.slice(0, count));
      this.#failures = 0;
    } catch (cause) {
      if (this.#failures === 0) settings.emit({ type: 'revocations.unavailable', issuer, cause });
      this.#failures += 1;
      this.#dropExpired(cause);
      return false;
    }
    // Another call may have joined the lines that wait, these among them. To append them again changes nothing.
    if (this.#waiting === taken) this.#waiting = taken.slice(count);
    for (const { resolve } of taken.slice(0, count)) resolve();
    return true;
  }

  // The tokens that these lines concern have expired.
  #dropExpired(cause: unknown): void {
    const { list, contact } = this.#followed;
    const oldest = contact.steady() - list.keep;
    for (const { reject } of this.#waiting.filter(({ since }) => since < oldest)) reject(cause);
    this.#waiting = this.#waiting.filter(({ since }) => since >= oldest);
  }
}

/** A promise that may be ignored. */
function handled(promise: Promise<unknown>): Promise<void> {
  const done = promise.then(() => undefined);
  done.catch(() => undefined);
  return done;
}

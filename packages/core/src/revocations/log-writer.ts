// What an issuer writes to its log: entries, announcements and the kill mark.

import { withDeadline } from '../lib/deadline.js';
import type { FollowedLog } from './followed-log.js';
import { isPosition, type Line } from './lines.js';
import { logDeadline } from './read-page.js';
import type { NewRevocationEntry, Position } from './revocation-log.js';

const headDeadline = 250;

export class LogWriter {
  readonly #followed: FollowedLog;
  /** The kill mark that the store has. */
  #stored: Position = 0;

  constructor(followed: FollowedLog) {
    this.#followed = followed;
  }

  /**
   * Appends one entry, above all known positions.
   *
   * @param apply - applies its lines to the list: before a read can show that the entry was lost again.
   */
  async append(
    text: string,
    everything?: NewRevocationEntry['everything'],
    apply?: (position: Position) => Promise<void>,
  ): Promise<Position> {
    const { own, contact } = this.#followed;
    let position: Position | undefined;
    own.begin();
    try {
      position = await this.#append(text, everything);
      await apply?.(position);
      return position;
    } finally {
      own.end(position, contact.steady());
    }
  }

  async #append(text: string, everything: NewRevocationEntry['everything']): Promise<Position> {
    const { log, issuer = '', role, known } = this.#followed;
    if (log.append === undefined) throw new TypeError('the revocation log can only be read');
    const keep = role?.keep ?? 0;
    // A log that never answers must not stop the loop. If it takes the entry later, that changes nothing.
    const position = await withDeadline(
      log.append({ issuer, text, floor: known, keep, everything }),
      logDeadline,
    );
    if (!isPosition(position) || position <= known) {
      throw new TypeError('the revocation log answered a garbled position');
    }
    this.#followed.known = Math.max(this.#followed.known, position);
    return position;
  }

  /**
   * Appends an entry and applies its lines. The head is read in between: otherwise this process could refuse a token because of the
   * entry, and refresh it with a position below that entry.
   */
  async announce(text: string, lines: readonly Line[]): Promise<void> {
    const { list, contact } = this.#followed;
    await this.append(text, undefined, async (position) => {
      await this.#followed.readHead(headDeadline);
      list.apply(lines, position, contact.steady());
    });
  }

  /** Appends a kill mark at its own position. */
  async killAll(): Promise<Position> {
    return this.append('O', 'here', async (position) => this.#followed.list.kill(position));
  }

  /** Makes a kill mark permanent in the store. Never rejects: if it fails, the loop repeats it, here and in every other issuer. */
  async keepKillMark(mark: Position): Promise<void> {
    // The store's failure is reported where it is called.
    await this.#followed.role?.raise(mark).catch(() => undefined);
  }

  /** Whether the list has a greater kill mark than the one that was last read back from the store. */
  hasNewKillMark(): boolean {
    return this.#followed.list.everythingBefore > this.#stored;
  }

  /** Reads the kill mark back from the store, and appends it if the log has a smaller one. The greater one always holds. */
  async restoreKillMark(ofLog: Position): Promise<void> {
    const { role, list } = this.#followed;
    if (role === undefined) return;
    const stored = await role.raise(list.everythingBefore);
    if (!isPosition(stored)) throw new TypeError('the kill mark in the store is garbled');
    list.kill(stored);
    const mark = list.everythingBefore;
    this.#followed.known = Math.max(this.#followed.known, mark);
    if (mark > ofLog) await this.append(`O ${mark}`, mark);
    this.#stored = mark;
  }
}

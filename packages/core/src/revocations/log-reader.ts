// The loop that reads new entries of a log, keeps what they say in the list, and does what an issuer owes its log.

import type { Millis } from '../lib/duration.js';
import type { FirstRead } from './first-read.js';
import type { FollowedLog } from './followed-log.js';
import type { LogWriter } from './log-writer.js';
import { lacksAny } from './own-appends.js';
import { entriesPerPage, readPage, type ReadPage } from './read-page.js';
import { repair, type Before } from './repair.js';
import { pauseAfter } from './retry.js';
import type { Position } from './revocation-log.js';

export class LogReader {
  readonly #followed: FollowedLog;
  readonly #writer: LogWriter;
  readonly #firstRead: FirstRead;
  #cursor: Position = 0;
  #failures = 0;
  #isReportedBehind = false;
  #isClosed = false;
  #cause: unknown;
  /** What was known before the page that showed a loss, while it is not repaired. */
  #before: Before | undefined;
  /** After this time without contact, an issuer appends an empty entry. */
  readonly #heartbeat = 500 + Math.random() * 500;

  constructor(followed: FollowedLog, writer: LogWriter, firstRead: FirstRead) {
    this.#followed = followed;
    this.#writer = writer;
    this.#firstRead = firstRead;
  }

  /** Why the last turn failed. */
  get cause(): unknown {
    return this.#cause;
  }

  /** One turn of the loop, and the timer for the next one. Never rejects. */
  async run(): Promise<void> {
    if (this.#isClosed) return;
    let pause = this.#followed.settings.pollInterval;
    try {
      this.#reportContact();
      let isFirst = true;
      while (await this.#turn(isFirst)) {
        if (this.#isClosed) return;
        isFirst = false;
      }
      this.#failures = 0;
      this.#cause = undefined;
      this.#reportContact();
    } catch (error) {
      this.#cause = error;
      this.#failures += 1;
      pause = pauseAfter(this.#failures);
    }
    this.#schedule(pause);
  }

  close(): void {
    this.#isClosed = true;
  }

  // The timer does not hold the reader: an issuer that the application has dropped stops following.
  #schedule(pause: Millis): void {
    if (this.#isClosed) return;
    const reference = new WeakRef(this);
    setTimeout(() => {
      const reader = reference.deref();
      if (reader !== undefined) void reader.run();
    }, pause).unref();
  }

  /**
   * Reads a page and acts on it.
   *
   * @param isFirst - whether it is the first page after a pause: a log that shows one loss after the other is not read without a pause.
   * @returns whether to read on at once.
   */
  async #turn(isFirst: boolean): Promise<boolean> {
    const followed = this.#followed;
    const { log, issuer = '', role, contact, list, own } = followed;
    const sent = contact.now();
    const unread = own.unread(sent.steady, list.keep);
    const page = await readPage(log, issuer, this.#cursor, entriesPerPage);
    const before = this.#before ?? { known: followed.known, mark: list.everythingBefore };
    followed.learn(page);
    list.forget(sent.steady);
    const { head, from, age, more, entries } = page;
    if (head === 0) {
      if (role) await this.#writer.append('');
      return isFirst && role !== undefined && !this.#firstRead.isDone;
    }
    const isSecondHand = age !== undefined;
    if (from > this.#cursor) {
      list.unsure = Math.max(list.unsure, from);
      if (this.#cursor > 0) {
        await this.#repair('lost', before);
        return isFirst;
      }
    } else if (head < this.#cursor && isSecondHand) {
      return false;
    } else if (head < this.#cursor || (entries[0]?.previous ?? this.#cursor) < this.#cursor) {
      await this.#repair('rolled_back', before);
      return isFirst;
    }
    if (lacksAny(page, unread)) {
      await this.#repair('rolled_back', before);
      return isFirst;
    }
    for (const entry of entries) {
      followed.apply(entry);
      this.#cursor = Math.max(this.#cursor, entry.position);
    }
    if (isSecondHand) contact.note(sent, age);
    else if (entries.length > 0) contact.note(sent);
    if (more) return true;
    this.#cursor = Math.max(this.#cursor, head);
    await this.#keepUp(page);
    return false;
  }

  /** What the end of the log asks for: the first time the duties of an issuer, and an empty entry when it has been quiet. */
  async #keepUp(page: ReadPage): Promise<void> {
    const { role, settings, contact } = this.#followed;
    if (role && page.keep < role.keep) await this.#writer.append('');
    else if (role && settings.maxAge !== Infinity && contact.age() > this.#heartbeat) {
      await this.#writer.append('');
    }
    if (!this.#firstRead.isDone || this.#writer.hasNewKillMark()) {
      await this.#writer.restoreKillMark(page.everything);
    }
    // The role may have come meanwhile: then its duties are not done.
    if (role === this.#followed.role) this.#firstRead.finish();
  }

  async #repair(kind: 'lost' | 'rolled_back', before: Before): Promise<void> {
    const { own, contact, list } = this.#followed;
    this.#before = before;
    const unread = own.unread(contact.steady(), list.keep);
    const { position, repaired } = await repair(this.#followed, this.#writer, kind, before);
    this.#before = undefined;
    own.forget(unread);
    this.#cursor = position;
    this.#followed.reportGap(kind, before.known, repaired);
  }

  /** Emits once for an outage and once for its end. */
  #reportContact(): void {
    const { issuer = '', settings } = this.#followed;
    const isLate = this.#followed.isLate();
    if (isLate === this.#isReportedBehind) return;
    this.#isReportedBehind = isLate;
    if (isLate) settings.emit({ type: 'revocations.behind', issuer, cause: this.#cause });
    else settings.emit({ type: 'revocations.caught_up', issuer });
  }
}

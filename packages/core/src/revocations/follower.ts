// The follower: what a process does with a revocation log, and what guards and issuers ask of it.

import { RevocationsUnavailableError } from '../errors/errors.js';
import type { Millis } from '../lib/duration.js';
import { FirstRead } from './first-read.js';
import type { FollowSettings, IssuerRole, ReadableLog } from './follow-settings.js';
import { FollowedLog } from './followed-log.js';
import { LogReader } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import type { RevocationList } from './revocation-list.js';
import type { Position } from './revocation-log.js';

export class Follower {
  readonly followed: FollowedLog;
  readonly writer: LogWriter;
  /** The same as in `followed`: guards ask it at every request. */
  readonly list: RevocationList;
  readonly #firstRead: FirstRead;
  readonly #reader: LogReader;

  constructor(log: ReadableLog, settings: FollowSettings) {
    this.followed = new FollowedLog(log, settings);
    const { list, contact } = this.followed;
    this.list = list;
    this.writer = new LogWriter(this.followed);
    this.#firstRead = new FirstRead(() => contact.steady());
    this.#reader = new LogReader(this.followed, this.writer, this.#firstRead);
  }

  /** @throws TypeError the follower has another issuer, or the log cannot be written and the process is an issuer. */
  start(issuer: string, role?: IssuerRole): void {
    const { followed, list } = this;
    const before = followed.issuer;
    if (before !== undefined && before !== issuer) {
      throw new TypeError(
        `revocations follows '${before}' already: create another object for '${issuer}'`,
      );
    }
    if (role !== undefined && followed.log.append === undefined) {
      throw new TypeError(
        'revocations can only be read, and an issuer announces: give the issuer the log itself',
      );
    }
    if (role !== undefined) {
      followed.role = role;
      list.keep = Math.max(list.keep, role.keep);
    }
    // The role may come later than the first page: then the log does not know `keep` yet.
    if (role !== undefined || before === undefined) this.#firstRead.begin();
    if (before !== undefined) return;
    followed.issuer = issuer;
    // Not a timer: a program that waits for the first read must not end meanwhile.
    void Promise.resolve().then(() => this.#reader.run());
  }

  get hasStarted(): boolean {
    return this.#firstRead.isDone;
  }

  /** What guards do with a token that the list says nothing about. `'behind'`: the list is not to be trusted. */
  verdictOnUnlisted(token: { readonly rev: Position }): 'stale' | 'behind' | undefined {
    if (this.followed.settings.whenBehind === 'accept') return undefined;
    if (this.isBehind()) return 'behind';
    return token.rev < this.list.unsure ? 'stale' : undefined;
  }

  isBehind(): boolean {
    return !this.hasStarted || this.followed.isLate();
  }

  /** Waits until the log was read to its end for the first time. */
  whenStarted(): Promise<void> {
    return this.#firstRead.wait();
  }

  /** The same, until a deadline that counts from the start: an outage does not delay every request. */
  async waitForStart(deadline: Millis): Promise<void> {
    await this.#firstRead.waitUntil(deadline);
  }

  /** @throws {@link RevocationsUnavailableError} (503) the list is behind, and must not be. */
  requireUpToDate(): void {
    if (this.followed.settings.whenBehind === 'accept' || !this.isBehind()) return;
    throw new RevocationsUnavailableError({ cause: this.#reader.cause });
  }

  /** Stops the loop. What waits for the first read is rejected. */
  close(): void {
    this.#reader.close();
    const cause = new Error('revocations was closed before its log was read');
    this.#firstRead.fail(new RevocationsUnavailableError({ cause }));
  }
}

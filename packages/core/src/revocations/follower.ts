// The follower: reads new entries of a log, and keeps what they say in the list.

import { RevocationsUnavailableError } from '../errors/errors.js';
import { withDeadline } from '../lib/deadline.js';
import type { Millis } from '../lib/duration.js';
import { Contact } from './contact.js';
import type { FollowSettings, IssuerRole, ReadableLog } from './follow-settings.js';
import { isPosition, type Line } from './lines.js';
import { lacksAny, OwnAppends } from './own-appends.js';
import { logDeadline, readPage, type ReadEntry, type ReadPage } from './read-page.js';
import { repair, type Before } from './repair.js';
import { RevocationList } from './revocation-list.js';
import type { NewRevocationEntry, Position } from './revocation-log.js';
import { Watchers } from './watchers.js';

const entriesPerPage = 200;
const maxPause = 1_000;
const headDeadline = 250;

export class Follower {
  readonly list: RevocationList;
  readonly watchers: Watchers;
  readonly log: ReadableLog;
  readonly settings: FollowSettings;
  readonly contact: Contact;
  readonly own: OwnAppends = new OwnAppends();
  /** The greatest position that this process has seen: every entry that it appends comes above it. */
  known: Position = 0;
  /**
   * The greatest position that came with the kill mark of its moment, so in a page. A token must not name a greater one: another
   * process may have killed all sessions just before an entry that this process has appended.
   */
  seen: Position = 0;
  issuer: string | undefined;
  role: IssuerRole | undefined;
  /** Whether the log was read to its end; by an issuer also, whether the log knows how long to keep entries. */
  hasStarted = false;
  #cursor: Position = 0;
  #failures = 0;
  #isReportedBehind = false;
  #isClosed = false;
  /** Why the last turn failed. */
  #cause: unknown;
  /** The kill mark that the store has. */
  #raised: Position = 0;
  /** What was known before the page that showed a loss, while it is not repaired. */
  #before: Before | undefined;
  #starting = withResolvers();
  #startedAt = 0;
  /** After this time without contact, an issuer appends an empty entry. */
  readonly #heartbeat = 500 + Math.random() * 500;

  constructor(log: ReadableLog, settings: FollowSettings) {
    this.log = log;
    this.settings = settings;
    this.contact = new Contact(settings.clock);
    this.watchers = new Watchers();
    this.list = new RevocationList({
      max: settings.max,
      onOverflow: (before) => {
        this.watchers.tellAll();
        this.#reportGap('overflow', before, 0);
      },
      onLine: (line) => this.watchers.tell(line),
    });
  }

  /** @throws TypeError the follower has another issuer, or the log cannot be written and the process is an issuer. */
  start(issuer: string, role?: IssuerRole): void {
    if (this.issuer !== undefined && this.issuer !== issuer) {
      throw new TypeError(
        `revocations follows '${this.issuer}' already: create another object for '${issuer}'`,
      );
    }
    if (role !== undefined && this.log.append === undefined) {
      throw new TypeError(
        'revocations can only be read, and an issuer announces: give the issuer the log itself',
      );
    }
    if (role !== undefined) {
      this.role = role;
      this.list.keep = Math.max(this.list.keep, role.keep);
    }
    // The role may come later than the first page: then the log does not know `keep` yet.
    if (role !== undefined && this.hasStarted) {
      this.hasStarted = false;
      this.#starting = withResolvers();
    }
    if (role !== undefined || this.issuer === undefined) this.#startedAt = this.contact.steady();
    if (this.issuer !== undefined) return;
    this.issuer = issuer;
    // Not a timer: a program that waits for the first read must not end meanwhile.
    void Promise.resolve().then(() => this.#run());
  }

  /** What guards do with a token that the list says nothing about. `'behind'`: the list is not to be trusted. */
  verdictOnUnlisted(token: { readonly rev: Position }): 'stale' | 'behind' | undefined {
    if (this.settings.whenBehind === 'accept') return undefined;
    if (this.isBehind()) return 'behind';
    return token.rev < this.list.unsure ? 'stale' : undefined;
  }

  isBehind(): boolean {
    const { maxAge } = this.settings;
    return !this.hasStarted || (maxAge !== Infinity && this.contact.age() > maxAge);
  }

  /** Waits until the log was read to its end for the first time. */
  whenStarted(): Promise<void> {
    return this.#starting.promise;
  }

  /** The same, until a deadline that counts from the start: an outage does not delay every request. */
  async waitForStart(deadline: Millis): Promise<void> {
    const left = this.#startedAt + deadline - this.contact.steady();
    if (this.hasStarted || left <= 0) return;
    await withDeadline(this.#starting.promise, left).catch(() => undefined);
  }

  /** @throws {@link RevocationsUnavailableError} (503) the list is behind, and must not be. */
  requireUpToDate(): void {
    if (this.settings.whenBehind === 'accept' || !this.isBehind()) return;
    throw new RevocationsUnavailableError({ cause: this.#cause });
  }

  /** Reads the head of the log. When that fails, the known positions must do. */
  async readHead(within: Millis): Promise<void> {
    try {
      this.#learn(await readPage(this.log, this.issuer ?? '', this.known, 0, within));
    } catch {
      // The loop reads the same log, and reports the failure.
    }
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
    let position: Position | undefined;
    this.own.begin();
    try {
      position = await this.#append(text, everything);
      await apply?.(position);
      return position;
    } finally {
      this.own.end(position, this.contact.steady());
    }
  }

  async #append(text: string, everything: NewRevocationEntry['everything']): Promise<Position> {
    const { log, issuer = '', role, known } = this;
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
    this.known = Math.max(this.known, position);
    return position;
  }

  /** Appends a kill mark at its own position. */
  async killAll(): Promise<Position> {
    const position = await this.append('O', 'here', async (at) => this.list.kill(at));
    return position;
  }

  /** Makes a kill mark permanent in the store. Never rejects: if it fails, the loop repeats it, here and in every other issuer. */
  async keepKillMark(mark: Position): Promise<void> {
    // The store's failure is reported where it is called.
    await this.role?.raise(mark).catch(() => undefined);
  }

  /**
   * Appends an entry and applies its lines. The head is read in between: otherwise this process could refuse a token because of the
   * entry, and refresh it with a position below that entry.
   */
  async announce(text: string, lines: readonly Line[]): Promise<void> {
    await this.append(text, undefined, async (position) => {
      await this.readHead(headDeadline);
      this.list.apply(lines, position, this.contact.steady());
    });
  }

  /** Stops the loop. What waits for the first read is rejected. */
  close(): void {
    this.#isClosed = true;
    const cause = new Error('revocations was closed before its log was read');
    this.#starting.reject(new RevocationsUnavailableError({ cause }));
  }

  // ---- the loop ---------------------------------------------------------------------------------------------------------

  // The timer does not hold the follower: an issuer that the application has dropped stops following.
  #schedule(pause: Millis): void {
    if (this.#isClosed) return;
    const reference = new WeakRef(this);
    setTimeout(() => {
      const follower = reference.deref();
      if (follower !== undefined) void follower.#run();
    }, pause).unref();
  }

  /** One turn of the loop. Never rejects. */
  async #run(): Promise<void> {
    if (this.#isClosed) return;
    let pause = this.settings.pollInterval;
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
      pause = Math.min(maxPause, 100 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    }
    this.#schedule(pause);
  }

  /**
   * Reads a page and acts on it.
   *
   * @param isFirst - whether it is the first page after a pause: a log that shows one loss after the other is not read without a pause.
   * @returns whether to read on at once.
   */
  async #turn(isFirst: boolean): Promise<boolean> {
    const { issuer = '', role, contact, list } = this;
    const sent = contact.now();
    const own = this.own.unread(sent.steady, list.keep);
    const page = await readPage(this.log, issuer, this.#cursor, entriesPerPage);
    const before = this.#before ?? { known: this.known, mark: list.everythingBefore };
    this.#learn(page);
    list.forget(sent.steady);
    const { head, from, age, more, entries } = page;
    if (head === 0) {
      if (role) await this.append('');
      return isFirst && role !== undefined && !this.hasStarted;
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
    if (lacksAny(page, own)) {
      await this.#repair('rolled_back', before);
      return isFirst;
    }
    for (const entry of entries) {
      this.#apply(entry);
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
    const { role } = this;
    if (role && page.keep < role.keep) await this.append('');
    else if (role && this.settings.maxAge !== Infinity && this.contact.age() > this.#heartbeat) {
      await this.append('');
    }
    const isMarkNew = !this.hasStarted || this.list.everythingBefore > this.#raised;
    if (isMarkNew) await this.restoreKillMark(page.everything);
    if (role === this.role) this.#noteStart();
  }

  #noteStart(): void {
    this.hasStarted = true;
    this.#starting.resolve();
  }

  /** Reads the kill mark back from the store, and appends it if the log has a smaller one. The greater one always holds. */
  async restoreKillMark(ofLog: Position): Promise<void> {
    const { role, list } = this;
    if (role === undefined) return;
    const stored = await role.raise(list.everythingBefore);
    if (!isPosition(stored)) throw new TypeError('the kill mark in the store is garbled');
    list.kill(stored);
    this.known = Math.max(this.known, list.everythingBefore);
    const mark = list.everythingBefore;
    if (mark > ofLog) await this.append(`O ${mark}`, mark);
    this.#raised = mark;
  }

  async #repair(kind: 'lost' | 'rolled_back', before: Before): Promise<void> {
    this.#before = before;
    const own = this.own.unread(this.contact.steady(), this.list.keep);
    const { position, repaired } = await repair(this, kind, before);
    this.#before = undefined;
    this.own.forget(own);
    this.#cursor = position;
    this.#reportGap(kind, before.known, repaired);
  }

  // Known is raised before the page is acted on: otherwise an issuer could refuse a token because of an entry, and refresh it
  // with a `rev` below that entry.
  #learn({ head, everything, keep }: ReadPage): void {
    this.seen = Math.max(this.seen, head, everything);
    this.known = Math.max(this.known, this.seen);
    this.list.kill(everything);
    this.list.keep = Math.max(this.list.keep, keep);
  }

  #apply({ position, lines }: ReadEntry): void {
    this.known = Math.max(this.known, position);
    this.own.noteRead(position);
    if (this.list.apply(lines, position, this.contact.steady())) return;
    this.#reportGap('unreadable', position, 0);
  }

  // ---- events -----------------------------------------------------------------------------------------------------------

  #reportGap(
    kind: 'lost' | 'rolled_back' | 'overflow' | 'unreadable',
    before: Position,
    repaired: number,
  ): void {
    const { issuer = '', settings } = this;
    settings.emit({ type: 'revocations.gap', issuer, kind, before, repaired });
  }

  /** Emits once for an outage and once for its end. */
  #reportContact(): void {
    const { issuer = '', contact, settings } = this;
    const isLate = settings.maxAge !== Infinity && contact.age() > settings.maxAge;
    if (isLate === this.#isReportedBehind) return;
    this.#isReportedBehind = isLate;
    if (isLate) settings.emit({ type: 'revocations.behind', issuer, cause: this.#cause });
    else settings.emit({ type: 'revocations.caught_up', issuer });
  }
}

const nothing = () => {};

function withResolvers() {
  let resolve: () => void = nothing;
  let reject: (cause: unknown) => void = nothing;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // It may be that nothing waits for it.
  promise.catch(nothing);
  return { promise, resolve, reject };
}

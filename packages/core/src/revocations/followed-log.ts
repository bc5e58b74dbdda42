// A log and what one process knows of it: shared by what reads the log and what writes it.

import type { Millis } from '../lib/duration.js';
import { Contact } from './contact.js';
import type { FollowSettings, IssuerRole, ReadableLog } from './follow-settings.js';
import { OwnAppends } from './own-appends.js';
import { readPage, type ReadEntry, type ReadPage } from './read-page.js';
import { RevocationList } from './revocation-list.js';
import type { Position } from './revocation-log.js';
import { Watchers } from './watchers.js';

type GapKind = 'lost' | 'rolled_back' | 'overflow' | 'unreadable';

export class FollowedLog {
  readonly log: ReadableLog;
  readonly settings: FollowSettings;
  readonly contact: Contact;
  readonly list: RevocationList;
  readonly watchers: Watchers = new Watchers();
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

  constructor(log: ReadableLog, settings: FollowSettings) {
    this.log = log;
    this.settings = settings;
    this.contact = new Contact(settings.clock);
    this.list = new RevocationList({
      max: settings.max,
      onOverflow: (before) => {
        this.watchers.tellAll();
        this.reportGap('overflow', before, 0);
      },
      onLine: (line) => this.watchers.tell(line),
    });
  }

  /** Whether the last contact was more than `maxAge` ago. */
  isLate(): boolean {
    const { maxAge } = this.settings;
    return maxAge !== Infinity && this.contact.age() > maxAge;
  }

  /** Reads the head of the log. When that fails, the known positions must do. */
  async readHead(within: Millis): Promise<void> {
    try {
      this.learn(await readPage(this.log, this.issuer ?? '', this.known, 0, within));
    } catch {
      // The loop reads the same log, and reports the failure.
    }
  }

  /**
   * Notes the head, the kill mark and `keep` of a page. Before the page is acted on: otherwise an issuer could refuse a token
   * because of an entry, and refresh it with a `rev` below that entry.
   */
  learn({ head, everything, keep }: ReadPage): void {
    this.seen = Math.max(this.seen, head, everything);
    this.known = Math.max(this.known, this.seen);
    this.list.kill(everything);
    this.list.keep = Math.max(this.list.keep, keep);
  }

  /** Adds what an entry says to the list. */
  apply({ position, lines }: ReadEntry): void {
    this.known = Math.max(this.known, position);
    this.own.noteRead(position);
    if (this.list.apply(lines, position, this.contact.steady())) return;
    this.reportGap('unreadable', position, 0);
  }

  reportGap(kind: GapKind, before: Position, repaired: number): void {
    const { issuer = '', settings } = this;
    settings.emit({ type: 'revocations.gap', issuer, kind, before, repaired });
  }
}

// The repair after a log has lost entries: the whole log is read again, and an issuer appends what the log lacks.

import type { Millis } from '../lib/duration.js';
import type { FollowedLog } from './followed-log.js';
import { writeEntry, type Line } from './lines.js';
import type { LogWriter } from './log-writer.js';
import { entriesPerPage, readPage, type ReadPage } from './read-page.js';
import { RevocationList } from './revocation-list.js';
import type { Position } from './revocation-log.js';

const revokedAtOnce = 50;
const maxWait = 1_000;

/** What this process knew before the page that showed the loss. */
export interface Before {
  readonly known: Position;
  /** The kill mark. */
  readonly mark: Position;
}

/**
 * Makes list and log agree again. The list stays in use meanwhile, and becomes the union of both.
 *
 * Reading on from the new head would not be enough: a new primary with a slow clock may have put entries below the cursor.
 *
 * @returns the last position that was read, and how many lines were appended.
 * @throws an error of the log or the store. The caller reads from its old position then, and finds the same loss.
 */
export async function repair(
  followed: FollowedLog,
  writer: LogWriter,
  kind: 'lost' | 'rolled_back',
  before: Before,
): Promise<{ position: Position; repaired: number }> {
  const { list, role, contact } = followed;
  const inLog = new RevocationList({ max: Infinity });
  let read = await readOn(followed, inLog, 0);
  let appended: readonly Line[] = [];
  if (role !== undefined) {
    // At different times, so that usually one issuer appends and the others find its lines.
    await wait(Math.random() * maxWait);
    read = await readOn(followed, inLog, read.position);
    appended = await appendMissing(followed, writer, inLog, before);
  }
  list.absorb(inLog, read.position, contact.steady());
  if (kind === 'rolled_back') await endAgain(followed, appended);
  if (role !== undefined) await writer.restoreKillMark(read.everything);
  return { position: read.position, repaired: appended.length };
}

/** Reads from a position to the end of the log into a list. */
async function readOn(
  { log, issuer = '', contact, own }: FollowedLog,
  list: RevocationList,
  after: Position,
): Promise<{ position: Position; everything: Position }> {
  let position = after;
  let page: ReadPage;
  do {
    page = await readPage(log, issuer, position, entriesPerPage);
    const { head, from, entries } = page;
    const isBroken = head < position || (entries[0]?.previous ?? position) < position;
    // What was read before is no longer in the log. The caller begins again.
    if (position > 0 && (isBroken || from > position)) {
      throw new Error('the revocation log lost entries during its repair');
    }
    for (const entry of page.entries) {
      list.apply(entry.lines, entry.position, contact.steady());
      own.noteRead(entry.position);
      position = Math.max(position, entry.position);
    }
    list.kill(page.everything);
  } while (page.more);
  return { position: Math.max(position, page.head), everything: page.everything };
}

/**
 * Appends what this process knows and the log lacks; and again what is new to this process although its position is not above
 * those that tokens may carry already.
 */
async function appendMissing(
  followed: FollowedLog,
  writer: LogWriter,
  inLog: RevocationList,
  before: Before,
): Promise<readonly Line[]> {
  const { list } = followed;
  const isKillHidden =
    inLog.everythingBefore > before.mark && inLog.everythingBefore <= before.known;
  const mark = isKillHidden ? followed.known : list.everythingBefore;
  if (mark > inLog.everythingBefore) {
    // A plain `O` would end the logins that were made since.
    list.kill(mark);
    await writer.append(`O ${mark}`, mark);
  }
  const hidden = inLog.linesMissingIn(list, before.known).filter(({ kind }) => kind !== 'ended');
  const missing = [...list.linesMissingIn(inLog), ...hidden];
  for (let rest = missing; rest.length > 0;) {
    const { text, count } = writeEntry(rest);
    await writer.announce(text, rest.slice(0, count));
    rest = rest.slice(count);
  }
  return missing;
}

/** Ends the sessions whose end was lost from the log: the store may have lost it too. */
async function endAgain({ role, settings }: FollowedLog, lines: readonly Line[]): Promise<void> {
  if (role === undefined) return;
  const ids = lines.flatMap((line) => (line.kind === 'ended' ? line.sessionIds : []));
  for (let start = 0; start < ids.length; start += revokedAtOnce) {
    const some = ids.slice(start, start + revokedAtOnce);
    const revived = await Promise.all(some.map((id) => role.revoke(id)));
    for (const [index, sessionId] of some.entries()) {
      if (revived[index]) settings.emit({ type: 'session.revived', sessionId });
    }
  }
}

function wait(milliseconds: Millis): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

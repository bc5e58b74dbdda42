// The lines of an entry: what they say, and how they are written.
//
//   o <sid> …               these sessions have ended
//   s <target> [<sid> …]    tokens of a subject tag or of one session may carry old claims, except those of the listed sessions
//   S                       the same for every token of the issuer
//   O, O <position>         kill mark: sessions that began before it have ended
//   ? …                     from a later version; a reader may ignore it
//
// A reader treats any other line as `S`. Lines only add facts: their order and their repetition change nothing.

import type { Position } from './revocation-log.js';

export type Line =
  | { readonly kind: 'ended'; readonly sessionIds: readonly string[] }
  | { readonly kind: 'stale'; readonly target: string; readonly except: readonly string[] }
  | { readonly kind: 'all stale' }
  /** `mark`: `undefined` for the position of the entry. */
  | { readonly kind: 'kill'; readonly mark: Position | undefined }
  | { readonly kind: 'unknown' };

/** Greater positions are garbled: one broken number must not use up all positions. */
const lastPosition: Position = 2 ** 52;

export function isPosition(value: unknown): value is Position {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= lastPosition;
}

const sessionId = /^[\w-]{38}$/;
const target = /^[\w-]{16}(?:[\w-]{22})?$/;

/** Reads the lines of an entry, without those that may be ignored. */
export function readLines(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => (line === '' || line[0] === '?' ? [] : readLine(line)));
}

function readLine(line: string): Line {
  const [kind, ...words] = line.split(' ');
  const [first = '', ...rest] = words;
  if (kind === 'o' && first !== '' && areSessions(words)) {
    return { kind: 'ended', sessionIds: words };
  }
  if (kind === 's' && target.test(first) && areSessions(rest)) {
    return { kind: 'stale', target: first, except: rest };
  }
  if (line === 'S') return { kind: 'all stale' };
  if (line === 'O') return { kind: 'kill', mark: undefined };
  if (kind === 'O' && rest.length === 0 && /^\d+$/.test(first)) {
    return { kind: 'kill', mark: Number(first) };
  }
  return { kind: 'unknown' };
}

const maxSessionIds = 100;
const maxLength = 8_192;

/**
 * Writes the text of one entry: as many of the lines, from the first on, as an entry may have.
 *
 * @returns how many lines the text has; it continues with the next one.
 */
export function writeEntry(lines: readonly Line[]): { text: string; count: number } {
  const ended: string[] = [];
  const others: string[] = [];
  let ids = 0;
  // For `o `.
  let length = 2;
  let count = 0;
  for (const line of lines) {
    const words = wordsOf(line);
    ids += words.filter((word) => word.length > 16).length;
    length += words.join(' ').length + 1;
    if (count > 0 && (ids > maxSessionIds || length > maxLength)) break;
    if (line.kind === 'ended') ended.push(...line.sessionIds);
    else others.push(words.join(' '));
    count += 1;
  }
  const all = ended.length === 0 ? others : [`o ${ended.join(' ')}`, ...others];
  return { text: all.join('\n'), count };
}

function areSessions(words: readonly string[]): boolean {
  return words.every((word) => sessionId.test(word));
}

function wordsOf(line: Line): readonly string[] {
  if (line.kind === 'ended') return line.sessionIds;
  if (line.kind === 'stale') return ['s', line.target, ...line.except];
  if (line.kind === 'kill') return line.mark === undefined ? ['O'] : ['O', String(line.mark)];
  return ['S'];
}

// keygen --rotate, --prune and --remove: changes the keys in a file.

import { createPrivateKey } from 'node:crypto';

import { requireAcceptable } from './ask-core.js';
import type { CommandIo } from './command-io.js';
import { readLifetimes, type GivenOptions } from './command-line.js';
import type { KeyOptions } from './key-options.js';
import {
  listNames,
  type KeyEntry,
  type KeyRing,
  type ListName,
  type UncheckedRing,
} from './key-ring.js';
import { isoTime, neededUntil } from './lifetimes.js';
import { makeRefreshKey, makeSigningKey } from './make-key.js';
import { Refusal } from './refusal.js';
import { parseRingText } from './ring-text.js';
import { nextRefreshId, rotate } from './rotate.js';
import { changeFile } from './write-file.js';

export function changeKeys(given: GivenOptions, options: KeyOptions, io: CommandIo): void {
  const file = given.text('file') ?? '';
  const leaked = given.text('remove');
  const lifetimes = readLifetimes(given);
  const now = io.now();
  const report: string[] = [];

  const pruneList = (list: ListName, keys: readonly KeyEntry[]): readonly KeyEntry[] => {
    const isNeeded = (key: KeyEntry): boolean =>
      key.state !== 'retiring' || neededUntil(list, key.since, lifetimes) > now;
    const removed = keys.filter((key) => !isNeeded(key)).map(({ kid }) => `'${kid}'`);
    report.push(
      `${list}: ${removed.length === 0 ? 'nothing to remove' : `removed ${removed.join(', ')}`}.`,
    );
    return keys.filter(isNeeded);
  };

  const rotateList = (list: ListName, keys: readonly KeyEntry[]): readonly KeyEntry[] => {
    const settle = given.has('force') ? 0 : lifetimes.settle;
    const makeNext = (before: KeyEntry): KeyEntry =>
      list === 'keys'
        ? makeFollower(before, options, now)
        : makeRefreshKey(nextRefreshId(keys, before), 'next', now);
    const { current, next, isSwitched, ...rotated } = rotate(keys, { now, settle, makeNext });
    report.push(
      isSwitched
        ? `${list}: '${current.kid}' is current now, '${next.kid}' is next.`
        : `${list}: there was no next key. '${next.kid}' is next now, '${current.kid}' stays current. ` +
            'Rotate again when every process has loaded the file.',
    );
    return rotated.keys;
  };

  changeFile(io.files, file, (text) => {
    const { ring, write } = parseRingText(file, text);
    requireRotatable(file, ring);
    const present = options.lists.filter((list) => ring[list] !== undefined);
    if (present.length === 0) throw new Refusal(`${file} has no ${options.lists.join(', ')}.`);
    let changed: KeyRing = ring;
    const change = (
      step: (list: ListName, keys: readonly KeyEntry[]) => readonly KeyEntry[],
    ): void => {
      for (const list of present) changed = { ...changed, [list]: step(list, changed[list] ?? []) };
    };
    if (given.has('prune')) change(pruneList);
    if (given.has('rotate')) change(rotateList);
    if (leaked !== undefined) {
      const list = findList(changed, present, leaked);
      report.push(`${list}: removed '${leaked}'.`);
      changed = { ...changed, [list]: changed[list]?.filter(({ kid }) => kid !== leaked) };
    }
    requireAcceptable(changed);
    for (const list of listNames) {
      for (const { state, kid, since } of changed[list] ?? []) {
        const until = isoTime(neededUntil(list, since, lifetimes));
        if (state === 'retiring')
          report.push(`${list}: '${kid}' is needed until ${until}. Then --prune removes it.`);
      }
    }
    return write(changed);
  });
  if (given.has('rotate') || leaked !== undefined)
    report.push(`Now let every process load ${file} again.`);
  io.out(`${report.join('\n')}\n`);
}

/** Core makes some members optional that a rotation needs. */
function requireRotatable(file: string, ring: UncheckedRing): asserts ring is KeyRing {
  requireAcceptable(ring);
  for (const list of listNames) {
    const index = ring[list]?.findIndex(
      ({ kid, state, since }) =>
        kid === undefined || state === undefined || typeof since !== 'string',
    );
    if (index === undefined || index === -1) continue;
    throw new Refusal(
      `${file} was not changed. ${list}[${index}] needs a kid, a state and a since (ISO 8601 text), as keygen writes them.`,
    );
  }
}

function findList(ring: KeyRing, lists: readonly ListName[], kid: string): ListName {
  const found = lists.filter((list) => ring[list]?.some((key) => key.kid === kid));
  const [list, another] = found;
  if (list === undefined) throw new Refusal('The file has no key with the kid of --remove.');
  if (another !== undefined) {
    throw new Refusal(`Two keys have the kid '${kid}'. Add --signing-only or --refresh-only.`);
  }
  if (ring[list]?.some((key) => key.kid === kid && key.state === 'current')) {
    throw new Refusal(`'${kid}' is the current key. Add --rotate to remove it.`);
  }
  return list;
}

/** A key with the algorithm and size of the one before it, unless the options name others. */
function makeFollower(
  { algorithm = 'ES256', privateKey, publicKey }: KeyEntry,
  options: KeyOptions,
  now: number,
): KeyEntry {
  if (publicKey !== undefined) {
    throw new Refusal('A file of public keys cannot be rotated. Rotate the private keys.');
  }
  const bits = options.bits ?? Math.max(2_048, bitsOf(privateKey));
  return makeSigningKey({
    kid: options.kid,
    algorithm: options.algorithm ?? algorithm,
    bits,
    state: 'next',
    now,
  });
}

function bitsOf(privateKey: KeyEntry['privateKey']): number {
  return typeof privateKey === 'string'
    ? (createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength ?? 0)
    : Buffer.from(privateKey?.n ?? '', 'base64url').length * 8;
}

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
    const old = keys.filter(
      ({ state, since }) => state === 'retiring' && neededUntil(list, since, lifetimes) <= now,
    );
    const names = old.map(({ kid }) => `'${kid}'`).join(', ');
    report.push(`${list}: ${names === '' ? 'nothing to remove' : `removed ${names}`}.`);
    return keys.filter((key) => !old.includes(key));
  };

  const rotateList = (list: ListName, keys: readonly KeyEntry[]): readonly KeyEntry[] => {
    const settle = given.has('force') ? 0 : lifetimes.settle;
    const makeNext = (before: KeyEntry): KeyEntry =>
      list === 'keys'
        ? makeFollower(before, options, now)
        : makeRefreshKey(nextRefreshId(keys, before), 'next', now);
    const rotated = rotate(keys, { now, settle, makeNext });
    report.push(`${list}: ${rotated.report}`);
    return rotated.keys;
  };

  changeFile(io.files, file, (text) => {
    const { ring, write } = parseRingText(file, text);
    requireRotatable(file, ring);
    const present = options.lists.filter((list) => ring[list] !== undefined);
    if (present.length === 0) throw new Refusal(`${file} has no ${options.lists.join(', ')}.`);
    let changed: KeyRing = ring;
    for (const list of present) {
      let keys = ring[list] ?? [];
      if (given.has('prune')) keys = pruneList(list, keys);
      if (given.has('rotate')) keys = rotateList(list, keys);
      changed = { ...changed, [list]: keys };
    }
    if (leaked !== undefined) {
      const list = findList(changed, present, leaked);
      report.push(`${list}: removed '${leaked}'.`);
      changed = { ...changed, [list]: changed[list]?.filter(({ kid }) => kid !== leaked) };
    }
    requireAcceptable(changed);
    for (const list of listNames) {
      for (const { state, kid, since } of changed[list] ?? []) {
        if (state !== 'retiring') continue;
        const until = isoTime(neededUntil(list, since, lifetimes));
        report.push(`${list}: '${kid}' is needed until ${until}. Then --prune removes it.`);
      }
    }
    return write(changed);
  });
  if (given.has('rotate') || leaked !== undefined) {
    report.push(`Now let every process load ${file} again.`);
  }
  io.out(`${report.join('\n')}\n`);
}

/** Core makes some members optional that a rotation needs. */
function requireRotatable(file: string, ring: UncheckedRing): asserts ring is KeyRing {
  requireAcceptable(ring);
  for (const list of listNames) {
    const needed = ['kid', 'state', 'since', ...(list === 'keys' ? ['algorithm'] : [])];
    const isComplete = (key: object): boolean =>
      needed.every((name) => typeof Reflect.get(key, name) === 'string');
    if (ring[list]?.every(isComplete) === false) {
      throw new Refusal(
        `${file} was not changed. Every key in ${list} needs ${needed.join(', ')} as text.`,
      );
    }
  }
}

function findList(ring: KeyRing, lists: readonly ListName[], kid: string): ListName {
  const [list, another] = lists.filter((name) => ring[name]?.some((key) => key.kid === kid));
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
function makeFollower(before: KeyEntry, options: KeyOptions, now: number): KeyEntry {
  if (before.publicKey !== undefined) {
    throw new Refusal('A file of public keys cannot be rotated. Rotate the private keys.');
  }
  const bits = options.bits ?? Math.max(2_048, bitsOf(before.privateKey));
  const { kid, algorithm = before.algorithm ?? 'ES256' } = options;
  return makeSigningKey({ algorithm, kid, bits, state: 'next', now });
}

function bitsOf(privateKey: KeyEntry['privateKey']): number {
  return typeof privateKey === 'string'
    ? (createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength ?? 0)
    : Buffer.from(privateKey?.n ?? '', 'base64url').length * 8;
}

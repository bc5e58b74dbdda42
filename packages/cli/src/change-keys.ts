// keygen --rotate, --prune, --remove: one step in the life of the keys in a file.

import { requireAcceptable } from './checks/core.js';
import { readKey } from './checks/material.js';
import type { CommandIo } from './command-io.js';
import { readLifetimes, readLists, refuseUsage, type GivenOptions } from './command-line.js';
import type { KeyRing, RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';
import { readWishes, type Wishes } from './keygen-options.js';
import { neededUntil, type Lifetimes } from './lifetimes.js';
import { makeRefreshKey, makeSigningKey } from './make-key.js';
import { prune } from './prune.js';
import { Refusal } from './refusal.js';
import { readRing } from './ring-text.js';
import { isoTime, nextRefreshId, rotate, type Rotation } from './rotate.js';
import { changeFile } from './write-file.js';

export function changeKeys(given: GivenOptions, io: CommandIo): void {
  const file = requireChangeable(given);
  const lists = readLists(given);
  const wishes = readWishes(given, lists);
  const lifetimes = readLifetimes(given);
  const settle = given.has('force') ? 0 : lifetimes.settle;
  const now = io.now();
  const report: string[] = [];
  changeFile(io.files, file, (text) => {
    const { ring, write } = readRing(file, text);
    const [only = 'keys', other] = lists;
    if (other === undefined && ring[only] === undefined) {
      throw new Refusal(`${file} has no ${only}.`);
    }
    let changed = ring;
    if (given.has('prune')) changed = pruneRing(changed, lists, now, lifetimes, report);
    if (given.has('rotate')) changed = rotateRing(changed, lists, { now, settle, wishes }, report);
    const leaked = given.text('remove');
    if (leaked !== undefined) changed = removeFrom(changed, lists, leaked, report);
    requireAcceptable(changed);
    report.push(...describeRetiring(changed, lifetimes));
    return write(changed);
  });
  if (given.has('rotate') || given.has('remove')) {
    report.push(`Now let every process load ${file} again.`);
  }
  io.out(report.map((line) => `${line}\n`).join(''));
}

function requireChangeable(given: GivenOptions): string {
  const forNewKeys = ['out', 'format'].find(given.has);
  if (forNewKeys !== undefined) {
    refuseUsage(
      `--${forNewKeys} is for new keys; --rotate, --prune and --remove change --file FILE.`,
    );
  }
  const forRotation = ['algorithm', 'kid', 'bits', 'force'].find(given.has);
  if (forRotation !== undefined && !given.has('rotate')) {
    refuseUsage(`--${forRotation} goes with --rotate.`);
  }
  return given.text('file') ?? refuseUsage('--rotate, --prune and --remove need --file FILE.');
}

function pruneRing(
  ring: KeyRing,
  lists: readonly (keyof KeyRing)[],
  now: number,
  lifetimes: Lifetimes,
  report: string[],
): KeyRing {
  const pruneList = <Key extends SigningKeyEntry | RefreshKeyEntry>(
    list: keyof KeyRing,
    keys: readonly Key[],
  ): readonly Key[] => {
    if (!lists.includes(list)) return keys;
    const pruning = prune(list, keys, now, lifetimes);
    const names = pruning.removed.map(({ kid }) => `'${kid}'`).join(', ');
    report.push(names === '' ? `${list}: none could go.` : `${list}: ${names} removed.`);
    return pruning.keys;
  };
  return {
    ...(ring.keys && { keys: pruneList('keys', ring.keys) }),
    ...(ring.refreshKeys && { refreshKeys: pruneList('refreshKeys', ring.refreshKeys) }),
  };
}

/** For a key that has leaked: whatever it made is refused from now on, or for a refresh key no longer tested for reuse. */
function removeFrom(
  ring: KeyRing,
  lists: readonly (keyof KeyRing)[],
  kid: string,
  report: string[],
): KeyRing {
  const found = lists.filter((list) => ring[list]?.some((key) => key.kid === kid));
  const [list, another] = found;
  if (list === undefined) throw new Refusal('No key of the file has the kid of --remove.');
  if (another !== undefined) {
    throw new Refusal(`Two keys are named '${kid}': say --signing-only or --refresh-only.`);
  }
  const state = ring[list]?.find((key) => key.kid === kid)?.state;
  if (state === 'current') {
    throw new Refusal(`'${kid}' is current, and removed together with --rotate.`);
  }
  report.push(`${list}: '${kid}' removed.`);
  return { ...ring, [list]: ring[list]?.filter((key) => key.kid !== kid) };
}

interface RotationWish {
  readonly now: number;
  readonly settle: number;
  readonly wishes: Wishes;
}

function rotateRing(
  { keys, refreshKeys }: KeyRing,
  lists: readonly (keyof KeyRing)[],
  { now, settle, wishes }: RotationWish,
  report: string[],
): KeyRing {
  const signing =
    keys && lists.includes('keys')
      ? rotate(keys, { now, settle }, (before) => makeFollower(before, wishes, now))
      : undefined;
  const refresh =
    refreshKeys && lists.includes('refreshKeys')
      ? rotate(refreshKeys, { now, settle }, (before) =>
          makeRefreshKey(nextRefreshId(refreshKeys, before), 'next', now),
        )
      : undefined;
  if (signing) report.push(describeRotation('keys', 'signs', signing));
  if (refresh) report.push(describeRotation('refreshKeys', 'seals', refresh));
  return {
    ...(keys && { keys: signing?.keys ?? keys }),
    ...(refreshKeys && { refreshKeys: refresh?.keys ?? refreshKeys }),
  };
}

/** A key like the one before it, but for what was asked for. */
function makeFollower(
  before: SigningKeyEntry,
  { algorithm = before.algorithm, kid, bits }: Wishes,
  now: number,
): SigningKeyEntry {
  if (before.publicKey !== undefined) {
    throw new Refusal(
      'A file of public keys is not rotated: that is done where the private ones are.',
    );
  }
  return makeSigningKey({
    algorithm,
    kid,
    bits: bits ?? Math.max(2_048, bitsOf(before)),
    state: 'next',
    now,
  });
}

function bitsOf({ privateKey }: SigningKeyEntry): number {
  const material = readKey(privateKey);
  return material?.type === 'private' ? (material.key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
}

function describeRotation(
  list: keyof KeyRing,
  does: 'signs' | 'seals',
  { step, current, next }: Rotation<SigningKeyEntry | RefreshKeyEntry>,
): string {
  if (step === 'switched') {
    return `${list}: '${current.kid}' ${does} from now on, '${next.kid}' comes next.`;
  }
  return (
    `${list}: there was no next key, and '${next.kid}' is it now; '${current.kid}' ${does} as before. ` +
    'Run this again once every process has loaded the file.'
  );
}

function describeRetiring(ring: KeyRing, lifetimes: Lifetimes): string[] {
  return (['keys', 'refreshKeys'] as const).flatMap((list) =>
    (ring[list] ?? [])
      .filter(({ state }) => state === 'retiring')
      .map((key) => {
        const until = isoTime(neededUntil(list, key, lifetimes));
        return `${list}: '${key.kid}' is retiring and needed until ${until}; after that --prune removes it.`;
      }),
  );
}

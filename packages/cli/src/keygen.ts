// The command keygen: makes keys, or changes the keys in a file.

import { requireAcceptable } from './ask-core.js';
import { Refusal, type CommandIo } from './command-io.js';
import {
  lifetimeHelp,
  readKeyOptions,
  readLifetimes,
  readLists,
  readOptions,
  refuseUsage,
  ringTexts,
  type GivenOptions,
} from './command-line.js';
import {
  isoTime,
  keysOf,
  neededUntil,
  type KeyEntry,
  type KeyRing,
  type ListName,
  type UncheckedRing,
} from './key-ring.js';
import { algorithmNames, makeRefreshKey, makeSigningKey, type KeyOptions } from './make-key.js';
import { parseRingText, toEnvLines, toKeyFile } from './ring-text.js';
import { rotate } from './rotate.js';
import { changeFile, createFile, ownerOnly } from './write-file.js';

const keygenHelp = `tokenpair keygen: makes the keys of an issuer, or changes the keys in a file.

  tokenpair keygen                             prints .env lines: TOKENPAIR_KEYS and TOKENPAIR_REFRESH_KEYS
  tokenpair keygen --out tokenpair.keys.json   writes a key file
  tokenpair keygen --rotate --file FILE        next becomes current, current becomes retiring
  tokenpair keygen --prune --file FILE         removes retiring keys that are no longer needed

Make keys:
  --algorithm NAME   algorithm of the signing key, by default ES256:
                     ${algorithmNames.slice(0, 5).join(', ')},
                     ${algorithmNames.slice(5).join(', ')}
  --kid TEXT         its name, by default its thumbprint (RFC 7638)
  --bits NUMBER      size of an RSA key: 2048 (default), 3072 or 4096
  --format FORMAT    env, or jwk for a key file; by default env, or jwk if --out ends in .json
  --out FILE         writes a new file with mode 0600
  --force            replaces the file if it exists
  --signing-only, --refresh-only   makes one of the two kinds of keys

Change the keys in a key file or .env file:
  --file FILE        the file; it is replaced in one step
  --rotate           makes the next key current. Without a next key it publishes one, and you run it again later.
                     --algorithm, --kid and --bits are for the new next key
  --prune            removes retiring keys that are no longer needed
  --remove KID       removes a key that has leaked; the current one only together with --rotate
  --force            rotates although some process may not know the next key yet
  --signing-only, --refresh-only   leaves the other kind as it is
${lifetimeHelp}

Exit code: 0 done; 1 refused, and nothing was changed; 2 a wrong option, or a file that cannot be read.
`;

export function keygen(argv: readonly string[], io: CommandIo): number {
  const given = readOptions('keygen', argv, {
    texts: ['algorithm', 'kid', 'bits', 'format', 'out', 'remove'],
    switches: ['rotate', 'prune', 'force'],
  });
  if (given['help']) io.out(keygenHelp);
  else if (given['rotate'] || given['prune'] || given['remove']) changeKeys(given, io);
  else makeKeys(given, io);
  return 0;
}

function refuseAny(given: GivenOptions, names: readonly string[], rule: string): void {
  const name = names.find((option) => given[option]);
  if (name !== undefined) refuseUsage(`--${name} ${rule}.`);
}

function makeKeys(given: GivenOptions, io: CommandIo): void {
  const { out, force, format = out?.endsWith('.json') ? 'jwk' : 'env' } = given;
  refuseAny(given, ringTexts, 'needs --rotate, --prune or --remove');
  if (!out) refuseAny(given, ['force'], 'needs --out or --rotate');
  const lists = readLists(given);
  const options = readKeyOptions(given);
  if (format !== 'env' && format !== 'jwk') refuseUsage('--format must be env or jwk.');
  const ring = makeRing(lists, options, io.now());
  requireAcceptable(ring);
  const text = format === 'env' ? toEnvLines(ring) : toKeyFile(ring);
  if (out === undefined) return io.out(text);
  if (force && io.files.existsSync(out)) changeFile(io.files, out, () => text, ownerOnly);
  else createFile(io.files, out, text);
  io.out(`The keys are in ${out}, which only its owner can read. Do not commit it.\n`);
}

/** A current and a next key of each kind, so that the first rotation needs no waiting. */
function makeRing(lists: readonly ListName[], options: KeyOptions, now: number): KeyRing {
  const ring = {
    keys: [
      makeSigningKey({ ...options, state: 'current', now }),
      makeSigningKey({ ...options, state: 'next', now, kid: undefined }),
    ],
    refreshKeys: [makeRefreshKey('1', 'current', now), makeRefreshKey('2', 'next', now)],
  };
  return Object.fromEntries(lists.map((list) => [list, ring[list]]));
}

function changeKeys(given: GivenOptions, io: CommandIo): void {
  const { file, rotate: isRotation, prune, remove: leaked, force } = given;
  refuseAny(given, ['out', 'format'], 'is for new keys; use --file FILE to change keys');
  if (!isRotation) refuseAny(given, ['algorithm', 'kid', 'bits', 'force'], 'needs --rotate');
  if (!file) return refuseUsage('--rotate, --prune and --remove need --file FILE.');
  const wanted = readLists(given);
  const options = readKeyOptions(given);
  const lifetimes = readLifetimes(given);
  const settle = force ? 0 : lifetimes.settle;
  const now = io.now();
  const report: string[] = [];
  changeFile(io.files, file, (text) => {
    const { ring, write } = parseRingText(file, text);
    requireRotatable(file, ring);
    const lists = wanted.filter((list) => ring[list] !== undefined);
    if (lists.length === 0) throw new Refusal(`${file} has no ${wanted.join(', ')}.`);
    const changed: Partial<Record<ListName, readonly KeyEntry[]>> = { ...ring };
    for (const list of lists) {
      let keys = ring[list] ?? [];
      if (prune) {
        const isOver = ({ state, since }: KeyEntry): boolean =>
          state === 'retiring' && neededUntil(list, since, lifetimes) <= now;
        const names = keys.filter(isOver).map(({ kid }) => `'${kid}'`);
        const result = names.length === 0 ? 'nothing to remove' : `removed ${names.join(', ')}`;
        report.push(`${list}: ${result}.`);
        keys = keys.filter((key) => !isOver(key));
      }
      if (isRotation) {
        const rotated = rotate(list, keys, options, settle, now);
        report.push(`${list}: ${rotated.report}`);
        keys = rotated.keys;
      }
      changed[list] = keys;
    }
    if (leaked !== undefined) {
      const list = findList(changed, lists, leaked);
      report.push(`${list}: removed '${leaked}'.`);
      changed[list] = changed[list]?.filter(({ kid }) => kid !== leaked) ?? [];
    }
    requireAcceptable(changed);
    for (const { list, key } of keysOf(changed)) {
      if (key.state !== 'retiring') continue;
      const until = isoTime(neededUntil(list, key.since, lifetimes));
      report.push(`${list}: '${key.kid}' is needed until ${until}. Then --prune removes it.`);
    }
    return write(changed);
  });
  if (isRotation || leaked) report.push(`Now let every process load ${file} again.`);
  io.out(`${report.join('\n')}\n`);
}

/** Core makes some members optional that a rotation needs. */
function requireRotatable(file: string, ring: UncheckedRing): asserts ring is KeyRing {
  requireAcceptable(ring);
  for (const { list, key } of keysOf(ring)) {
    const needed = ['kid', 'state', 'since', ...(list === 'keys' ? ['algorithm'] : [])];
    if (needed.every((name) => typeof Reflect.get(key, name) === 'string')) continue;
    const names = needed.join(', ');
    throw new Refusal(`${file} was not changed. Every key in ${list} needs ${names} as text.`);
  }
}

function findList(ring: KeyRing, lists: readonly ListName[], kid: string): ListName {
  const named = keysOf(ring).filter(({ key }) => key.kid === kid);
  const [found, another] = named.filter(({ list }) => lists.includes(list));
  if (found === undefined) throw new Refusal('The file has no key with the kid of --remove.');
  if (another !== undefined) {
    throw new Refusal(`Two keys have the kid '${kid}'. Add --signing-only or --refresh-only.`);
  }
  if (found.key.state === 'current') {
    throw new Refusal(`'${kid}' is the current key. Add --rotate to remove it.`);
  }
  return found.list;
}

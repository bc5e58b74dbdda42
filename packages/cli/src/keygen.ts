// The command keygen: makes keys, or changes the keys in a file.

import { requireAcceptable } from './ask-core.js';
import { changeKeys } from './change-keys.js';
import type { CommandIo } from './command-io.js';
import {
  lifetimeHelp,
  lifetimeOptions,
  readOptions,
  refuseUsage,
  type GivenOptions,
} from './command-line.js';
import { readKeyOptions, type KeyOptions } from './key-options.js';
import type { KeyEntry, KeyRing } from './key-ring.js';
import { algorithmNames, makeRefreshKey, makeSigningKey } from './make-key.js';
import { toEnvLines, toKeyFile } from './ring-text.js';
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
    values: ['algorithm', 'kid', 'bits', 'format', 'out', 'file', 'remove', ...lifetimeOptions],
    switches: ['rotate', 'prune', 'force', 'signing-only', 'refresh-only'],
  });
  if (given.has('help')) {
    io.out(keygenHelp);
    return 0;
  }
  const isChange = ['rotate', 'prune', 'remove'].some(given.has);
  requireFittingOptions(given, isChange);
  const options = readKeyOptions(given);
  if (isChange) changeKeys(given, options, io);
  else makeKeys(given, options, io);
  return 0;
}

function requireFittingOptions(given: GivenOptions, isChange: boolean): void {
  const refuse = (names: readonly string[], rule: string): void => {
    const name = names.find(given.has);
    if (name !== undefined) refuseUsage(`--${name} ${rule}.`);
  };
  if (!isChange) {
    refuse(['file', ...lifetimeOptions], 'needs --rotate, --prune or --remove');
    if (!given.has('out')) refuse(['force'], 'needs --out or --rotate');
    return;
  }
  refuse(['out', 'format'], 'is for new keys; use --file FILE to change keys');
  if (!given.has('rotate')) refuse(['algorithm', 'kid', 'bits', 'force'], 'needs --rotate');
  if (!given.has('file')) refuseUsage('--rotate, --prune and --remove need --file FILE.');
}

function makeKeys(given: GivenOptions, options: KeyOptions, io: CommandIo): void {
  const out = given.text('out');
  const format = given.text('format') ?? (out?.endsWith('.json') === true ? 'jwk' : 'env');
  if (format !== 'env' && format !== 'jwk') refuseUsage('--format must be env or jwk.');
  const ring = makeRing(options, io.now());
  requireAcceptable(ring);
  const text = format === 'env' ? toEnvLines(ring) : toKeyFile(ring);
  if (out === undefined) {
    io.out(text);
    return;
  }
  const exists = io.files.statSync(out, { throwIfNoEntry: false }) !== undefined;
  if (exists && given.has('force')) changeFile(io.files, out, () => text, ownerOnly);
  else createFile(io.files, out, text);
  io.out(`The keys are in ${out}, which only its owner can read. Do not commit it.\n`);
}

/** A current and a next key of each kind, so that the first rotation needs no waiting. */
function makeRing(
  { lists, algorithm = 'ES256', kid, bits = 2_048 }: KeyOptions,
  now: number,
): KeyRing {
  const make = (state: 'current' | 'next', name?: string): KeyEntry =>
    makeSigningKey({ algorithm, bits, now, state, kid: name });
  const refreshKeys = [makeRefreshKey('1', 'current', now), makeRefreshKey('2', 'next', now)];
  return {
    ...(lists.includes('keys') && { keys: [make('current', kid), make('next')] }),
    ...(lists.includes('refreshKeys') && { refreshKeys }),
  };
}

// The command keygen: makes keys, or changes those in a key file.

import { algorithmNames } from './algorithms.js';
import { changeKeys } from './change-keys.js';
import type { CommandIo } from './command-io.js';
import { lifetimeHelp, lifetimeOptions, readOptions } from './command-line.js';
import { makeKeys } from './make-keys.js';

export function keygen(argv: readonly string[], io: CommandIo): number {
  const given = readOptions('keygen', argv, {
    algorithm: 'string',
    kid: 'string',
    bits: 'string',
    format: 'string',
    out: 'string',
    file: 'string',
    rotate: 'boolean',
    prune: 'boolean',
    remove: 'string',
    force: 'boolean',
    'signing-only': 'boolean',
    'refresh-only': 'boolean',
    ...lifetimeOptions,
  });
  if (given.has('help')) {
    io.out(keygenHelp);
    return 0;
  }
  const changes = ['rotate', 'prune', 'remove'].some(given.has);
  if (changes) changeKeys(given, io);
  else makeKeys(given, io);
  return 0;
}

const keygenHelp = `tokenpair keygen: makes the keys of an issuer, or rotates those in a key file.

  tokenpair keygen                                 prints .env lines: TOKENPAIR_KEYS and TOKENPAIR_REFRESH_KEYS
  tokenpair keygen --out tokenpair.keys.json       writes a key file
  tokenpair keygen --rotate --file FILE            next becomes current, current becomes retiring
  tokenpair keygen --prune --file FILE             removes retiring keys of which nothing is good any more

Making keys:
  --algorithm NAME   of the key that signs access tokens, by default ES256:
                     ${algorithmNames.slice(0, 5).join(', ')},
                     ${algorithmNames.slice(5).join(', ')}
  --kid TEXT         its name, by default the thumbprint of RFC 7638
  --bits NUMBER      of an RSA key: 2048 (default), 3072 or 4096
  --format FORMAT    env, or jwk for a key file; by default env, or jwk when --out ends in .json
  --out FILE         writes a file with mode 0600 instead of printing; one that exists is left alone
  --force            replaces it
  --signing-only, --refresh-only   one of the two kinds of keys

A key file (or .env file) that exists:
  --file FILE        the file, which is replaced in one step
  --rotate           one step: without a next key one is published, with one it becomes current.
                     --algorithm, --kid and --bits are for the key that is made to come next;
                     --signing-only and --refresh-only leave the other kind as it is
  --prune            removes retiring keys of which nothing is good any more
  --remove KID       removes one that has leaked; with --rotate the current one too
  --force            rotates although the next key may not be known everywhere yet
${lifetimeHelp}

Exit code: 0 done, 1 refused and nothing changed, 2 for a wrong option or a file that cannot be read.
`;

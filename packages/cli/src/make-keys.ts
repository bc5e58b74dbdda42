// keygen without a file to change: a ring of fresh keys, printed or written.

import { requireAcceptable } from './checks/core.js';
import type { CommandIo } from './command-io.js';
import { lifetimeOptions, readLists, refuseUsage, type GivenOptions } from './command-line.js';
import { toEnvLines } from './env-lines.js';
import type { KeyRing } from './key-ring.js';
import { readFormat, readWishes, type Wishes } from './keygen-options.js';
import { makeRefreshKey, makeSigningKey } from './make-key.js';
import { toKeyFile } from './ring-text.js';
import { changeFile, createFile, ownerOnly } from './write-file.js';

export function makeKeys(given: GivenOptions, io: CommandIo): void {
  const misplaced = ['file', ...Object.keys(lifetimeOptions)].find(given.has);
  if (misplaced !== undefined) {
    refuseUsage(
      `--${misplaced} is for a file that exists: it goes with --rotate, --prune or --remove.`,
    );
  }
  const out = given.text('out');
  if (given.has('force') && out === undefined) refuseUsage('--force goes with --out or --rotate.');
  const lists = readLists(given);
  const wishes = readWishes(given, lists);
  const print = readFormat(given, out) === 'env' ? toEnvLines : toKeyFile;

  const ring = makeRing(lists, wishes, io.now());
  requireAcceptable(ring);
  if (out === undefined) {
    io.out(print(ring));
    return;
  }
  const text = print(ring);
  if (given.has('force') && exists(io, out)) {
    changeFile(io.files, out, () => text, { mode: ownerOnly });
  } else {
    createFile(io.files, out, text);
  }
  io.out(`The keys are in ${out}, for its owner's eyes alone. Keep it out of the repository.\n`);
}

function exists({ files }: CommandIo, path: string): boolean {
  return files.statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Of each kind one that is used and one that comes next, so that the first rotation needs no waiting. */
function makeRing(
  lists: readonly (keyof KeyRing)[],
  { algorithm = 'ES256', kid, bits = 2_048 }: Wishes,
  now: number,
): KeyRing {
  const wish = { algorithm, bits, now };
  return {
    ...(lists.includes('keys') && {
      keys: [
        makeSigningKey({ ...wish, state: 'current', kid }),
        makeSigningKey({ ...wish, state: 'next', kid: undefined }),
      ],
    }),
    ...(lists.includes('refreshKeys') && {
      refreshKeys: [makeRefreshKey('1', 'current', now), makeRefreshKey('2', 'next', now)],
    }),
  };
}

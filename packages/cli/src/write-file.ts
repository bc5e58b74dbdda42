// Where files are written: whole or not at all, and for the owner's eyes alone.

import { dirname } from 'node:path';

import type { FileSystem } from './command-io.js';
import { codeOf, Refusal } from './refusal.js';

export const ownerOnly = 0o600;

/** Reads a text file. @throws Refusal (exit code 2) saying why it cannot be read. */
export function readText(files: FileSystem, path: string): string {
  return attempt(`${path} cannot be read`, 2, () => files.readFileSync(path, 'utf8'));
}

/** Makes a file with mode 0600. @throws Refusal when there is one already, and when it cannot be written. */
export function createFile(files: FileSystem, path: string, text: string): void {
  const file = attempt(`${path} cannot be made`, 1, () => files.openSync(path, 'wx', ownerOnly));
  try {
    writeAndClose(files, file, path, text);
  } catch (error) {
    removeQuietly(files, path);
    throw error;
  }
  syncFolder(files, path);
}

/**
 * Puts what `change` makes of a file in its place, in one step: whoever reads the file, and whatever happens meanwhile,
 * sees all of the old text or all of the new one. The owner stays, and the mode unless another is given.
 *
 * The new text is written to `<path>.lock` first, which only one process can make: of two changes at once one is
 * refused. So is one that finds the file edited under its hands.
 *
 * @throws Refusal when it cannot be done; then the file is as it was. What `change` throws is passed on, likewise.
 */
export function changeFile(
  files: FileSystem,
  path: string,
  change: (text: string) => string,
  { mode }: { readonly mode?: number } = {},
): void {
  // The file that a symbolic link names is changed; a rename would put a file in the place of the link.
  const target = attempt(`${path} cannot be read`, 2, () => files.realpathSync(path));
  const lock = `${target}.lock`;
  const file = openLock(files, path, lock);
  let isOpen = true;
  try {
    const before = readText(files, target);
    const after = change(before);
    attempt(`${path} cannot be written`, 1, () => keepOwnerAndMode(files, file, target, mode));
    isOpen = false;
    writeAndClose(files, file, path, after);
    if (readText(files, target) !== before) {
      throw new Refusal(`${path} was changed by somebody else meanwhile. It was left to them.`);
    }
    attempt(`${path} cannot be written`, 1, () => files.renameSync(lock, target));
  } catch (error) {
    if (isOpen) closeQuietly(files, file);
    removeQuietly(files, lock);
    throw error;
  }
  syncFolder(files, target);
}

function openLock(files: FileSystem, path: string, lock: string): number {
  try {
    return files.openSync(lock, 'wx', ownerOnly);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw toRefusal(`${path} cannot be changed`, 1, error);
    throw new Refusal(
      `${path} is being changed by another process, for ${lock} exists. If there is none, one was cut off: ` +
        'the key file is whole, and the lock can be deleted.',
    );
  }
}

// Root may rotate the keys of an application that runs as somebody else, who must still be able to read them.
function keepOwnerAndMode(files: FileSystem, file: number, target: string, mode?: number): void {
  const { mode: oldMode, uid, gid } = files.statSync(target);
  const { uid: ownUid, gid: ownGid } = files.statSync(`${target}.lock`);
  if (uid !== ownUid || gid !== ownGid) files.fchownSync(file, uid, gid);
  files.fchmodSync(file, mode ?? oldMode & 0o777);
}

function writeAndClose(files: FileSystem, file: number, path: string, text: string): void {
  attempt(`${path} cannot be written`, 1, () => {
    try {
      files.writeFileSync(file, text);
      files.fsyncSync(file);
    } finally {
      files.closeSync(file);
    }
  });
}

// So that a rename survives a power cut too. Not every system lets a folder be opened, and what could be done is done.
function syncFolder(files: FileSystem, path: string): void {
  let folder: number | undefined;
  try {
    folder = files.openSync(dirname(path), 'r');
    files.fsyncSync(folder);
  } catch {
    // The new file is in its place and whole.
  }
  if (folder !== undefined) closeQuietly(files, folder);
}

function closeQuietly(files: FileSystem, file: number): void {
  try {
    files.closeSync(file);
  } catch {
    // Something else has failed before, and is what will be told.
  }
}

function removeQuietly(files: FileSystem, path: string): void {
  try {
    files.unlinkSync(path);
  } catch {
    // As above.
  }
}

function attempt<Result>(what: string, exitCode: 1 | 2, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refusal ? error : toRefusal(what, exitCode, error);
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission is denied'],
  [
    'EEXIST',
    'it exists; --force replaces it, and whatever its keys have made is refused from then on',
  ],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'its folder is none'],
  ['EPERM', 'the system does not allow it'],
  ['EROFS', 'the disk is read-only'],
]);

function toRefusal(what: string, exitCode: 1 | 2, error: unknown): Refusal {
  const code = codeOf(error) ?? 'the system gave no reason';
  return new Refusal(`${what}: ${reasons.get(code) ?? code}.`, exitCode);
}

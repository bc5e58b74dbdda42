// Reads files, and writes them completely or not at all.

import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';

import { Refusal, type FileSystem } from './command-io.js';

export const ownerOnly = 0o600;

/** @throws Refusal (exit code 2) if the file cannot be read. */
export function readText(files: FileSystem, path: string): string {
  return attempt(`Cannot read ${path}`, 2, () => files.readFileSync(path, 'utf8'));
}

/** Writes a new file for its owner only. @throws Refusal if there is one already, or if it cannot be written. */
export function createFile(files: FileSystem, path: string, text: string): void {
  const exists = `${path} exists. Use --force to replace it; tokens of the old keys are then refused`;
  attempt(`Cannot create ${path}`, 1, () => writeNew(files, path, text), exists);
}

/**
 * Replaces the text of a file in one step: at any moment, the file has all of the old text or all of the new one. Keeps
 * the owner, and the mode unless another one is given. The new text is first written to `<path>.lock`, so of two processes
 * that change the file at once, one is refused.
 *
 * @throws Refusal if it cannot be done, and whatever `change` throws; the file then has its old text.
 */
export function changeFile(
  files: FileSystem,
  path: string,
  change: (text: string) => string,
  newMode?: number,
): void {
  // A rename would replace a symbolic link, so the file behind it is changed.
  const target = attempt(`Cannot read ${path}`, 2, () => files.realpathSync(path));
  const lock = `${target}.lock`;
  const before = readText(files, target);
  const after = change(before);
  const keepOwnerAndMode = (file: number): void => {
    const { mode, uid, gid } = files.statSync(target);
    const own = files.statSync(lock);
    if (uid !== own.uid || gid !== own.gid) files.fchownSync(file, uid, gid);
    files.fchmodSync(file, newMode ?? mode & 0o777);
  };
  const replace = (): void => {
    if (readText(files, target) !== before) {
      throw new Refusal(`Another program has changed ${path} in the meantime. Its change is kept.`);
    }
    files.renameSync(lock, target);
  };
  const write = (): void => writeNew(files, lock, after, keepOwnerAndMode, replace);
  const locked = `${path} is locked. If no other process changes it, delete ${lock} and try again`;
  attempt(`Cannot change ${path}`, 1, write, locked);
}

/** Removes the new file again if a step fails. */
function writeNew(
  files: FileSystem,
  path: string,
  text: string,
  prepare?: (file: number) => void,
  finish?: () => void,
): void {
  const file = files.openSync(path, 'wx', ownerOnly);
  try {
    try {
      prepare?.(file);
      files.writeFileSync(file, text);
      files.fsyncSync(file);
    } finally {
      files.closeSync(file);
    }
    finish?.();
  } catch (error) {
    ignoreErrors(() => files.unlinkSync(path));
    throw error;
  }
  // Makes the new name survive a power failure. Some systems cannot open a folder, and the file is complete without it.
  ignoreErrors(() => {
    const folder = files.openSync(dirname(path), 'r');
    ignoreErrors(() => files.fsyncSync(folder));
    files.closeSync(folder);
  });
}

function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {}
}

function attempt<T>(what: string, exitCode: 1 | 2, work: () => T, ifExists?: string): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code = 'unknown error' } = Object(error);
    if (code === 'EEXIST' && ifExists !== undefined) throw new Refusal(`${ifExists}.`);
    const [, reason = code] =
      [...getSystemErrorMap().values()].find(([name]) => name === code) ?? [];
    throw new Refusal(`${what}: ${reason}.`, exitCode);
  }
}

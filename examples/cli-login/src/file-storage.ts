// Keeps the session of the program in a file.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { TokenStorage } from '@tokenpair/client';

/** Keeps the text in a file that only the user can read. After a kill or a power failure it holds the old text or the new one. */
export function fileStorage(path: string): TokenStorage {
  const folder = dirname(path);
  return {
    async get() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        // Any other error: the file could not be read, which does not mean that there is no session.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async set(value) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = `${path}.${randomUUID()}`;
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          await file.writeFile(value);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await syncFolder(folder);
    },
    async delete() {
      await rm(path, { force: true });
      await syncFolder(folder);
    },
  };
}

/** Without it, a power failure may bring the old file back. Windows cannot do it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

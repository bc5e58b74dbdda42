// Runs the command `tokenpair` in the test's process, with files in a temporary folder and a clock that the test sets.

import * as nodeFs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { main, type FileSystem, type KeyRing } from '@tokenpair/cli';
import { createTestClock, type TestClock } from '@tokenpair/testing';

export interface CommandRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface Command {
  readonly clock: TestClock;
  /** Everything that was written to standard output and standard error so far. */
  readonly said: () => string;
  /** Runs `tokenpair` with words that are split at spaces; `FILE` is the path of a file in the folder. */
  run(words: string, setting?: Partial<CommandSetting>): CommandRun;
  /** The path of {@link run}'s `FILE`. */
  readonly file: string;
  /** A path in the folder. */
  path(name: string): string;
  write(value: unknown, mode?: number): void;
  text(): string;
  ring(): TestRing;
  /** Removes the folder. */
  remove(): void;
}

export interface CommandSetting {
  readonly env: Record<string, string | undefined>;
  readonly files: FileSystem;
}

/** A key file as JSON, in which tests can read any member. */
export type TestRing = Required<KeyRing>;

export function createCommand(): Command {
  const folder = mkdtempSync(join(tmpdir(), 'tokenpair-cli-'));
  const file = join(folder, 'tokenpair.keys.json');
  const clock = createTestClock();
  let said = '';
  return {
    clock,
    said: () => said,
    file,
    path: (name) => join(folder, name),
    run(words, { env = {}, files = nodeFs } = {}) {
      let [out, err] = ['', ''];
      const argv = words === '' ? [] : words.split(' ').map((word) => word.replace('FILE', file));
      const exitCode = main(argv, {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        env,
        now: clock.now,
        files,
      });
      said += out + err;
      return { exitCode, out, err };
    },
    write(value, mode = 0o600) {
      writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value), { mode });
      nodeFs.chmodSync(file, mode);
    },
    text: () => readFileSync(file, 'utf8'),
    ring: () => JSON.parse(readFileSync(file, 'utf8')) as TestRing,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Every secret text in a key file, which must not appear in any output. */
export function secretTexts(value: unknown): string[] {
  const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'base64url', 'secret'];
  const found: string[] = [];
  const visit = (name: string, inner: unknown): void => {
    if (typeof inner === 'string') {
      if (privateMembers.includes(name)) found.push(inner);
      if (inner.includes('PRIVATE KEY')) found.push(...inner.split('\n').slice(1, -2));
    } else if (typeof inner === 'object' && inner !== null) {
      for (const [key, child] of Object.entries(inner)) visit(key, child);
    }
  };
  visit('', value);
  return found.filter((text) => text !== '');
}

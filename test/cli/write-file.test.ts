import * as nodeFs from 'node:fs';
import { readdirSync, statSync, writeFileSync } from 'node:fs';

import type { FileSystem } from '@tokenpair/cli';

import { createCommand, type Command } from '../support/command.js';

let command: Command;

beforeEach(() => {
  command = createCommand();
  command.run('keygen --out FILE');
});

afterEach(() => command.remove());

type Call = { readonly name: keyof FileSystem; readonly args: readonly unknown[] };

/** The real file system, `before` runs before each call, and what it throws is thrown instead. */
function watch(before: (call: Call, index: number) => void): FileSystem {
  let index = 0;
  return new Proxy(nodeFs, {
    get:
      (target, name: keyof FileSystem) =>
      (...args: never[]) => {
        index += 1;
        before({ name, args }, index - 1);
        return (target[name] as (...args: never[]) => unknown)(...args);
      },
  });
}

function listCalls(words: string): Call[] {
  const calls: Call[] = [];
  command.run(words, { files: watch((call) => calls.push(call)) });
  return calls;
}

const fail = (code: string): never => {
  throw Object.assign(new Error(`${code}: of ${command.file}`), { code });
};

const filesThere = (): string[] => readdirSync(command.path('.'));

describe('a rotation that fails or is killed', () => {
  it('at any call of the file system leaves the old file or the new one, whole', () => {
    const calls = listCalls('keygen --rotate --file FILE');
    const names = calls.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['fsyncSync', 'renameSync']));
    const renamed = names.indexOf('renameSync');
    for (const [failing] of calls.entries()) {
      const before = command.text();
      const files = watch((_call, index) => {
        // As when the process is killed there: nothing that comes after happens either.
        if (index >= failing) fail('EIO');
      });
      const { exitCode, err } = command.run('keygen --rotate --settle 0s --file FILE', { files });
      const isOld = failing <= renamed;
      const isSentence = /^tokenpair: [^\n]+: i\/o error\.\n$/.test(err);
      const text = command.text();
      expect({ failing, isDone: exitCode === 0, isOld: text === before, isSentence }).toEqual({
        failing,
        isDone: !isOld,
        isOld,
        isSentence: isOld,
      });
      expect(command.run('doctor --file FILE').exitCode).toBe(0);
      for (const name of filesThere())
        if (name.endsWith('.lock')) nodeFs.unlinkSync(command.path(name));
    }
  });

  it('by one failing call leaves nothing beside the file', () => {
    const calls = listCalls('keygen --rotate --file FILE');
    for (const [failing, { name }] of calls.entries()) {
      const files = watch((_call, index) => {
        if (index === failing) fail('ENOSPC');
      });
      command.run('keygen --rotate --settle 0s --file FILE', { files });
      expect({ name, files: filesThere() }).toEqual({ name, files: ['tokenpair.keys.json'] });
    }
  });

  it.each([
    ['ENOSPC', 'writeFileSync', 'no space left on device'],
    ['EACCES', 'openSync', 'permission denied'],
    ['EROFS', 'openSync', 'read-only file system'],
    ['EPERM', 'fchmodSync', 'operation not permitted'],
    ['EWHATEVER', 'renameSync', 'EWHATEVER'],
  ])('by %s says so in a sentence', (code, where, words) => {
    const files = watch(({ name }) => {
      if (name === where) fail(code);
    });
    const { exitCode, err } = command.run('keygen --rotate --file FILE', { files });
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^tokenpair: [^\n]+\.\n$/);
    expect(err).toContain(words);
  });

  it('has the new text on the disk before it takes the place of the old', () => {
    const names = listCalls('keygen --rotate --file FILE').map(({ name }) => name);
    const written = names.indexOf('writeFileSync');
    expect(names.slice(written)).toEqual([
      'writeFileSync',
      'fsyncSync',
      'closeSync',
      'readFileSync',
      'renameSync',
      // And the name, in its folder.
      'openSync',
      'fsyncSync',
      'closeSync',
    ]);
  });
});

describe('a new file that cannot be written', () => {
  it.each(['writeFileSync', 'fsyncSync'])(
    'for a failing %s is not left behind in part',
    (where) => {
      const files = watch(({ name }) => {
        if (name === where) fail('ENOSPC');
      });
      const words = `keygen --out ${command.path('new.json')}`;
      expect(command.run(words, { files }).exitCode).toBe(1);
      expect(filesThere()).toEqual(['tokenpair.keys.json']);
    },
  );
});

describe('two processes that change one file', () => {
  it('are refused while a lock file exists', () => {
    const before = command.text();
    writeFileSync(`${command.file}.lock`, '');
    const { exitCode, err } = command.run('keygen --rotate --file FILE');
    expect(exitCode).toBe(1);
    expect(err).toContain('.lock');
    expect(command.text()).toBe(before);
    expect(filesThere()).toContain('tokenpair.keys.json.lock');
  });

  it('are refused while another one writes', () => {
    const inner: number[] = [];
    const files = watch(({ name }) => {
      if (name !== 'writeFileSync') return;
      inner.push(command.run('keygen --rotate --file FILE').exitCode);
    });
    const { exitCode } = command.run('keygen --rotate --file FILE', { files });
    expect({ exitCode, inner }).toEqual({ exitCode: 0, inner: [1] });
    expect(command.ring().keys).toHaveLength(3);
  });

  it('do not overwrite an edit that happens in the meantime', () => {
    const edited = JSON.stringify({ ...command.ring(), keys: command.ring().keys.slice(0, 1) });
    const files = watch(({ name }) => {
      if (name === 'writeFileSync') writeFileSync(command.file, edited);
    });
    const { exitCode, err } = command.run('keygen --rotate --file FILE', { files });
    expect(exitCode).toBe(1);
    expect(err).toContain('Another program has changed');
    expect(command.text()).toBe(edited);
    expect(filesThere()).toEqual(['tokenpair.keys.json']);
  });
});

describe('the keys of another user', () => {
  it('keep their owner when root rotates them', () => {
    const owners: unknown[] = [];
    const files = new Proxy(nodeFs, {
      get(target, name: keyof FileSystem) {
        if (name === 'fchownSync') return (...args: unknown[]) => owners.push(args.slice(1));
        if (name !== 'statSync') return target[name];
        return (path: string) => {
          const stats = statSync(path);
          return Object.assign(stats, path.endsWith('.lock') ? {} : { uid: 4711, gid: 4712 });
        };
      },
    });
    expect(command.run('keygen --rotate --file FILE', { files }).exitCode).toBe(0);
    expect(owners).toEqual([[4711, 4712]]);
  });

  it('are left unchanged by a user who cannot keep the owner', () => {
    const before = command.text();
    const files = new Proxy(nodeFs, {
      get(target, name: keyof FileSystem) {
        if (name === 'fchownSync') return () => fail('EPERM');
        if (name !== 'statSync') return target[name];
        return (path: string) =>
          Object.assign(statSync(path), path.endsWith('.lock') ? {} : { uid: 4711 });
      },
    });
    expect(command.run('keygen --rotate --file FILE', { files }).exitCode).toBe(1);
    expect(command.text()).toBe(before);
  });
});

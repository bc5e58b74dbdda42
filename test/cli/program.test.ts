import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

import { createCommand, secretTexts, type Command } from '../support/command.js';
import { runKilledBefore, runProgram } from '../support/program.js';

// Each test starts processes, which takes seconds on a busy machine.
jest.setTimeout(60_000);

let command: Command;

beforeEach(() => {
  command = createCommand();
});

afterEach(() => command.remove());

describe('the program tokenpair', () => {
  it('makes a file, finds no problem in it, and rotates it', async () => {
    const { file } = command;
    expect(await runProgram('keygen', '--out', file)).toMatchObject({ exitCode: 0, stderr: '' });
    const fresh = secretTexts(command.ring());
    expect(await runProgram('doctor', '--file', file)).toEqual({
      exitCode: 0,
      stdout: `${file}: no problems found.\n`,
      stderr: '',
    });
    const { exitCode, stdout } = await runProgram('keygen', '--rotate', '--file', file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('is current now');
    expect(secretTexts(command.ring())).toEqual(expect.arrayContaining(fresh));
  });

  it.each([
    [2, ['keygen', '--algorithm', 'none']],
    [2, ['doctor', '--file', '/nowhere/tokenpair.keys.json']],
    [2, []],
  ])('exits with %i and a sentence, no stack, for %j', async (exitCode, argv) => {
    const { stdout, stderr, ...run } = await runProgram(...argv);
    expect({ ...run, stdout }).toEqual({ exitCode, stdout: '' });
    expect(stderr).toMatch(/^tokenpair: [^\n]+\.\n$/);
  });

  it('exits with 1 for what it finds', async () => {
    command.run('keygen --signing-only --out FILE');
    const { exitCode, stdout } = await runProgram('doctor', '--file', command.file);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^error .*refresh/);
  });

  describe('prints lines', () => {
    let stdout: string;

    beforeAll(async () => {
      ({ stdout } = await runProgram('keygen', '--algorithm', 'EdDSA', '--kid', "it's $HOME"));
    });

    it.each<[string, (file: string, script: string) => [string, string[]]]>([
      ['node', (file, script) => ['node', [`--env-file=${file}`, '-e', script]]],
      ['a shell', (file, script) => ['sh', ['-c', `set -a; . ${file}; node -e '${script}'`]]],
    ])('that %s reads', (_reader, toCommand) => {
      const file = command.path('app.env');
      writeFileSync(file, stdout);
      const script =
        'console.log([process.env.TOKENPAIR_KEYS, process.env.TOKENPAIR_REFRESH_KEYS].map((text) => JSON.parse(text).map((key) => key.kid + " " + key.state).join()).join())';
      const [program, argv] = toCommand(file, script);
      const read = execFileSync(program, argv, { encoding: 'utf8' });
      expect(read).toMatch(/^it's \$HOME current,[\w-]{43} next,1 current,2 next\n$/);
    });
  });

  it('lets one of many that rotate a file at once do it after the other, and loses no key', async () => {
    command.run('keygen --out FILE');
    const first = command.ring().keys[0]?.kid;
    const argv = ['keygen', '--rotate', '--force', '--file', command.file];
    const runs = await Promise.all(Array.from({ length: 4 }, () => runProgram(...argv)));
    const done = runs.filter(({ exitCode }) => exitCode === 0).length;
    expect(done).toBeGreaterThanOrEqual(1);
    expect(runs.filter(({ exitCode, stderr }) => exitCode === 1 && stderr !== '')).toHaveLength(
      4 - done,
    );
    // Each process that reports a rotation has left one retiring key.
    const { keys } = command.ring();
    expect(keys).toHaveLength(2 + done);
    expect(keys.at(-1)).toMatchObject({ kid: first, state: 'retiring' });
  });

  it.each([
    ['writeFileSync', 'as before'],
    ['writeFileSync,fsyncSync', 'as before'],
    ['renameSync', 'as before'],
    ['renameSync,openSync', 'rotated'],
  ])('killed before %s leaves the file whole, %s', async (call, outcome) => {
    command.run('keygen --out FILE');
    const before = command.ring();
    const argv = ['keygen', '--rotate', '--file', command.file];
    expect(await runKilledBefore(call, ...argv)).toEqual({
      exitCode: null,
      stdout: '',
      stderr: '',
    });
    const after = command.ring();
    expect(after.keys).toHaveLength(outcome === 'rotated' ? 3 : 2);
    expect(secretTexts(after)).toEqual(expect.arrayContaining(secretTexts(before)));
    // What the process could not put away is named to the next one, which leaves it to a person to do so.
    const lock = `${command.file}.lock`;
    expect(existsSync(lock)).toBe(outcome === 'as before');
    const { exitCode, err } = command.run('keygen --rotate --file FILE --force');
    expect(exitCode).toBe(outcome === 'as before' ? 1 : 0);
    expect(err.includes(lock)).toBe(outcome === 'as before');
  });
});

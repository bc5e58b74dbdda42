// Tests the command postgres-schema.

import { postgresSchema } from '@tokenpair/postgres';

import { createCommand, type Command } from '../support/command.js';

describe('tokenpair postgres-schema', () => {
  let command: Command;
  beforeEach(() => {
    command = createCommand();
  });
  afterEach(() => command.remove());

  it('prints what the store needs, and nothing else', () => {
    expect(command.run('postgres-schema')).toMatchObject({
      exitCode: 0,
      out: postgresSchema(),
      err: '',
    });
    expect(postgresSchema()).toMatch(/^CREATE TABLE IF NOT EXISTS "tokenpair_session" \(\n/);
  });

  it('takes the names of the table and the schema', () => {
    const { out } = command.run('postgres-schema --table login --schema auth');
    expect(out).toBe(postgresSchema({ table: 'login', schema: 'auth' }));
    expect(out).toContain('"auth"."login_owner"');
  });

  it('explains its options', () => {
    const { exitCode, out } = command.run('postgres-schema --help');
    expect(exitCode).toBe(0);
    expect(out).toContain('--schema NAME');
  });

  it.each([
    ['--table', 'the option --table'],
    ['--table a.b', '--table must be a name'],
    ['--schema 1a', '--schema must be a name'],
    ['--file x', "no option '--file'"],
  ])('refuses %s', (options, sentence) => {
    const { exitCode, out, err } = command.run(`postgres-schema ${options}`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(sentence);
  });
});

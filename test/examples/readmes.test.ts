// Tests the commands in the READMEs of the examples: in a fresh clone, what they start has been built by the command before.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const scriptsOf = (folder: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts ?? {};

/** The lines of the fences of a page that are for a shell, without comments. */
function commandsIn(page: string): readonly string[] {
  const fences = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code);
  return fences.flatMap((code) => code.split('\n')).map((line) => line.replace(/ +#.*/, ''));
}

/** The script of package.json that a command runs: of an example, or of the repository. */
function scriptOf(command: string): string | undefined {
  const [, filter, name = ''] =
    /^(?:\w+=\S+ )*npx -y pnpm@[\d.]+ (?:--filter '\*([\w-]+)' )?(?:run )?(\w+)/.exec(command) ??
    [];
  return scriptsOf(filter === undefined ? '.' : `examples/${filter}`)[name];
}

const pages = readdirSync(join(root, 'examples'))
  .map((name): [string, readonly string[]] => {
    const text = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
    return [name, commandsIn(text)];
  })
  .filter(([, commands]) => commands.length > 0);

describe.each(pages)('the README of %s', (_name, commands) => {
  const [first = ''] = commands;

  // Compiling alone makes no ES modules of the packages, and the examples import these.
  it('begins with a command that builds the packages', () => {
    expect(scriptOf(first)).toMatch(/build-packages\.mjs/);
  });

  it('runs scripts and programs that exist', () => {
    const scripts = commands.filter((command) => command.includes('npx -y pnpm'));
    expect(scripts.filter((command) => scriptOf(command) === undefined)).toEqual([]);
    const programs = commands.flatMap((command) => {
      const [, example, file] = /node examples\/([\w-]+)\/dist\/([\w-]+)\.js/.exec(command) ?? [];
      return example === undefined ? [] : [join('examples', example, 'src', `${String(file)}.ts`)];
    });
    expect(programs.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });
});

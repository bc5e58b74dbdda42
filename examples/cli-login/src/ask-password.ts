// Asks for a password at the terminal, or reads it from a pipe: arguments and environments of a process can be seen by others.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export async function askPassword(): Promise<string> {
  const { stdin } = process;
  // What is typed is shown here, and so nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY });
  if (stdin.isTTY) process.stderr.write('Password: ');
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (stdin.isTTY) process.stderr.write('\n');
  }
}

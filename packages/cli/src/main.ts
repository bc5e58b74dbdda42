// From the words of the command line to an exit code.

import { requireIo, type CommandIo } from './command-io.js';
import { doctor } from './doctor.js';
import { keygen } from './keygen.js';
import { Refusal } from './refusal.js';

const help = `tokenpair: the keys of access and refresh tokens.

  tokenpair keygen   makes keys, rotates those in a key file
  tokenpair doctor   says what is weak or missing in a set of keys

tokenpair keygen --help and tokenpair doctor --help say more.
`;

/**
 * Runs the command `tokenpair` without a process of its own.
 *
 * @param argv - the words after `tokenpair`, the first being `keygen` or `doctor`.
 * @returns the exit code: 0 done or fine; 1 refused, or `doctor` has found something; 2 for a wrong command line, or
 * nothing that can be read. What went wrong is a sentence on `io.err`.
 * @throws TypeError `io` lacks a member or has an unknown one; nothing else is thrown.
 */
export function main(argv: readonly string[], io: CommandIo): number {
  requireIo(io);
  const [command, ...rest] = argv;
  try {
    if (command === 'keygen') return keygen(rest, io);
    if (command === 'doctor') return doctor(rest, io);
    if (command === '--help' || command === '-h' || command === 'help') {
      io.out(help);
      return 0;
    }
    throw new Refusal('There is keygen and there is doctor; tokenpair --help says more.', 2);
  } catch (error) {
    // The text of an error that nobody foresaw may hold what the error is about: a key.
    const sentence =
      error instanceof Refusal
        ? error.message
        : `An unforeseen ${error instanceof Error ? error.name : 'error'} kept it from being done.`;
    io.err(`tokenpair: ${sentence}\n`);
    return error instanceof Refusal ? error.exitCode : 1;
  }
}

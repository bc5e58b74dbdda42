// Runs the command line `tokenpair` and returns its exit code.

import { checkOptions } from '@tokenpair/core/adapter';

import { Refusal, type CommandIo } from './command-io.js';
import { doctor } from './doctor/doctor.js';
import { keygen } from './keygen.js';
import { printPostgresSchema } from './postgres-schema.js';

const help = `tokenpair: makes and checks the keys of access and refresh tokens.

  tokenpair keygen            makes keys, and rotates the keys in a file
  tokenpair doctor            reports what is wrong with a set of keys, or the settings of an application
  tokenpair postgres-schema   prints the SQL of the tables for sessions in Postgres

Run tokenpair keygen --help, for example, for the options of a command.
`;

const ioMembers = ['out', 'err', 'env', 'now', 'files'];

/**
 * Runs the command `tokenpair` inside this process.
 *
 * @param argv - the words after `tokenpair`; the first one is `keygen`, `doctor` or `postgres-schema`.
 * `doctor --app` loads the application's module in this process, and ends nothing that the module has started.
 * @returns the exit code: 0 success; 1 refused, or `doctor` reports an error or a warning; 2 a wrong command line, or
 * keys or a module that cannot be read. `io.err` gets a sentence about what went wrong.
 * @throws TypeError `io` has a missing or an unknown member. Nothing else is thrown.
 */
export function main(argv: readonly string[], io: CommandIo): number {
  const given = checkOptions('main', io, ioMembers);
  const missing = ioMembers.find((name) => given[name] === undefined);
  if (missing !== undefined) throw new TypeError(`main: io.${missing} is missing`);
  const [command, ...rest] = argv;
  try {
    if (command === 'keygen') return keygen(rest, io);
    if (command === 'doctor') return doctor(rest, io);
    if (command === 'postgres-schema') return printPostgresSchema(rest, io);
    if (command === '--help' || command === '-h' || command === 'help') {
      io.out(help);
      return 0;
    }
    const problem = command === undefined ? 'No command was given' : 'Unknown command';
    throw new Refusal(
      `${problem}. Commands: keygen, doctor, postgres-schema. Run tokenpair --help.`,
      2,
    );
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    // The message of an unexpected error may contain a key.
    const { message, exitCode } =
      error instanceof Refusal ? error : new Refusal(`Unexpected ${name}. Nothing more was done.`);
    io.err(`tokenpair: ${message}\n`);
    return exitCode;
  }
}

#!/usr/bin/env node
// The program `tokenpair`.

import * as files from 'node:fs';

import { main } from './main.js';

let hasFailed = false;

// A reader such as `head` may close the pipe early. That needs no message.
function noteFailure(error?: (Error & { readonly code?: string }) | null): void {
  if (!error || hasFailed) return;
  hasFailed = true;
  if (error.code !== 'EPIPE') process.stderr.write('tokenpair: The output could not be written.\n');
  process.exitCode = 1;
}

process.stdout.on('error', noteFailure);

const argv = process.argv.slice(2);
process.exitCode = main(argv, {
  // The event comes later than this call: possibly after the process was ended below.
  out: (text) => process.stdout.write(text, noteFailure),
  err: (text) => process.stderr.write(text),
  env: process.env,
  now: () => Date.now(),
  files,
});

// The module of an application may have opened connections, which would keep the process running. These calls come after the
// report was written.
if (argv.some((word) => word.startsWith('--app'))) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

#!/usr/bin/env node
// The program `tokenpair`.

import * as files from 'node:fs';

import { main } from './main.js';

// A reader such as `head` may close the pipe early. That needs no message.
process.stdout.on('error', (error: Error & { readonly code?: string }) => {
  if (error.code !== 'EPIPE') process.stderr.write('tokenpair: The output could not be written.\n');
  process.exitCode = 1;
});

process.exitCode = main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  now: () => Date.now(),
  files,
});

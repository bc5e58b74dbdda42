// A PGlite in a thread of its own: it imports at run time, which Jest's modules cannot do.

import { parentPort } from 'node:worker_threads';

import { PGlite } from '@electric-sql/pglite';

const database = await PGlite.create();
let release;

/** Holds the database in a transaction, so that no statement is answered. */
function hold() {
  const { promise, resolve } = withResolvers();
  release = resolve;
  const started = withResolvers();
  void database.transaction(() => {
    started.resolve();
    return promise;
  });
  return started.promise;
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const actions = {
  query: async ({ text, values }) => ({ rows: (await database.query(text, values)).rows }),
  hold: async () => {
    await hold();
    return {};
  },
  release: async () => {
    release();
    return {};
  },
};

async function answer({ id, action, ...rest }) {
  try {
    return { id, result: await actions[action](rest) };
  } catch (error) {
    const { name, message, code } = error;
    return { id, error: { name, message, code } };
  }
}

async function reply(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort.postMessage(await answer(message));
}

parentPort.on('message', (message) => void reply(message));

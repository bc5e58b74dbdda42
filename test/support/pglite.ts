// Opens a PGlite: Postgres in this process, which needs no server.

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { PostgresClient } from '@tokenpair/postgres';

export interface OpenPglite {
  readonly client: PostgresClient;
  /** Answers no statement until the function that it returns is called. */
  hold(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

interface Reply {
  readonly id: number;
  readonly result?: { readonly rows: readonly unknown[] };
  readonly error?: object;
}

export function openPglite(): OpenPglite {
  const worker = new Worker(join(__dirname, 'pglite-worker.mjs'));
  const waiting = new Map<number, (reply: Reply) => void>();
  let last = 0;
  worker.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  const send = async (action: string, rest: object = {}) => {
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set((last += 1), resolve);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ id: last, action, ...rest });
    });
    if (reply.error) throw Object.assign(new Error(), reply.error);
    return reply.result ?? { rows: [] };
  };
  return {
    client: { query: (text, values) => send('query', { text, values }) },
    async hold() {
      await send('hold');
      return async () => {
        await send('release');
      };
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

// The Redis store with a clock that the test sets: in the text of each script, the time of Redis is replaced by that of the test.
// All else is done by a real Redis.

import { randomBytes } from 'node:crypto';

import { RedisSessionStore } from '@tokenpair/redis';
import { createClient } from 'redis6';

import { withMovedTime } from './moved-time.mjs';
import type { OpenSessionStore } from './tabs/replayed-store.js';

export interface RedisAt {
  /** Opens an empty store. */
  readonly openStore: OpenSessionStore;
  close(): void;
}

export async function openRedisAt(url: string): Promise<RedisAt> {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();

  const openStore: OpenSessionStore = (now) => {
    async function sendCommand([name = '', script = '', ...rest]: string[]): Promise<unknown> {
      if (name === 'EVALSHA') throw new Error('NOSCRIPT its text names the time');
      if (name !== 'EVAL') return client.sendCommand([name, script, ...rest]);
      const [before, after, ...others] = script.split(`redis.call('TIME')`);
      if (before === undefined || others.length > 0) {
        throw new Error('a script must ask for the time at most once');
      }
      if (after === undefined) return client.sendCommand([name, script, ...rest]);
      const [seconds, microseconds] = [Math.floor(now() / 1_000), (now() % 1_000) * 1_000];
      const text = `${before}{ '${seconds}', '${microseconds}' }${after}`;
      return client.sendCommand([name, text, ...rest]);
    }
    const prefix = `test-${randomBytes(8).toString('hex')}:`;
    return new RedisSessionStore({ client: { sendCommand }, prefix, deadline: 30 });
  };
  return { openStore, close: () => client.destroy() };
}

/** A client whose scripts see the clock of Redis moved by some milliseconds. */
export function withMovedClock(
  send: (...command: string[]) => Promise<unknown>,
  moved: () => number,
): { sendCommand(command: string[]): Promise<unknown> } {
  return { sendCommand: async (command) => send(...withMovedTime(command, moved())) };
}

// What a test does to a Redis, as its administrator.

import { createClient } from 'redis6';

export interface Admin {
  send(...command: string[]): Promise<unknown>;
  /** Creates the user `verifier` with the rights that a process needs which only verifies. */
  allowVerifier(prefix: string): Promise<void>;
  close(): Promise<void>;
}

export async function openAdmin(url: string): Promise<Admin> {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  const send = (...command: string[]): Promise<unknown> => client.sendCommand(command);
  return {
    send,
    async allowVerifier(prefix) {
      const rights = '+eval +evalsha +hmget +exists +xrange +@connection'.split(' ');
      const keys = `~${prefix}{revocations}:*`;
      await send('ACL', 'SETUSER', 'verifier', 'on', '>secret', keys, ...rights);
    },
    close: async () => client.destroy(),
  };
}

/** Commands that Redis has executed since its start, those of scripts included. */
export async function countCommands({ send }: Admin): Promise<number> {
  const info = String(await send('INFO', 'commandstats'));
  return [...info.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

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
      await send('ACL', 'SETUSER', ...verifierUser(prefix));
    },
    close: async () => client.destroy(),
  };
}

/** The user `verifier`, with the rights that a process needs which only verifies. */
export function verifierUser(prefix: string): readonly string[] {
  const rights = '+eval +evalsha +hmget +exists +xrange +@connection'.split(' ');
  return ['verifier', 'on', '>secret', `~${prefix}{revocations}:*`, ...rights];
}

/** Commands that Redis has executed since its start, those of scripts included. */
export async function countCommands({ send }: Admin): Promise<number> {
  const info = String(await send('INFO', 'commandstats'));
  return [...info.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

// Finds free loopback ports for processes that need one as an argument. Jest also loads this file without its module mapper.

import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that the system assigns: no connection can take such a port between the check and the start of the process.
const first = 10_000;
const last = 29_999;

/**
 * @param offsets - ports above the port that must be free too, such as the bus of a Redis Cluster.
 */
export async function findFreePort(offsets: readonly number[] = []): Promise<number> {
  const span = last - first + 1 - Math.max(0, ...offsets);
  for (;;) {
    const port = first + Math.floor(Math.random() * span);
    const wanted = [port, ...offsets.map((offset) => port + offset)];
    const free = await Promise.all(wanted.map(isFree));
    if (free.every(Boolean)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

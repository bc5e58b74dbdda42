// Free loopback ports for processes that want to be told one. Jest also loads this file without its module mapper.

import { once } from 'node:events';
import { createServer } from 'node:net';

// Below those that the system hands out: between the look and the process' start, no connection can take one of these.
const first = 10_000;
const last = 29_999;

/**
 * @param offsets - what has to be free above the port as well, such as the bus of a Redis Cluster.
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

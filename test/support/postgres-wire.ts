// Counts the messages that a Postgres client sends.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

export interface Wire {
  readonly port: number;
  /** How many messages of each type the client has sent during `act`: `S` ends a round trip, `E` executes a statement. */
  during(act: () => Promise<unknown>): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

export async function startWire(target: number): Promise<Wire> {
  let counts: Record<string, number> = {};
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let rest = Buffer.alloc(0);
    let hasStarted = false;
    client.on('data', (chunk) => {
      upstream.write(chunk);
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        // The first message has a length and no type.
        const start = hasStarted ? 1 : 0;
        if (rest.length < start + 4) return;
        const length = start + rest.readInt32BE(start);
        if (rest.length < length) return;
        const type = String.fromCharCode(rest[0] ?? 0);
        if (hasStarted) counts[type] = (counts[type] ?? 0) + 1;
        hasStarted = true;
        rest = rest.subarray(length);
      }
    });
    upstream.pipe(client);
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async during(act) {
      counts = {};
      await act();
      return counts;
    },
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

// A wire that can be cut at the worst moment: after a command has arrived, before its answer has.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Every connection there is loses its next answer, and itself. */
  cutBeforeNextAnswers(): void;
  /** How many connections lost an answer. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const doomed = new Set<Socket>();
  const open = new Set<Socket>();
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const end = () => {
      client.destroy();
      upstream.destroy();
      open.delete(client);
      doomed.delete(client);
    };
    open.add(client);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('data', (command) => upstream.write(command));
    upstream.on('data', (answer) => {
      if (doomed.has(client)) {
        cuts += 1;
        end();
      } else {
        client.write(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    cutBeforeNextAnswers() {
      for (const socket of open) doomed.add(socket);
    },
    get cuts() {
      return cuts;
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

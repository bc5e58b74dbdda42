// Starts a TCP proxy that can cut connections after a command has arrived and before its answer.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Cuts every open connection before its next answer. */
  cutBeforeNextAnswers(): void;
  /** The number of connections that lost an answer. */
  readonly cuts: number;
  /** Drops all data from the target from now on, and keeps the connections. */
  fallSilent(): void;
  /** Ends the silence and the connections that were open in it: what they dropped is lost. */
  speakAgain(): void;
  /** The number of pieces of data that were dropped. */
  readonly drops: number;
  /** Sets the port to which new connections go. */
  redirect(target: number): void;
  close(): Promise<void>;
}

export async function startTcpProxy(firstTarget: number): Promise<TcpProxy> {
  const doomed = new Set<Socket>();
  const open = new Set<Socket>();
  let target = firstTarget;
  let silent = false;
  let cuts = 0;
  let drops = 0;

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
      if (silent) {
        drops += 1;
        return;
      }
      if (!doomed.has(client)) {
        client.write(answer);
        return;
      }
      cuts += 1;
      end();
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
    fallSilent() {
      silent = true;
    },
    speakAgain() {
      silent = false;
      for (const socket of open) socket.destroy();
    },
    get drops() {
      return drops;
    },
    redirect(next) {
      target = next;
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

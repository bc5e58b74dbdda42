// Starts a proxy for CONNECT on a free loopback port, and makes agents that use it.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export interface ConnectProxy {
  readonly port: number;
  /** The target of each tunnel, as `host:port`. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const open = new Set<Duplex>();
  const tunnels: string[] = [];
  const server = createServer();
  server.on('connect', ({ url = '' }, client, head: Buffer) => {
    tunnels.push(url);
    const [host, port] = url.split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => upstream.destroy()).on('close', () => client.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Makes TLS connections inside tunnels. It merges the options that it gets, as published proxy agents do. */
export class TunnelAgent extends Agent {
  readonly #proxyPort: number;

  constructor(proxyPort: number, options: AgentOptions = {}) {
    super(options);
    this.#proxyPort = proxyPort;
  }

  override createConnection(
    options: ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const path = `${options.host}:${options.port}`;
    const tunnel = request({ port: this.#proxyPort, method: 'CONNECT', path, agent: false });
    tunnel.once('connect', (_response, socket: Socket) => {
      callback?.(null, connectTls({ ...options, socket }));
    });
    tunnel.once('error', (error) => callback?.(error, undefined as never));
    tunnel.end();
  }
}

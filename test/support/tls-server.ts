// Starts a TLS server on a free loopback port that records every decrypted byte of its clients, and every handshake.

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type SecureVersion } from 'node:tls';

import { testCertificateKey } from './test-certificate.js';

export interface TlsServer {
  readonly port: number;
  /** The decrypted bytes of all clients. */
  readonly received: () => string;
  /** The number of requests whose path begins with `path`. */
  readonly countRequests: (path: string) => number;
  /** For each completed handshake: whether it resumed a session. */
  readonly resumptions: readonly boolean[];
  close(): Promise<void>;
}

/** Answers every GET with the JSON of `answer`, and keeps the connection open unless the client asks to close it. */
export async function startTlsServer(
  answer: (path: string) => unknown,
  cert: string,
  maxVersion: SecureVersion = 'TLSv1.3',
): Promise<TlsServer> {
  const open = new Set<Socket>();
  const resumptions: boolean[] = [];
  let received = '';

  const server = createServer({ cert, key: testCertificateKey, maxVersion });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    resumptions.push(socket.isSessionReused());
    let unread = '';
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1');
      unread += data.toString('latin1');
      const heads = unread.split('\r\n\r\n');
      unread = heads.pop() as string;
      for (const head of heads) {
        const body = JSON.stringify(answer(head.split(' ')[1] as string));
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        if (/^connection: close$/im.test(head)) socket.end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    countRequests: (path) => received.split(`GET ${path}`).length - 1,
    resumptions,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

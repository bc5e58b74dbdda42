// Serves several host names over TLS on one port, because cookies of a domain need host names and https.

import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, request as startRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { testCertificate, testCertificateKey } from '../support/test-certificate.js';

/** Chromium arguments that resolve every host below `.test` to loopback. */
export const hostArguments = ['--host-resolver-rules=MAP *.test 127.0.0.1'];

export interface SecureHosts {
  /** Origin of a host: `https://a.example.test:port`. */
  urlOf(host: string): string;
  /** Sends a request that is not from a browser. */
  send(host: string, path: string, body: object): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param hosts - the request listener of each host. */
export async function serveHosts(
  hosts: Readonly<Record<string, RequestListener>>,
  onUpgrade: (request: IncomingMessage, socket: Duplex) => void = (_, socket) => socket.destroy(),
): Promise<SecureHosts> {
  const server = createServer(
    { cert: testCertificate, key: testCertificateKey },
    (request, response) => {
      const [host = ''] = (request.headers.host ?? '').split(':');
      hosts[host]?.(request, response);
    },
  );
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    socket.on('error', () => socket.destroy());
    onUpgrade(request, socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (host) => `https://${host}:${port}`,
    send: (host, path, body) => postJson(port, `${host}:${port}`, path, body),
    close() {
      for (const socket of upgraded) socket.destroy();
      return closeServer(server);
    },
  };
}

/** The `Set-Cookie` lines of the answer. */
function postJson(
  port: number,
  host: string,
  path: string,
  body: object,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, 'Content-Type': 'application/json' };
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers };
    const outgoing = startRequest({ ...options, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.headers['set-cookie'] ?? []));
    });
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}

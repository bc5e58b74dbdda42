// Hosts of one site over TLS on one port: what a browser does with cookies of a domain needs names and a certificate.

import type { RequestListener } from 'node:http';
import { createServer, request as startRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { testCertificate, testCertificateKey } from '../support/test-certificate.js';

/** The registrable domain; Chromium is started with {@link siteArguments}. */
export const domain = 'example.test';

/** Lets Chromium find every host of the domain on loopback. */
export const siteArguments = [`--host-resolver-rules=MAP *.${domain} 127.0.0.1`];

export interface SecureSite {
  readonly port: number;
  /** Origin of a host: `urlOf('a')` is `https://a.example.test:port`. */
  urlOf(host: string): string;
  /** Sends a request that is not from a browser. */
  send(host: string, path: string, body: object): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param hosts - what answers below each host of the domain. */
export async function serveSite(
  hosts: Readonly<Record<string, RequestListener>>,
): Promise<SecureSite> {
  const server = createServer(
    { cert: testCertificate, key: testCertificateKey },
    (request, response) => {
      const [host = ''] = (request.headers.host ?? '').split('.');
      hosts[host]?.(request, response);
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    urlOf: (host) => `https://${host}.${domain}:${port}`,
    send: (host, path, body) => postJson(port, `${host}.${domain}:${port}`, path, body),
    close: () => closeServer(server),
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

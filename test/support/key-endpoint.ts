// Starts a key endpoint on a free loopback port that gives any answer, also a wrong one, and records its requests.

import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';

import { testCertificate, testCertificateKey } from './test-certificate.js';

export interface KeyEndpoint {
  /** `http://127.0.0.1:port`, or https */
  readonly address: string;
  /** Every request so far. */
  readonly requests: IncomingMessage[];
  /** Sets the answer from now on. A value that is not a function is sent as JSON with status 200. */
  answer: RequestListener | object;
  /** Waits until no connection is open. Throws if one stays open. */
  untilIdle(): Promise<void>;
  close(): Promise<void>;
}

export async function startKeyEndpoint(
  answer: KeyEndpoint['answer'] = {},
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<KeyEndpoint> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    const current = endpoint.answer;
    if (typeof current === 'function') current(request, response);
    else response.end(JSON.stringify(current));
  };
  const server = tls
    ? createTlsServer({ cert: testCertificate, key: testCertificateKey }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const countConnections = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  const endpoint: KeyEndpoint = {
    address: `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    async untilIdle() {
      const patience = Date.now() + 15_000;
      while ((await countConnections()) > 0) {
        if (Date.now() > patience) throw new Error('a connection was left open');
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
  return endpoint;
}

/** Sends a piece of text every few milliseconds, without end. */
export function drip(to: Writable, piece: string): void {
  const timer = setInterval(() => to.write(piece), 5);
  to.once('close', () => clearInterval(timer));
}

/** Sends without end, as fast as the client reads. */
export const flood: RequestListener = (_request, response) => {
  const piece = ' '.repeat(65_536);
  const pour = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', pour);
  pour();
};

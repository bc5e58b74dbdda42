// Starts servers that speak HTTP/2, encrypted or not, and sends requests over it.

import type { RequestListener } from 'node:http';
import {
  connect,
  createSecureServer,
  createServer,
  type ClientHttp2Session,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2';
import { once } from 'node:events';
import { request as startRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import type { TestRequest } from './http.js';
import { testCertificate, testCertificateKey } from './test-certificate.js';

export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface TestHttp2Server {
  /** Sends a request over HTTP/2. Names that start with a colon are pseudo-headers. */
  send(request: TestRequest): Promise<Http2Answer>;
  /** Sends a request over HTTP/1.1 to the same port. Only where the server is encrypted. */
  sendHttp1(request: TestRequest): Promise<Http2Answer>;
  close(): Promise<void>;
}

/** `h2` is encrypted and takes HTTP/1.1 as well; `h2c` is not encrypted, as behind a proxy. */
export async function startHttp2Server(
  protocol: 'h2' | 'h2c',
  listener: (...args: Parameters<RequestListener>) => unknown,
): Promise<TestHttp2Server> {
  const server = createServerOf(protocol);
  // Frameworks are typed for HTTP/1.1, and so are listeners.
  server.on('request', listener as never);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const scheme = protocol === 'h2' ? 'https' : 'http';
  const client = connect(`${scheme}://127.0.0.1:${port}`, { ca: testCertificate });
  await once(client, 'connect');
  return {
    send: (request) => sendOver(client, request),
    sendHttp1: (request) => sendHttp1(port, request),
    async close() {
      client.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function createServerOf(protocol: 'h2' | 'h2c'): Http2SecureServer | Http2Server {
  if (protocol === 'h2c') return createServer();
  return createSecureServer({ cert: testCertificate, key: testCertificateKey, allowHTTP1: true });
}

async function sendOver(
  client: ClientHttp2Session,
  { method = 'GET', path, headers, body }: TestRequest,
): Promise<Http2Answer> {
  const stream = client.request(
    { ':method': method, ':path': path, ...headers },
    { endStream: body === undefined },
  );
  const answered = new Promise<Http2Answer['headers'] & { readonly ':status'?: number }>(
    (resolve, reject) => {
      stream.once('response', resolve);
      stream.once('error', reject);
    },
  );
  if (body !== undefined) stream.end(body);
  const [{ ':status': status = 0, ...rest }, content] = await Promise.all([answered, text(stream)]);
  return { status, headers: rest, body: content };
}

function sendHttp1(
  port: number,
  { method = 'GET', path, headers, body }: TestRequest,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = startRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...(headers as Record<string, string>), Connection: 'close' },
      ca: testCertificate,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      text(response).then(
        (content) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
        reject,
      );
    });
    outgoing.end(body);
  });
}

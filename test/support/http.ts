// Starts servers on a free loopback port, and sends requests: well-formed ones, and raw bytes.

import {
  Agent,
  createServer,
  request as startRequest,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';

export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly address: string;
  readonly server: Server;
  close(): Promise<void>;
}

export interface TestRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: TestHeaders;
  readonly body?: string | Buffer;
  /** Sends the body in pieces of unknown length in all. */
  readonly chunked?: boolean;
}

/** Header values by name; a list is sent as several lines. */
export type TestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface TestResponse {
  readonly status: number;
  /** By lower-case name; several lines of one name are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Milliseconds. By default, servers close an idle connection after five seconds: a client that was paused meanwhile may still send a
 * request on it.
 */
export const keepAliveTimeout = 60_000;

export async function startServer(
  listener: RequestListener,
  options: ServerOptions = {},
): Promise<TestServer> {
  const server = createServer({ keepAliveTimeout, ...options }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `http://127.0.0.1:${port}`,
    server,
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

// Keeps the connection for further requests, as most clients do.
const agent = new Agent({ keepAlive: true });

export function send(port: number, request: TestRequest): Promise<TestResponse> {
  const { method = 'GET', path, headers = {}, body, chunked = false } = request;
  return new Promise((resolve, reject) => {
    const outgoing = startRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      headers: {
        ...(headers as Record<string, string | string[]>),
        ...(body !== undefined && !chunked && { 'Content-Length': Buffer.byteLength(body) }),
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: joinLines(response.rawHeaders),
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.end(body);
  });
}

/** Writes bytes and reads until the server closes the connection: for requests that no HTTP client sends. */
export async function sendBytes(port: number, bytes: string): Promise<TestResponse> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.write(bytes, 'latin1');
  });
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = splitOnce(text, '\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: joinLines(lines.flatMap((line) => splitOnce(line, ': '))),
    body,
  };
}

/** Writes bytes and closes the connection without waiting for an answer. */
export async function sendAndHangUp(port: number, bytes: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, 'latin1', () => socket.destroy());
    });
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
  });
}

function joinLines(namesAndValues: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < namesAndValues.length; index += 2) {
    const name = (namesAndValues[index] as string).toLowerCase();
    const value = namesAndValues[index + 1] as string;
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

// An HTTP proxy on a free port that loses, delays and replaces answers on purpose, in front of a real server.

import { EventEmitter, once } from 'node:events';
import {
  createServer,
  request as startRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { keepAliveTimeout } from './http.js';

/** What happens to one request. */
export type Fault =
  /** Forwards the request, and cuts the connection in place of the answer. */
  | { readonly kind: 'lose' }
  /** Cuts the connection, and the server never sees the request. */
  | { readonly kind: 'cut' }
  /** Answers by itself. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type?: string;
      readonly body?: string;
    }
  /** Forwards the request, and answers when the promise resolves. */
  | { readonly kind: 'delay'; readonly until: Promise<unknown> };

export interface ProxiedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The status that the client has got; absent while it waits, or when the connection was cut. */
  status?: number;
  /** Its connection was closed before it had an answer. */
  isLeft?: true;
}

export interface FaultyProxy {
  readonly origin: string;
  /** All requests that came, in order. */
  readonly requests: readonly ProxiedRequest[];
  /** Those to a path, whatever their query. */
  requestsTo(path: string): readonly ProxiedRequest[];
  /** What happens to the next requests to a path: one fault for each. */
  next(path: string, ...faults: readonly Fault[]): void;
  /** What happens to every request, from now on. `undefined`: nothing. */
  always(fault: Fault | undefined): void;
  /** Resolves when as many requests to a path have come, counted from now. */
  arrived(path: string, count?: number): Promise<void>;
  /**
   * Resolves when the client has left a request without its answer. Until then a browser that has aborted the request may still take
   * the answer, and its cookie.
   */
  left(request: ProxiedRequest | undefined): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultyProxy(listener: RequestListener): Promise<FaultyProxy> {
  const target = await listen(createServer({ keepAliveTimeout }, listener));
  const requests: ProxiedRequest[] = [];
  const faults = new Map<string, Fault[]>();
  const waiting: { readonly path: string; count: number; readonly come: () => void }[] = [];
  const departures = new EventEmitter();
  let permanent: Fault | undefined;

  const server = await listen(
    createServer({ keepAliveTimeout }, (request, response) => {
      void serve(request, response);
    }),
  );

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const entry: ProxiedRequest = { method, path, headers, body: Buffer.concat(chunks).toString() };
    requests.push(entry);
    response.once('finish', () => {
      entry.status = response.statusCode;
    });
    response.once('close', () => {
      if (response.writableFinished) return;
      entry.isLeft = true;
      departures.emit('left');
    });
    const fault = faults.get(pathOf(path))?.shift() ?? permanent;
    for (const one of waiting) if (one.path === pathOf(path) && --one.count === 0) one.come();
    if (fault?.kind === 'cut') {
      request.socket.destroy();
    } else if (fault?.kind === 'answer') {
      response.writeHead(fault.status, { 'Content-Type': fault.type ?? 'text/html' });
      response.end(fault.body ?? '<!doctype html><title>An answer of a proxy</title>');
    } else {
      await forward(entry, Buffer.concat(chunks), response, fault);
    }
  }

  /** Reads the whole answer first, so that no byte of it leaves too early. */
  function forward(
    { method, path, headers }: ProxiedRequest,
    body: Buffer,
    response: ServerResponse,
    fault: Extract<Fault, { kind: 'lose' | 'delay' }> | undefined,
  ): Promise<void> {
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: portOf(target), method, path, headers };
      const outgoing = startRequest(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          void pass(answer, Buffer.concat(chunks));
        });
      });
      outgoing.once('error', () => {
        response.destroy();
        resolve();
      });
      outgoing.end(body);

      async function pass({ statusCode = 500, rawHeaders }: IncomingMessage, content: Buffer) {
        if (fault?.kind === 'delay') await fault.until;
        if (fault?.kind === 'lose') response.destroy();
        else response.writeHead(statusCode, rawHeaders).end(content);
        resolve();
      }
    });
  }

  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    requests,
    requestsTo: (path) => requests.filter((request) => pathOf(request.path) === path),
    next(path, ...more) {
      faults.set(path, [...(faults.get(path) ?? []), ...more]);
    },
    always(fault) {
      permanent = fault;
    },
    arrived: (path, count = 1) =>
      new Promise((come) => {
        waiting.push({ path, count, come });
      }),
    async left(request) {
      const isLeft = () => request?.isLeft === true;
      while (!isLeft()) await once(departures, 'left');
    },
    async close() {
      for (const one of [server, target]) {
        const closed = new Promise((resolve) => {
          one.close(resolve);
        });
        one.closeAllConnections();
        await closed;
      }
    },
  };
}

/** A fault that delays until the test says so. */
export function delayed(): { readonly fault: Fault; release(): void } {
  let release!: () => void;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { fault: { kind: 'delay', until }, release };
}

function pathOf(path: string): string {
  return path.split('?')[0] as string;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

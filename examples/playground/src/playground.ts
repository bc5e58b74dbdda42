// Puts the playground together: the application, the tap around it, the stream, the controls, and the pages.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { createApplication, type Framework } from './app.js';
import { control, type World } from './controls.js';
import { files, headers } from './files.js';
import { createPhone } from './phone.js';
import { createStream, type Row } from './stream.js';
import { createTap, type TapOptions } from './tap.js';
import { createThief } from './thief.js';

export interface PlaygroundOptions extends TapOptions {
  readonly framework: Framework;
  /** 0 takes a free one. */
  readonly port: number;
  /** In seconds. 0 shows what happens without it: the two tabs of a story are then taken for a theft. */
  readonly reuseInterval?: number;
}

export interface Playground {
  /** `http://localhost:port`: browsers keep `Secure` cookies from `localhost` without TLS. */
  readonly url: string;
  /** Ports of the page, the phone and the thief. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

const accessTokenLifetime = 300;

/** Starts the playground on loopback ports: one for the page and its tabs, one for the phone, one for the thief. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { framework, port, reuseInterval = 30, onToken } = options;
  let offset = 0;
  const clock = () => Date.now() + offset;
  const stream = createStream(clock);

  function begin() {
    const app = createApplication({
      framework,
      clock,
      accessTokenLifetime,
      reuseInterval,
      onRecords: (records) => stream.publish({ type: 'store', records }),
    });
    stream.publish({ type: 'start', framework, accessTokenLifetime, reuseInterval });
    return { app, tap: createTap(app.listener, stream, { onToken }) };
  }

  let current = begin();
  const pass = (row: Row | undefined) => (request: IncomingMessage, response: ServerResponse) =>
    current.tap.handle(row, request, response);

  const [page, forPhone, forThief] = await Promise.all([
    listen(port, (request, response) => {
      // The page, its parts and its controls; all else is a request to the application.
      if (!answerFile(request, response)) route(request, response);
    }),
    listen(0, pass('phone')),
    listen(0, pass('thief')),
  ]);
  const connect = () => ({
    phone: createPhone(`http://127.0.0.1:${portOf(forPhone)}`),
    thief: createThief(portOf(forThief)),
  });
  let others = connect();

  const world: World = {
    stream,
    get app() {
      return current.app;
    },
    get tap() {
      return current.tap;
    },
    get phone() {
      return others.phone;
    },
    get thief() {
      return others.thief;
    },
    advance(seconds) {
      offset += seconds * 1_000;
      stream.publish({ type: 'advance', seconds });
    },
    async startOver() {
      others.phone.close();
      current.tap.close();
      await current.app.close();
      offset = 0;
      stream.clear();
      current = begin();
      others = connect();
    },
  };

  function route(request: IncomingMessage, response: ServerResponse): void {
    const [, verb] = /^\/playground\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (verb === undefined) pass(undefined)(request, response);
    else if (verb === 'stream') stream.serve(request, response);
    else void control(world, verb, request, response);
  }

  return {
    url: `http://localhost:${portOf(page)}`,
    ports: [page, forPhone, forThief].map(portOf),
    async close() {
      others.phone.close();
      current.tap.close();
      stream.close();
      await Promise.all([page, forPhone, forThief].map(close));
      await current.app.close();
    },
  };
}

/** @returns whether the request asked for a file. */
function answerFile({ method, url }: IncomingMessage, response: ServerResponse): boolean {
  const file = method === 'GET' ? files.get(url ?? '') : undefined;
  if (file !== undefined) {
    response.writeHead(200, { ...headers, 'Content-Type': file.type });
    response.end(file.content);
  }
  return file !== undefined;
}

/**
 * Listens on a loopback port, and answers requests with a loopback `Host` only: a page of another site can give its own name this
 * address (DNS rebinding), and would then be of the same origin.
 */
async function listen(port: number, listener: RequestListener): Promise<Server> {
  const server = createServer((request, response) => {
    const host = request.headers.host ?? '';
    if (/^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host)) listener(request, response);
    else
      response.writeHead(421, { 'Content-Type': 'text/plain' }).end('Not a name of this server.');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}

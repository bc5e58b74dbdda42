// Koa behind koa-websocket, whose contexts have a socket and no response; and @koa/router, which cannot mount the endpoints.

import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect, type AddressInfo } from 'node:net';

import { Router } from '@koa/router';
import { issueTokenPair } from '@tokenpair/core';
import { authErrors, bearer, tokenEndpoints } from '@tokenpair/koa';
import Koa from 'koa3';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

// It has no types.
type WithSockets = Koa & { readonly ws: Pick<Koa, 'use'> };
const withSockets = createRequire(__filename)('koa-websocket') as (app: Koa) => WithSockets;

const { tokens } = createTestIssuer();

/** Opens a WebSocket, and reads the first frame that the server sends: its code and its reason or text. */
async function openSocket(port: number, token?: string) {
  const socket = connect(port, '127.0.0.1');
  const credential = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  socket.write(
    `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${credential}\r\n`,
  );
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n');
    const frame = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4);
    if (frame.length >= 2 && frame.length >= 2 + (frame[1] as number)) {
      socket.destroy();
      const isClose = frame[0] === 0x88;
      return isClose
        ? { code: frame.readUInt16BE(2), reason: frame.subarray(4).toString() }
        : { text: frame.subarray(2).toString() };
    }
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
  }
}

async function listen(middleware: readonly Koa.Middleware[]): Promise<Server> {
  const app = withSockets(new Koa());
  for (const one of middleware) app.ws.use(one);
  app.ws.use((ctx) => {
    const { websocket } = ctx as unknown as { readonly websocket: { send(text: string): void } };
    websocket.send('hello');
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const auth = bearer(tokens.verifier);
describe('a WebSocket of koa-websocket', () => {
  test.each([
    ['bearer', [auth]],
    ['a guard', [auth.scopes('orders:read')]],
    [
      'authErrors',
      [authErrors(), bearer(tokens.verifier, { onError: 'throw' })] as readonly Koa.Middleware[],
    ],
  ] as const)('is closed with a reason when %s refuses it', async (_what, middleware) => {
    const server = await listen(middleware);
    try {
      const { port } = server.address() as AddressInfo;
      expect(await openSocket(port)).toEqual({ code: 1008, reason: 'token_missing' });
      expect(await openSocket(port, 'a.b.c')).toEqual({ code: 1008, reason: 'token_invalid' });
      const { accessToken } = await issueTokenPair(tokens, {
        subject: 'u_1',
        scope: 'orders:read',
      });
      expect(await openSocket(port, accessToken)).toEqual({ text: 'hello' });
      expect(server.listening).toBe(true);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

test('a WebSocket is closed with another code when the check failed to run', async () => {
  const broken = auth.check(() => {
    throw new Error('the permission service is down');
  });
  const server = await listen([broken]);
  try {
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { port } = server.address() as AddressInfo;
    expect(await openSocket(port, accessToken)).toEqual({
      code: 1013,
      reason: 'temporarily_unavailable',
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

describe('the endpoints and @koa/router', () => {
  test.each([
    [
      'router.use(path, endpoints)',
      (router: Router, one: Koa.Middleware) => router.use('/auth', one),
    ],
    ['router.use(endpoints)', (router: Router, one: Koa.Middleware) => router.use(one)],
  ] as const)('do not fit as %s, and the error says what to write', (_how, use) => {
    const endpoints = tokenEndpoints(tokens);
    expect(() => use(new Router(), endpoints)).toThrow(
      /^router\.use.* never answers: .*app\.use\(tokenEndpoints\(tokens, \{ mount: '\/auth' \}\)\)/,
    );
  });

  test('work together as the error says, and on a route of the router', async () => {
    const router = new Router();
    router.all('/inside/{*path}', tokenEndpoints(tokens, { mount: '/inside' }));
    const app = new Koa();
    app.use(tokenEndpoints(tokens, { mount: '/auth' })).use(router.routes());
    for (const mount of ['/auth', '/inside']) {
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      await request(toListener(app))
        .post(`${mount}/refresh`)
        .send({ refresh_token: refreshToken })
        .expect(200);
    }
  });
});

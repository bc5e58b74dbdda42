// The server of client.mjs, in a process of Node.js: `client-server.mjs express|koa`. It prints its address. A POST to /test/expire lets
// every access token expire, one to /test/lose lets the answer to the next refresh get lost, and one to
// /test/seen changes nothing. Both answer what requests came. /away redirects to another origin.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import {
  createTokenIssuer,
  listSessions,
  MemorySessionStore,
  reauthenticated,
} from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import express from 'express';
import Koa from 'koa';

let seconds = 0;
let losesNext = false;
/** @type {string[]} */
const events = [];
/** @type {string[]} */
const paths = [];

const tokens = createTokenIssuer({
  issuer: 'https://login.example',
  audience: 'https://login.example',
  keys: [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32) }],
  refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
  accessTokenLifetime: '5m',
  clockTolerance: 0,
  store: new MemorySessionStore(),
  clock: () => Date.now() + seconds * 1_000,
  onEvent: ({ type }) => events.push(type),
});
const grant = { subject: 'ada' };
const refusedLogin = { code: 'login_failed', action: 'login' };
const isWrong = (/** @type {unknown} */ password) => password !== 'right';

/** @type {Record<string, () => import('node:http').RequestListener>} */
const apps = {
  express() {
    const auth = onExpress.bearer(tokens.verifier);
    const endpoints = onExpress.tokenEndpoints(tokens, { transport: 'body' });
    const app = express();
    app.post('/login', async (req, res) => {
      if (isWrong(req.query['password'])) res.status(401).json(refusedLogin);
      else await endpoints.login(req, res, grant);
    });
    app.post('/step-up', auth, async (req, res) => {
      const { sessionId = '' } = auth.of(req);
      endpoints.send(req, res, await reauthenticated(tokens, { sessionId }));
    });
    app.use('/auth', endpoints);
    app.get('/me', auth, (req, res) => {
      res.json({ id: auth.of(req).subject });
    });
    app.get('/fresh', auth, auth.fresh('5m'), (_req, res) => {
      res.json({});
    });
    return app;
  },
  koa() {
    const auth = onKoa.bearer(tokens.verifier);
    const isFresh = auth.fresh('5m');
    const endpoints = onKoa.tokenEndpoints(tokens, { mount: '/auth', transport: 'body' });
    const app = new Koa();
    app.silent = true;
    app.use(endpoints);
    app.use(async (ctx, next) => {
      if (ctx.path !== '/login') await auth(ctx, next);
      else if (isWrong(ctx.query['password']))
        Object.assign(ctx, { status: 401, body: refusedLogin });
      else await endpoints.login(ctx, grant);
    });
    app.use(async (ctx, next) => {
      if (ctx.path === '/fresh') await isFresh(ctx, next);
      else await next();
    });
    app.use(async (ctx) => {
      const { subject, sessionId = '' } = auth.of(ctx);
      if (ctx.path === '/step-up') {
        endpoints.send(ctx, await reauthenticated(tokens, { sessionId }));
      } else ctx.body = { id: subject };
    });
    const handle = app.callback();
    return (req, res) => void handle(req, res);
  },
};

const app = apps[process.argv[2] ?? '']?.();
if (!app) throw new Error('client-server.mjs express|koa');

const countIn = (/** @type {string[]} */ all, /** @type {string} */ name) =>
  all.filter((one) => one === name).length;

/** @type {(path: string) => Promise<object>} */
async function answerTest(path) {
  if (path === '/test/expire') seconds += 301;
  if (path === '/test/lose') losesNext = true;
  return {
    refreshes: countIn(paths, '/auth/refresh'),
    logouts: countIn(paths, '/auth/logout'),
    reused: countIn(events, 'refresh.reused'),
    sessions: (await listSessions(tokens, grant.subject)).length,
  };
}

/** Another origin. It says which header it has got. */
const elsewhere = createServer(({ headers }, response) => {
  response.end(JSON.stringify({ authorization: headers.authorization ?? 'none' }));
});

const server = createServer((request, response) => {
  const { url = '' } = request;
  if (url.startsWith('/test/')) {
    void answerTest(url).then((seen) => response.end(JSON.stringify(seen)));
    return;
  }
  if (url === '/away') {
    response.writeHead(307, { Location: originOf(elsewhere) }).end();
    return;
  }
  paths.push(url);
  if (losesNext && url === '/auth/refresh') {
    losesNext = false;
    // The session has rotated when the answer is sent. Its first bytes arrive: without any, Deno sends the request again by itself.
    response.end = () => {
      response.write('{', () => request.socket.destroy());
      return response;
    };
  }
  app(request, response);
});
/** @type {(of: import('node:http').Server) => string} */
function originOf(of) {
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (of.address()).port}`;
}

for (const one of [elsewhere, server]) {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
}
console.log(originOf(server));

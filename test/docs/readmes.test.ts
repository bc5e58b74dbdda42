// Runs the snippets of the READMEs, word for word: an application that verifies tokens, and one that issues them, on both frameworks.

import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import * as core from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import { transform } from '@swc/core';
import express from 'express5';
import Koa from 'koa3';
import supertest from 'supertest';

import { createKeyPair } from '../support/keys.js';
import { toListener } from '../support/koa-listener.js';

const root = join(__dirname, '../..');
const { privateKey, publicKey } = createKeyPair('ES256');
const files: Readonly<Record<string, string | Buffer>> = {
  'public.pem': String(publicKey.export({ type: 'spki', format: 'pem' })),
  'private.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  'refresh.key': Buffer.alloc(32, 7),
};

/** What the snippets declare and leave to the reader. */
const declared = {
  checkPassword: async (name: string, password: string) => (password === 'good' ? name : undefined),
  roleOf: async () => 'admin',
};

/** Runs a snippet, and returns the application that it makes. */
async function run(snippet: string): Promise<RequestListener> {
  const { code } = await transform(snippet, {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const made: RequestListener[] = [];
  const recordedExpress = Object.assign(() => {
    const app = express();
    made.push(app);
    return app;
  }, express);
  class RecordedKoa extends Koa {
    constructor() {
      super();
      made.push((req, res) => toListener(this)(req, res));
    }
  }
  const packages: Readonly<Record<string, unknown>> = {
    '@tokenpair/core': core,
    '@tokenpair/express': onExpress,
    '@tokenpair/koa': onKoa,
    express: { __esModule: true, default: recordedExpress },
    koa: { __esModule: true, default: RecordedKoa },
    'node:fs': { readFileSync: (name: string) => files[name] },
  };
  const nodeRequire = createRequire(__filename);
  const find = (name: string) => packages[name] ?? nodeRequire(name);
  // oxlint-disable-next-line typescript/no-implied-eval -- the code is that of the page
  new Function('exports', 'require', ...Object.keys(declared), code)(
    {},
    find,
    ...Object.values(declared),
  );
  expect(made).toHaveLength(1);
  return made[0] as RequestListener;
}

async function snippetsOf(page: string, has: string): Promise<[string, string][]> {
  const text = await readFile(join(root, page), 'utf8');
  const snippets = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => String(code));
  return snippets.filter((code) => code.includes(has)).map((code) => [page, code]);
}

const login = core.createTokenIssuer({
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  keys: [{ kid: '2026-11', algorithm: 'ES256', privateKey }],
  refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 9) }],
  store: new core.MemorySessionStore(),
});

async function tokenWith(scope: string): Promise<string> {
  const { accessToken } = await core.issueTokenPair(login, { subject: 'u_1', scope });
  return `Bearer ${accessToken}`;
}

test('the snippets that verify tokens let a good token pass, and no request without one', async () => {
  const snippets = await snippetsOf('README.md', "auth.scopes('orders:read')");
  expect(snippets).toHaveLength(2);
  for (const [, snippet] of snippets) {
    const client = supertest(await run(snippet));
    const path = snippet.includes('/api/me') ? '/api/me' : '/me';
    await client
      .get(path)
      .expect(401)
      .expect('www-authenticate', /^Bearer realm="api"/);
    const authorization = await tokenWith('orders:read');
    await client.get(path).set('Authorization', authorization).expect(200, { id: 'u_1' });
    await client.get('/orders').set('Authorization', authorization).expect(200, []);
    const without = await tokenWith('');
    await client.get('/orders').set('Authorization', without).expect(403);
  }
});

test('the snippets that issue tokens sign in, refresh and log out', async () => {
  const pages = ['README.md', 'packages/express/README.md', 'packages/koa/README.md'];
  const found = await Promise.all(pages.map((page) => snippetsOf(page, "'/login'")));
  const snippets = found.flat();
  expect(new Set(snippets.map(([page]) => page))).toEqual(new Set(pages));
  for (const [, snippet] of snippets) {
    const client = supertest(await run(snippet));
    const credentials = { username: 'u_1', password: 'good' };
    const { body: first } = await client.post('/login').send(credentials).expect(200);
    await client.get('/me').expect(401);
    const me = await client.get('/me').auth(first.access_token, { type: 'bearer' });
    // One of them ends with the guard, and has no route behind it.
    const hasRoute = snippet.includes("'/me'");
    expect([me.status, me.body]).toEqual(hasRoute ? [200, { id: 'u_1' }] : [404, {}]);
    const { body: next } = await client
      .post('/auth/refresh')
      .send({ refresh_token: first.refresh_token })
      .expect(200);
    await client.post('/auth/logout').send({ refresh_token: next.refresh_token }).expect(204);
    await client.post('/auth/refresh').send({ refresh_token: next.refresh_token }).expect(401);
  }
});

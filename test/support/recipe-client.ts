// What the recipes of the client run against: an API of ours, an origin that must get no token, and a client that is signed in.

import type { IncomingHttpHeaders, RequestListener } from 'node:http';

import { createClient, type Client, type TokenStorage } from '@tokenpair/client';
import { revokeSubject, type TokenIssuer } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import { createTestClock } from '@tokenpair/testing';
import express from 'express5';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/express';

import { createLogin } from '../../examples/express-login/src/app.js';
import { startServer, type TestServer } from './http.js';
import { runRecipe } from './recipe.js';

export interface Seen {
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface ClientWorld {
  /** Of the API; `mount` is its `/auth`. */
  readonly url: string;
  readonly mount: string;
  readonly server: TestServer;
  readonly client: Client;
  readonly tokens: TokenIssuer;
  /** An origin that the client does not know. */
  readonly foreign: { readonly url: string; readonly seen: readonly IncomingHttpHeaders[] };
  /** Signs a client in as a user of the example. */
  signIn(client: Client, username?: 'ada' | 'alan'): Promise<void>;
  /** Lets every access token expire. The client does not know: its clock goes on as before. */
  expire(): void;
  /** Ends the sessions of ada and alan, as a sign-out on another device does. */
  signOutElsewhere(): Promise<void>;
  /** The answers to requests to a path. */
  seen(path: string): readonly Seen[];
  close(): Promise<void>;
}

const passwords = { ada: 'lovelace', alan: 'turing' } as const;

/** @param more - routes of the test. */
export async function openClientWorld(
  more: (tokens: TokenIssuer) => RequestListener = () => express() as RequestListener,
): Promise<ClientWorld> {
  const clock = createTestClock(Date.now());
  const { app: login, tokens } = createLogin({
    accessTokenLifetime: '5m',
    refreshTokenLifetime: '30d',
    clock: clock.now,
  });
  const log: Seen[] = [];
  const schema = buildSchema('type Query { me: String }');
  const auth = bearer(tokens.verifier);
  const app = express();
  app.use((req, res, next) => {
    const [path = ''] = req.url.split('?');
    const { headers } = req;
    res.once('finish', () => log.push({ path, status: res.statusCode, headers }));
    next();
  });
  app.all('/graphql', auth, (req, res, next) => {
    const rootValue = { me: auth.of(req).subject };
    createHandler({ schema, rootValue })(req, res, next);
  });
  app.use(more(tokens) as express.RequestHandler);
  app.use(login as RequestListener as express.RequestHandler);

  const foreignSeen: IncomingHttpHeaders[] = [];
  const foreign = await startServer(({ headers }, response) => {
    foreignSeen.push(headers);
    response.end('{}');
  });
  const server = await startServer(app as RequestListener);
  const url = server.address;
  const mount = `${url}/auth`;
  const { memoryStorage } = await runRecipe<{ memoryStorage: () => TokenStorage }>('client.md', {
    under: 'Where it runs',
    exported: ['memoryStorage'],
  });
  const client = createClient({ mount, transport: 'body', storage: memoryStorage() });

  return {
    url,
    mount,
    server,
    client,
    tokens,
    foreign: { url: foreign.address, seen: foreignSeen },
    async signIn(one, username = 'ada') {
      const body = JSON.stringify({ username, password: passwords[username] });
      const headers = { 'Content-Type': 'application/json' };
      await one.signIn(() => fetch(`${url}/login`, { method: 'POST', headers, body }));
    },
    expire: () => clock.advance(301),
    async signOutElsewhere() {
      await Promise.all(['u_1', 'u_2'].map((user) => revokeSubject(tokens, user)));
    },
    seen: (path) => log.filter((one) => one.path === path),
    async close() {
      client.close();
      await Promise.all([server.close(), foreign.close()]);
    },
  };
}

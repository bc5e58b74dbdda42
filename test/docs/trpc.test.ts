// Runs the code of docs/trpc.md: the real client calls the procedures of the real server.

import type { RequestListener } from 'node:http';

import type { TRPCClientError } from '@trpc/client';

import { startServer, type TestServer } from '../support/http.js';
import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

interface Procedure<T> {
  query(): Promise<T>;
}
interface Program {
  readonly handler: RequestListener;
  readonly createClient: (url: string) => {
    readonly health: Procedure<string>;
    readonly me: Procedure<string>;
    readonly orders: Procedure<string[]>;
  };
}

const textOf = (bearer: string) => bearer.slice('Bearer '.length);

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error as TRPCClientError<never> & { data: unknown },
  );

describe('procedures of tRPC', () => {
  const api = makeApi();
  let server: TestServer;
  let client: ReturnType<Program['createClient']>;
  /** The access tokens that the client gets, one after each other. */
  let accessTokens: string[];
  let refreshes: number;

  beforeAll(async () => {
    const session = {
      getAccessToken: async () => textOf(accessTokens[0] as string),
      dropAccessToken: () => {
        accessTokens.shift();
        refreshes += 1;
      },
    };
    const program = await runRecipe<Program>('trpc.md', {
      modules: api.modules,
      given: { session },
      exported: ['handler', 'createClient'],
    });
    server = await startServer(program.handler);
    client = program.createClient(server.address);
  });

  afterAll(() => server.close());

  beforeEach(() => {
    refreshes = 0;
  });

  it('know who calls', async () => {
    accessTokens = [api.bearer({ sub: 'u_7', scope: 'orders:read' })];
    await expect(Promise.all([client.me.query(), client.orders.query()])).resolves.toEqual([
      'u_7',
      ['o_1'],
    ]);
  });

  it('let the client refresh once and repeat the call', async () => {
    accessTokens = [api.expired(), api.bearer({ sub: 'u_7' })];
    await expect(client.me.query()).resolves.toBe('u_7');
    expect(refreshes).toBe(1);
  });

  it('do not make the client refresh for ever', async () => {
    accessTokens = [api.expired(), api.expired(), api.expired()];
    const failure = await failureOf(client.me.query());
    expect(failure?.data).toMatchObject({
      httpStatus: 401,
      auth: { code: 'token_expired', action: 'refresh' },
    });
    expect(refreshes).toBe(1);
  });

  it('answer a missing scope with 403 and without a refresh', async () => {
    accessTokens = [api.bearer()];
    const failure = await failureOf(client.orders.query());
    expect(failure?.data).toMatchObject({
      code: 'FORBIDDEN',
      httpStatus: 403,
      auth: { code: 'scope_insufficient', action: 'fix' },
    });
    expect(refreshes).toBe(0);
  });

  it('answer without a token when they are public', async () => {
    accessTokens = [api.expired()];
    await expect(client.health.query()).resolves.toBe('ok');
  });

  it('send the challenge', async () => {
    const response = await fetch(`${server.address}/me`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(await response.text()).toMatch('"auth":{"code":"token_missing","action":"login"}');
  });
});

// A newcomer's half hour: the likely mistakes, one after the other, each of which must lead to a message that names the cure. What
// each of them does in detail is tested beside the code that says it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  loadedKeySet,
  MemorySessionStore,
  verifyBearer,
  type AuthError,
  type BearerSource,
  type TokenIssuerOptions,
  type TokenpairEvent,
} from '@tokenpair/core';
import { bearer, tokenEndpoints } from '@tokenpair/express';
import { RedisSessionStore } from '@tokenpair/redis';
import { createTokenBuilder } from '@tokenpair/testing';
import express from 'express5';
import { Redis } from 'ioredis6';
import { createClient } from 'redis6';

import { send, startServer, type TestRequest } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { createKeyPair } from '../support/keys.js';

const secret = 'a secret of a newcomer that is long enough for it';
const issuerOptions: TokenIssuerOptions = {
  issuer: 'https://issuer.test',
  audience: 'https://api.test',
  keys: [{ kid: '1', algorithm: 'HS256', secret }],
  refreshKeys: [{ kid: '1', secret: `another ${secret}` }],
  store: new MemorySessionStore(),
};
const createIssuer = (options: object) => createTokenIssuer({ ...issuerOptions, ...options });

const pem = String(createKeyPair('ES256').publicKey.export({ type: 'spki', format: 'pem' }));
const onOneLine = pem.replaceAll('\n', String.raw`\n`);

/** Mistakes that are refused at once. */
const refused: readonly [string, () => unknown, RegExp][] = [
  [
    'a PEM whose line breaks are two characters',
    () =>
      createTokenVerifier({
        issuer: 'a',
        audience: 'b',
        keys: [{ kid: '1', algorithm: 'ES256', publicKey: onOneLine }],
      }),
    /line breaks/,
  ],
  [
    'a client of node-redis in place of the options',
    () => new RedisSessionStore(createClient() as never),
    /new RedisSessionStore\(\{ client \}\)/,
  ],
  [
    'a client of ioredis in place of the options',
    () => new RedisSessionStore(new Redis({ lazyConnect: true })),
    /new RedisSessionStore\(\{ client \}\)/,
  ],
  ['a lifetime of a fraction', () => createIssuer({ accessTokenLifetime: 0.3 }), /whole seconds/],
  [
    'a lifetime in milliseconds',
    () => createIssuer({ accessTokenLifetime: 15 * 60 * 1_000 }),
    /milliseconds/,
  ],
  [
    'an idle lifetime above the absolute one',
    () => createIssuer({ idleLifetime: '91d', absoluteLifetime: '90d' }),
    /shorten it, or set a longer absoluteLifetime/,
  ],
  [
    'one secret for both kinds of keys',
    () => createIssuer({ refreshKeys: [{ kid: '1', secret }] }),
    /has the secret of the key '1' in keys/,
  ],
  ...(
    [
      ['allowedOrigins', { allowedOrigins: ['https://app.test'] }],
      ['cookie', { cookie: { path: '/auth' } }],
    ] as const
  ).map(([name, options]): [string, () => unknown, RegExp] => [
    `${name} without the cookie`,
    () => tokenEndpoints(createIssuer({}), options),
    new RegExp(`${name}.*transport`),
  ]),
];

const builder = createTokenBuilder();
const good = builder.bearer({});
const jwt = good.slice('Bearer '.length);

/** Requests without a token where it is looked for. */
const misplaced: readonly [string, BearerSource, RegExp][] = [
  ['a bare token as text', jwt, /Pass `Bearer/],
  ['a bare token in the header', { headers: { authorization: jwt } }, /without a scheme/],
  ['the scheme JWT', { headers: { authorization: `JWT ${jwt}` } }, /another scheme/],
  ['the query', { headers: {}, url: `/?access_token=${jwt}` }, /parameter of the URL/],
];

describe('a likely mistake', () => {
  it.each(refused)('is refused with its cure: %s', (_mistake, make, cure) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(cure);
  });

  it('is not a fraction of a second where it makes sense', () => {
    expect(() => createIssuer({ deadline: 0.3 })).not.toThrow();
    expect(() => loadedKeySet(async () => [], { cooldown: 0.1 })).not.toThrow();
  });

  it.each(misplaced)('is hinted at in the event: %s', async (_mistake, source, cure) => {
    const events: TokenpairEvent[] = [];
    const { issuer, audience, keys } = builder;
    const onEvent = (event: TokenpairEvent) => events.push(event);
    const verifier = createTokenVerifier({ issuer, audience, keys, onEvent });
    await expect(verifyBearer(verifier, source)).rejects.toMatchObject({ code: 'token_missing' });
    expect(events).toMatchObject([{ hint: expect.stringMatching(cure) }]);
  });

  it('is not the case of a header name', async () => {
    const { issuer, audience, keys } = builder;
    const verifier = createTokenVerifier({ issuer, audience, keys });
    for (const headers of [{ Authorization: good }, { AUTHORIZATION: good }]) {
      await expect(verifyBearer(verifier, { headers })).resolves.toMatchObject({});
    }
  });

  it('is not the clock of an API that is behind, and a token of tomorrow says when to come back', async () => {
    const { issuer, audience, keys } = builder;
    const verifier = createTokenVerifier({ issuer, audience, keys, onEvent: () => {} });
    const soon = Math.floor(Date.now() / 1_000) + 100;
    await verifyBearer(verifier, builder.bearer({ iat: soon }));
    const early = verifyBearer(verifier, builder.bearer({ nbf: soon }));
    await expect(early).rejects.toMatchObject({ code: 'token_not_active', action: 'retry' });
    const { headers } = (await early.catch((error: unknown) => error)) as AuthError;
    expect(headers['Retry-After']).toMatch(/^\d+$/);
  });
});

/** An application with a cookie mount, and `bearer` in front of everything if `guarded`. */
async function request(what: TestRequest, guarded = false) {
  const { tokens, clock, events, refusals } = createTestIssuer();
  const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });
  const app = express();
  if (guarded) app.use(bearer(tokens.verifier));
  app.use('/auth', endpoints);
  app.post('/login', (req, res) => void endpoints.login(req, res, { subject: 'u_1' }));
  clock.advance(3_600);
  const server = await startServer(app);
  try {
    const authorization = `Bearer ${accessToken}`;
    const headers = { ...(guarded && { authorization }), ...what.headers };
    const answer = await send(server.port, { method: 'POST', ...what, headers });
    const body = answer.body === '' ? {} : (JSON.parse(answer.body) as object);
    return { status: answer.status, body, heard: [...events, ...refusals] };
  } finally {
    await server.close();
  }
}

const ownPage = { 'sec-fetch-site': 'same-origin' };

describe('a likely mistake over HTTP', () => {
  it('is answered with its cure: a body for a mount that takes the cookie', async () => {
    const { status, body } = await request({
      path: '/auth/refresh',
      headers: { ...ownPage, 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: 'x' }),
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error_description: expect.stringContaining('from the cookie here, not from the body'),
    });
  });

  it('is heard with its cure: an origin that is not allowed', async () => {
    const origin = 'https://app.test';
    const { status, heard } = await request({ path: '/auth/refresh', headers: { origin } });
    expect(status).toBe(403);
    const hint = expect.stringContaining('allowedOrigins') as string;
    expect(heard.at(-1)).toMatchObject({ code: 'origin_refused', origin, hint });
  });

  it('is heard with its cure: a cookie over plain http on another name than localhost', async () => {
    Reflect.deleteProperty(globalThis, Symbol.for('tokenpair.warned.TOKENPAIR_COOKIE_OVER_HTTP'));
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const headers = { 'user-agent': 'Mozilla/5.0', 'x-requested-with': 'x', host: '192.0.2.1' };
    expect(await request({ path: '/login', headers })).toMatchObject({ status: 200 });
    const warned = warn.mock.calls.map(([message]) => String(message));
    warn.mockRestore();
    expect(warned).toEqual([expect.stringContaining('Use https')]);
  });

  it('is heard with its cure: a guard in front of the endpoints', async () => {
    const { status, heard } = await request({ path: '/auth/refresh', headers: ownPage }, true);
    expect(status).toBe(401);
    const hint = expect.stringContaining('Mount tokenEndpoints before') as string;
    expect(heard.at(-1)).toMatchObject({ code: 'token_expired', hint });
  });
});

const root = join(__dirname, '../..');

describe('the pages for a newcomer', () => {
  it('say at origin_refused what a browser and what a program must do', async () => {
    const page = await readFile(join(root, 'docs/errors.md'), 'utf8');
    const [, section = ''] = page.split('origin_refused`\n', 2);
    const [text = ''] = section.split('\n## ', 1);
    expect(text).toContain('`allowedOrigins`');
    expect(text).toContain('`X-Requested-With`');
  });
});

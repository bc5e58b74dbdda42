import type { RequestListener } from 'node:http';

import cors from '@koa/cors';
import { AuthError, issueTokenPair, type VerifiedToken } from '@tokenpair/core';
import { authErrors, bearer, tokenEndpoints, type AuthState } from '@tokenpair/koa';
import Koa2 from 'koa2';
import Koa3 from 'koa3';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';
import { describeAdapter } from './adapter-contract.js';
import { createKoaApp, plainRouting } from './koa-app.js';

describeAdapter('Koa 2', (parts) =>
  // Its types differ from those of Koa 3; what we use of it is the same.
  createKoaApp(Koa2 as unknown as typeof Koa3, plainRouting, parts),
);
describeAdapter('Koa 3', (parts) => createKoaApp(Koa3, plainRouting, parts));

describe.each([
  ['Koa 2', Koa2 as unknown as typeof Koa3],
  ['Koa 3', Koa3],
])('what only %s has', (_name, Koa) => {
  const { tokens } = createTestIssuer();
  const auth = bearer(tokens.verifier);
  let app: Koa3;
  const listener = (): RequestListener => toListener(app);

  beforeEach(() => {
    app = new Koa();
    app.silent = true;
  });

  test('keeps headers that @koa/cors has set on a refusal, and on one of the endpoints', async () => {
    app.use(cors({ origin: 'https://app.test', exposeHeaders: 'WWW-Authenticate' }));
    app.use(tokenEndpoints(tokens, { mount: '/auth' })).use(auth);
    for (const path of ['/', '/auth/refresh']) {
      const { status, headers } = await request(listener())
        .post(path)
        .set('Origin', 'https://app.test');
      expect(status).toBe(401);
      expect(headers).toMatchObject({
        'access-control-allow-origin': 'https://app.test',
        'access-control-expose-headers': 'WWW-Authenticate',
        'www-authenticate': 'Bearer realm="api"',
      });
    }
  });

  test('turns no error behind a guard into a refusal', async () => {
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const authenticated = () => request(listener()).get('/').auth(accessToken, { type: 'bearer' });
    const errors: unknown[] = [
      new TypeError('broken'),
      Object.assign(new Error(), { status: 418 }),
    ];
    app.on('error', (error: unknown) => errors.push(error));
    app.use(authErrors()).use(auth);
    app.use(() => {
      throw errors.shift();
    });
    const answers = [await authenticated(), await authenticated()];
    expect(answers.map(({ status }) => status)).toEqual([500, 418]);
    for (const { headers } of answers) expect(headers).not.toHaveProperty('www-authenticate');
  });

  test('leaves a refusal that is thrown to Koa, which answers it with its status and headers', async () => {
    app.use(bearer(tokens.verifier, { onError: 'throw' }));
    const { status, headers, text } = await request(listener()).get('/');
    expect({ status, text }).toEqual({ status: 401, text: 'No bearer access token was sent.' });
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer realm="api"',
      'cache-control': 'no-store',
    });
  });

  test('throws the typed error, so that other middleware can catch it', async () => {
    const caught: unknown[] = [];
    app.use(async (_ctx, next) => next().catch((error: unknown) => void caught.push(error)));
    app.use(bearer(tokens.verifier, { onError: 'throw' }));
    await request(listener()).get('/').expect(404);
    expect(caught).toEqual([expect.objectContaining({ code: 'token_missing', action: 'login' })]);
    expect(caught[0]).toBeInstanceOf(AuthError);
  });

  test('leaves 404 to Koa for paths of no endpoint', async () => {
    const endpoints = tokenEndpoints(tokens, { mount: '/auth', url: 'https://issuer.test/auth' });
    app.use(endpoints).use(endpoints.wellKnown);
    for (const path of ['/', '/auth', '/auth/', '/auth/other', '/authentic/refresh', '/refresh']) {
      await request(listener()).post(path).expect(404, 'Not Found');
    }
  });

  test('has the token in ctx.state.auth, and without one where it is optional, nothing', async () => {
    app.use(bearer(tokens.verifier, { optional: true }));
    app.use((ctx) => {
      const { auth: token } = ctx.state as AuthState<VerifiedToken | undefined>;
      ctx.body = { subject: token?.subject ?? null };
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await request(listener())
      .get('/')
      .auth(accessToken, { type: 'bearer' })
      .expect({ subject: 'u_1' });
    await request(listener()).get('/').expect({ subject: null });
  });

  test('throws when of is called for a request that bearer has not verified', async () => {
    app.on('error', (error: Error) => expect(error.message).toContain('put it in front'));
    app.use((ctx) => {
      ctx.body = auth.of(ctx);
    });
    await request(listener()).get('/').expect(500);
    expect.assertions(1);
  });

  const withOptions = (options: object) => () => tokenEndpoints(tokens, options);

  test('refuses options that are not its own, by name', () => {
    for (const mount of ['auth', '/auth/', '/', '/a?b', '//']) {
      expect(withOptions({ mount })).toThrow(/^mount must be/);
    }
    expect(withOptions({ onError: 'next' })).toThrow(/^onError must be/);
    expect(withOptions({ transports: 'cookie' })).toThrow('transports');
  });
});

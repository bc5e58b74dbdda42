// Tests examples/existing-express-app: tokenpair guards its routes, and the rest of the application works as before.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import request from 'supertest';

import { createApp } from '../../examples/existing-express-app/src/app.js';
import { createTestIssuer, type TestIssuer } from '../support/issuer.js';

const origin = 'https://shop.example';
let issuer: TestIssuer;
let app: ReturnType<typeof createApp>;

beforeEach(() => {
  issuer = createTestIssuer({
    claims: (subject) => ({ role: subject === 'u_ada' ? 'admin' : 'user' }),
  });
  app = createApp(issuer.tokens);
});

async function signIn(username: string): Promise<string> {
  const { body } = await request(app).post('/login').send({ username }).expect(200);
  return (body as { access_token: string }).access_token;
}

describe('existing-express-app', () => {
  test('guards a whole router', async () => {
    const token = await signIn('alan');
    await request(app).get('/account').expect(401);
    await request(app)
      .get('/account')
      .auth(token, { type: 'bearer' })
      .expect(200, { id: 'u_alan' });
    const { body } = await request(app).get('/account/articles').auth(token, { type: 'bearer' });
    expect(body).toEqual({ articles: [] });
  });

  test('guards single routes and leaves the others open', async () => {
    await request(app).get('/articles').expect(200);
    await request(app).post('/articles').send({ title: 'x' }).expect(401);
    await request(app).delete('/articles/1').expect(401);

    const alan = await signIn('alan');
    const written = await request(app)
      .post('/articles')
      .auth(alan, { type: 'bearer' })
      .send({ title: 'On computable numbers' })
      .expect(201);
    expect(written.body).toMatchObject({ author: 'u_alan' });
    await request(app).delete('/articles/1').auth(alan, { type: 'bearer' }).expect(403);
    const ada = await signIn('ada');
    await request(app).delete('/articles/1').auth(ada, { type: 'bearer' }).expect(204);
    const { body } = await request(app).get('/articles');
    expect(body).toEqual({ articles: [written.body] });
  });

  test('answers a refusal in its own format, with the challenge and the CORS headers', async () => {
    const answer = await request(app).get('/account').set('Origin', origin).expect(401);
    expect(answer.body).toEqual({
      error: {
        message: 'No bearer access token was sent.',
        code: 'token_missing',
        action: 'login',
      },
    });
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="api"',
      'cache-control': 'no-store',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'WWW-Authenticate,Retry-After',
    });
  });

  test('answers a refusal of the token endpoints in its own format too', async () => {
    const { body } = await request(app)
      .post('/auth/refresh')
      .send({ refresh_token: 'x' })
      .expect(401);
    expect(body).toMatchObject({ error: { code: 'refresh_token_invalid', action: 'login' } });
  });

  test('tells a client whose access token has expired to refresh', async () => {
    const token = await signIn('alan');
    issuer.clock.advance(300);
    const { body } = await request(app).get('/account').auth(token, { type: 'bearer' }).expect(401);
    expect(body).toMatchObject({ error: { code: 'token_expired', action: 'refresh' } });
  });

  test('keeps its 404 handler, its parser errors and the answers to its own failures', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation();
    try {
      await request(app)
        .get('/nowhere')
        .expect(404, { error: { message: 'There is no /nowhere' } });
      await request(app).post('/articles').type('json').send('{').expect(400);

      const token = await signIn('ada');
      await request(app)
        .get('/account/invoices')
        .auth(token, { type: 'bearer' })
        .expect(500, { error: { message: 'Something went wrong on our side' } });
      expect(log).toHaveBeenCalledTimes(1);
    } finally {
      log.mockRestore();
    }
  });

  test('marks every line that was added for tokenpair', () => {
    const file = join(__dirname, '../../examples/existing-express-app/src/app.ts');
    const brought = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /tokenpair\/|\bauth\b|endpoints|issueTokenPair|error\.headers/.test(line))
      // The signature of the app names its parameter.
      .filter((line) => !line.startsWith('export function'));
    expect(brought.filter((line) => !line.includes('// tokenpair'))).toEqual([]);
  });
});

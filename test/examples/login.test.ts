// Tests the login examples on Express and on Koa, and the story that they print.

import type { RequestListener } from 'node:http';

import request from 'supertest';
import { createTestClock, type TestClock } from '@tokenpair/testing';

import { describeServer } from '../../examples/demo/src/describe-server.js';
import { story, type RequestStep } from '../../examples/demo/src/story.js';
import { startServer } from '../support/http.js';
import { loginExamples } from '../support/login-examples.js';
import { tellStory } from '../support/story-teller.js';

let clock: TestClock;
let app: RequestListener;

describe.each(loginExamples)('$name', ({ createApp }) => {
  beforeEach(() => {
    clock = createTestClock();
    app = createApp({
      accessTokenLifetime: '15s',
      refreshTokenLifetime: '30d',
      reuseInterval: '1s',
      clock: clock.now,
    });
  });

  describe('the login', () => {
    test('answers a token pair with Cache-Control: no-store', async () => {
      const { body } = await request(app)
        .post('/login')
        .send({ username: 'ada', password: 'lovelace' })
        .expect(200)
        .expect('Cache-Control', 'no-store');
      expect(body).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 15,
        refresh_token: expect.stringMatching(/^tpr_/),
        refresh_expires_in: expect.any(Number),
        scope: 'orders:read',
        session_id: expect.stringMatching(/^[\w-]{38}$/),
        session_expires_at: expect.any(Number),
      });
    });

    test.each([
      ['a wrong password', { username: 'ada', password: 'turing' }],
      ['an unknown user', { username: 'grace', password: 'lovelace' }],
      ['a missing password', { username: 'ada' }],
      ['a password that is not a string', { username: 'ada', password: ['lovelace'] }],
      ['nothing at all', undefined],
      ['a list', []],
    ])('refuses %s with the code of the example', async (_what, credentials) => {
      await request(app)
        .post('/login')
        .send(credentials)
        .expect(401, { code: 'login_failed', message: 'Wrong username or password.' });
    });

    test.each(['{"username":', 'null', '"ada"', '['])('answers %s with JSON', async (body) => {
      const answer = await request(app).post('/login').type('json').send(body);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ code: 'bad_request' });
    });

    test('answers a body of another type with JSON', async () => {
      const answer = await request(app)
        .post('/login')
        .type('text')
        .send('ada lovelace')
        .expect(401);
      expect(answer.body).toMatchObject({ code: 'login_failed' });
    });
  });

  describe('the routes', () => {
    test('answer the ID and the role of the caller', async () => {
      const token = await signIn('alan', 'turing');
      await request(app)
        .get('/me')
        .auth(token, { type: 'bearer' })
        .expect({ id: 'u_2', role: 'user' });
    });

    test('answer the orders to a user with the scope', async () => {
      const token = await signIn('alan', 'turing');
      await request(app).get('/orders').auth(token, { type: 'bearer' }).expect(200);
    });

    test('let only an admin in', async () => {
      const [ada, alan] = [await signIn('ada', 'lovelace'), await signIn('alan', 'turing')];
      await request(app).get('/admin').auth(ada, { type: 'bearer' }).expect(200);
      const { body } = await request(app).get('/admin').auth(alan, { type: 'bearer' }).expect(403);
      expect(body).toMatchObject({ code: 'claim_refused', action: 'fix' });
    });

    test.each(['/me', '/orders', '/admin'])('require a token at %s', async (path) => {
      const { body } = await request(app).get(path).expect(401);
      expect(body).toMatchObject({ code: 'token_missing', action: 'login' });
    });

    test('answer an unknown path with JSON', async () => {
      await request(app).get('/nowhere').expect(404, { code: 'not_found' });
    });

    test('refuse the token of another app, which has other keys', async () => {
      const token = await signIn('alan', 'turing');
      app = createApp({ accessTokenLifetime: 15, refreshTokenLifetime: '30d', clock: clock.now });
      const { body } = await request(app).get('/me').auth(token, { type: 'bearer' }).expect(401);
      expect(body).toMatchObject({ code: 'token_invalid' });
    });
  });

  test('answers every request of the story as the story says', async () => {
    const server = await startServer(app);
    try {
      const told = await tellStory(server.address, story, (seconds) => clock.advance(seconds));
      expect(told).toEqual(requests.map(({ says, expects }) => ({ says, ...expects })));
    } finally {
      await server.close();
    }
  });
});

describe('the story that the login examples print', () => {
  test('is printed step by step, as commands for bash and zsh', () => {
    const printed = describeServer('koa-login', 'http://127.0.0.1:4711');
    const lines = printed.split(/^-+$/m)[1]?.trim().split('\n') ?? [];
    expect(lines[0]).toContain('API=http://127.0.0.1:4711;');
    expect(lines.filter((line) => line.startsWith('echo '))).toEqual(
      story.map(({ says }, index) => `echo '${index + 1}. ${says}'`),
    );
    // At a prompt a comment is an error in zsh, `!` expands the history in both shells, and a quote would end the text of echo.
    expect(lines.filter((line) => /^\s*#|!/.test(line))).toEqual([]);
    expect(story.filter(({ says }) => says.includes("'"))).toEqual([]);
  });

  test('comes with the warning that its keys are for an example only', () => {
    expect(describeServer('koa-login', 'http://127.0.0.1:1')).toContain('for an example only');
  });
});

const requests = story.filter((step): step is RequestStep => !('waits' in step));

async function signIn(username: string, password: string): Promise<string> {
  const { body } = await request(app).post('/login').send({ username, password }).expect(200);
  return (body as { access_token: string }).access_token;
}

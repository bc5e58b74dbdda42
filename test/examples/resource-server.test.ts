// Tests examples/resource-server with the tokens of examples/express-login, while the signing key rotates.

import { createTestClock } from '@tokenpair/testing';

import { createLogin } from '../../examples/express-login/src/app.js';
import { createApp } from '../../examples/resource-server/src/app.js';
import { createKeyRotation } from '../../examples/resource-server/src/key-rotation.js';
import { startServer, type TestServer } from '../support/http.js';

describe('resource-server, beside express-login', () => {
  const clock = createTestClock();
  const rotation = createKeyRotation();
  const { app, tokens } = createLogin({
    accessTokenLifetime: '5m',
    refreshTokenLifetime: '30d',
    keys: rotation.keys,
    clock: clock.now,
  });
  let login: TestServer;
  let api: TestServer;

  beforeAll(async () => {
    login = await startServer(app);
    const keysUrl = `${login.address}/auth/.well-known/jwks.json`;
    api = await startServer(createApp({ keysUrl, refreshInterval: '1m', clock: clock.now }));
  });
  afterAll(async () => {
    await api.close();
    await login.close();
  });

  const signIn = () => post('/login', { username: 'alan', password: 'turing' });
  const refresh = (token: unknown) => post('/auth/refresh', { refresh_token: token });

  async function post(path: string, body: object): Promise<Readonly<Record<string, string>>> {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${login.address}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Readonly<Record<string, string>>;
  }

  async function call(token: unknown, path = '/notes'): Promise<number> {
    const answer = await fetch(`${api.address}${path}`, {
      headers: { Authorization: `Bearer ${String(token)}` },
    });
    await answer.text();
    return answer.status;
  }

  test('accepts the tokens of express-login, checks their scope, and refuses other tokens', async () => {
    const { access_token: token = '' } = await signIn();
    expect(await call(token)).toBe(200);
    expect(await call(token, '/orders')).toBe(200);
    expect(await call(token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(401);
    expect(await call('none')).toBe(401);
  });

  test('answers every request with 200 while the signing key of express-login rotates twice', async () => {
    let pair = await signIn();
    const statuses: number[] = [];
    const goOn = async (seconds: number) => {
      for (let elapsed = 0; elapsed < seconds; elapsed += 30) {
        clock.advance(30);
        statuses.push(await call(pair['access_token']));
        pair = await refresh(pair['refresh_token']);
        statuses.push(await call(pair['access_token']));
      }
    };
    const before = new Set(tokens.describeKeys().map(({ kid }) => kid));
    for (let round = 0; round < 2; round += 1) {
      rotation.publishNext(tokens);
      await goOn(120);
      rotation.switchOver(tokens);
      await goOn(330);
      rotation.dropRetired(tokens, clock.now());
      await goOn(120);
    }
    expect(statuses).toHaveLength(76);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const after = tokens.describeKeys().filter((key) => key.for === 'access tokens');
    expect(after).toMatchObject([{ state: 'current' }]);
    expect(before.has(after[0]?.kid as string)).toBe(false);
  });
});

// Runs the recipes of docs/sessions.md, read from the page, as one Express application.

import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import * as core from '@tokenpair/core';
import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  verifyBearer,
  type TokenIssuer,
} from '@tokenpair/core';
import * as adapter from '@tokenpair/express';
import { transform } from '@swc/core';
import supertest, { type Response } from 'supertest';

const page = join(__dirname, '../../docs/sessions.md');
const start = Date.parse('2026-12-01T12:00:00Z');
const second = 1_000;
const day = 86_400 * second;

/** What the page declares and an application has: users, clients and roles of the test. */
interface World {
  /** The ID of the user who signs in next. */
  user: string;
  editor: boolean;
  readonly warnings: unknown[][];
  readonly mails: string[][];
  readonly roles: Map<string, string>;
}

interface Program {
  readonly app: RequestListener;
  readonly tokens: TokenIssuer;
  readonly withRoles: TokenIssuer;
  readonly multi: TokenIssuer;
  readonly mailing: TokenIssuer;
  readonly options: core.TokenIssuerOptions;
}

describe('the recipes for sessions', () => {
  let script: string;
  let world: World;
  let program: Program;
  let now: number;

  beforeAll(async () => {
    script = await readProgram();
  });

  beforeEach(() => {
    now = start;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    world = { user: 'u_1', editor: true, warnings: [], mails: [], roles: new Map() };
    program = run(script, world);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const client = () => supertest(program.app);
  const claimsOf = async (accessToken: string) =>
    (await verifyBearer(program.tokens.verifier, `Bearer ${accessToken}`)).claims;

  it('sign in over a live session: it ends, and another device stays signed in', async () => {
    const phone = await login();
    const first = await login();
    const next = await login({ cookie: cookieOf(first) });
    const sessions = await listSessions(program.tokens, 'u_1');
    const live = new Set<unknown>(sessions.map(({ sessionId }) => sessionId));
    expect(live).toEqual(new Set([await sessionIdOf(phone), await sessionIdOf(next)]));
  });

  it('sign in over a live session: a page of another host is refused', async () => {
    const answer = await client().post('/login').set('Sec-Fetch-Site', 'same-site').send({});
    expect([answer.status, answer.body.code]).toEqual([403, 'origin_refused']);
  });

  it('sign in through a redirect: the cookie comes with a 303', async () => {
    const answer = await client()
      .get('/callback?code=good')
      .set('Sec-Fetch-Site', 'cross-site')
      .redirects(0);
    expect([answer.status, answer.headers['location'], answer.text]).toEqual([303, '/', '']);
    const refreshed = await refresh('/auth', cookieOf(answer));
    expect(await claimsOf(refreshed.body.access_token)).toMatchObject({ sub: 'u_1' });
    const refused = await client().get('/callback?code=bad').redirects(0);
    expect(refused.headers['location']).toBe('/?login=failed');
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  it('do not keep me signed in: the cookie ends with the browser, also after a refresh', async () => {
    const shared = await login({ path: '/login/shared' });
    expect(setCookieOf(shared)).not.toMatch(/max-age/i);
    const refreshed = await refresh('/auth', cookieOf(shared));
    expect(setCookieOf(refreshed)).not.toMatch(/max-age/i);
    const kept = await login({ path: '/login/shared', body: { remember: true } });
    expect(setCookieOf(kept)).toMatch(/Max-Age=2592000/);
  });

  it('shorter sessions for some users: half an hour, and eight hours at most', async () => {
    const answer = await login({ path: '/login/admin' });
    expect(setCookieOf(answer)).toMatch(/Max-Age=1800/);
    const [session] = await listSessions(program.tokens, 'u_1');
    expect(session).toMatchObject({ expiresAt: start + (8 * day) / 24 });
    now += 30 * 60 * second;
    expect((await refresh('/auth', cookieOf(answer))).body.code).toBe('refresh_token_invalid');
  });

  it('a session for an OAuth client: serves that client only', async () => {
    const { body } = await client().post('/oauth/login').send({}).expect(200);
    expect(await claimsOf(body.access_token)).toMatchObject({ client_id: 'reports-app' });
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const asClient = (id: string, secret: string) =>
      client().post('/oauth/token').type('form').auth(id, secret).send(form);
    expect((await asClient('shop-app', 'its secret')).body.error).toBe('invalid_grant');
    expect((await asClient('reports-app', 'wrong')).body.error).toBe('invalid_client');
    const elsewhere = await client().post('/oauth/refresh').send(form);
    expect(elsewhere.body.error).toBe('invalid_grant');
    await asClient('reports-app', 'its secret').expect(200);
  });

  it('tokens for some of your services: the others refuse them', async () => {
    const { body } = await login({ path: '/login/reports' });
    expect(await claimsOf(body.access_token)).toMatchObject({
      aud: 'https://reports.example.com',
    });
    const api = core.createTokenIssuer({
      ...program.options,
      audience: 'https://api.example.com',
    });
    await expect(verifyBearer(api.verifier, `Bearer ${body.access_token}`)).rejects.toMatchObject({
      code: 'token_invalid',
    });
  });

  it('change a live session: the name of a device is kept with the rest', async () => {
    const { body } = await login();
    await client()
      .post('/device')
      .auth(body.access_token, { type: 'bearer' })
      .send({ name: 'phone' })
      .expect(200, { metadata: { device: 'phone' } });
    const [session] = await listSessions(program.tokens, 'u_1');
    expect(session?.metadata).toEqual({ device: 'phone' });
  });

  it('take scopes away after a change of role: and give them back', async () => {
    const { withRoles } = program;
    const scope = 'orders:read orders:write';
    const pair = await issueTokenPair(withRoles, { subject: 'u_1', scope });
    expect(pair.scope).toBe(scope);
    world.editor = false;
    const narrowed = await refreshTokenPair(withRoles, pair.refreshToken);
    expect(narrowed.scope).toBe('orders:read');
    world.editor = true;
    const again = await refreshTokenPair(withRoles, narrowed.refreshToken);
    expect(again.scope).toBe(scope);
  });

  it('say which device it was: the user hears of the theft', async () => {
    const { body } = await client().post('/watched/login').send({ device: 'old phone' });
    const stolen: string = body.refresh_token;
    const post = (refreshToken: string) =>
      client()
        .post('/watched/refresh')
        .set('User-Agent', 'a browser')
        .send({ refresh_token: refreshToken });
    const next = await post(stolen).expect(200);
    now += 61 * second;
    await post(stolen).expect(401);
    await post(next.body.refresh_token).expect(401);
    const request = { ip: expect.stringMatching(/127\.0\.0\.1|::1/), agent: 'a browser' };
    expect(world.warnings).toEqual([['u_1', 'old phone', request]]);
  });

  it('switch the organisation: the next access token names it, for members only', async () => {
    const { multi } = program;
    world.roles.set('acme u_1', 'editor').set('globex u_2', 'editor');
    const pair = await issueTokenPair(multi, { subject: 'u_1', metadata: { device: 'phone' } });
    const switchTo = (org: string) =>
      client().post('/organisation').auth(pair.accessToken, { type: 'bearer' }).send({ org });
    const next = async () => (await refreshTokenPair(multi, pair.refreshToken)).accessToken;
    await switchTo('globex').expect(403);
    await invoices(await next()).expect(403);
    await switchTo('acme').expect(204);
    const inAcme = await next();
    await invoices(inAcme).expect(200, { org: 'acme' });
    expect((await verifyBearer(multi.verifier, `Bearer ${inAcme}`)).claims['role']).toBe('editor');
    const [session] = await listSessions(multi, 'u_1');
    expect(session?.metadata).toEqual({ device: 'phone', org: 'acme' });
    world.roles.delete('acme u_1');
    await invoices(await next()).expect(403);
  });

  it('tell the user of a theft: one mail names the device, and a failure to send it is logged', async () => {
    const { mailing } = program;
    const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
    const steal = async (metadata: Record<string, string>) => {
      const first = await issueTokenPair(mailing, { subject: 'u_1', metadata });
      await refreshTokenPair(mailing, first.refreshToken);
      now += 61 * second;
      for (let times = 0; times < 3; times += 1) {
        await expect(refreshTokenPair(mailing, first.refreshToken)).rejects.toMatchObject({
          code: 'refresh_token_invalid',
        });
      }
    };
    await steal({ device: 'old phone' });
    expect(world.mails).toEqual([['u_1@example.com', expect.stringContaining('old phone at Tue')]]);
    expect(logged).not.toHaveBeenCalled();
    await steal({});
    expect(world.mails).toHaveLength(2);
    expect(logged).toHaveBeenCalledWith('No mail of a theft:', expect.any(Error));
  });

  it('act for a user: every token says who acts, and the session counts among those of the staff', async () => {
    world.user = 'u_staff';
    const staff = await issueTokenPair(program.tokens, { subject: 'u_staff', scope: 'support' });
    const { body } = await client()
      .post('/support/act')
      .auth(staff.accessToken, { type: 'bearer' })
      .send({ user: 'u_1' })
      .expect(200);
    expect(await claimsOf(body.access_token)).toMatchObject({
      sub: 'u_1',
      act: { sub: 'u_staff' },
    });
    expect(await listSessions(program.tokens, 'u_1')).toEqual([]);
    expect(await listSessions(program.tokens, 'u_staff')).toHaveLength(2);
    const listed = await client().get('/auth/sessions').auth(body.access_token, { type: 'bearer' });
    expect(listed.body.sessions).toHaveLength(2);
    const password = (token: string) =>
      client().post('/password').auth(token, { type: 'bearer' }).send({});
    await password(body.access_token).expect(403);
    await password(staff.accessToken).expect(204);
  });

  it('ask for the password again: a fresh proof at the level passes every guard', async () => {
    const signedIn = await login();
    const before: string = signedIn.body.access_token;
    now += 6 * 60 * second;
    const { body } = await refresh('/auth', cookieOf(signedIn));
    const refreshed: string = body.access_token;
    const refused = await transfer(refreshed, 5_000);
    expect([refused.status, refused.body.action]).toEqual([401, 'reauthenticate']);
    expect(refused.headers['www-authenticate']).toContain('max_age="300", acr_values="phr"');
    await transfer(refreshed, 5).expect(201);
    await remove(refreshed).expect(401);
    await key(refreshed).expect(401);
    const answer = await client()
      .post('/reauthenticate')
      .set('X-Requested-With', 'test')
      .auth(refreshed, { type: 'bearer' })
      .send({})
      .expect(200);
    const fresh: string = answer.body.access_token;
    expect(await claimsOf(fresh)).toMatchObject({ acr: 'phr', amr: ['hwk'] });
    await transfer(fresh, 5_000).expect(201);
    await remove(fresh).expect(204);
    await key(fresh).expect(201);
    expect(before).not.toBe(fresh);
  });

  it('ask for the password again: the proof of another user is refused', async () => {
    const { body } = await login();
    world.user = 'u_2';
    const answer = await client()
      .post('/reauthenticate')
      .auth(body.access_token, { type: 'bearer' })
      .send({});
    expect(answer.status).toBe(403);
  });

  it('bring the users of another system over: two tabs get one session', async () => {
    now = Date.parse('2027-02-28T00:00:00Z');
    const [one, other] = await Promise.all([bring('old-1'), bring('old-1')]);
    expect(one.body.refresh_token).toMatch(/^tpr_/);
    expect(other.body.refresh_token).toBe(one.body.refresh_token);
    expect(await listSessions(program.tokens, 'u_old')).toHaveLength(1);
    expect((await bring('unknown')).body.code).toBe('refresh_token_invalid');
    now = Date.parse('2027-03-01T00:00:00Z');
    expect((await bring('old-1')).body.code).toBe('refresh_token_invalid');
    await bring(one.body.refresh_token).expect(200);
  });

  it('limit the load after a restart: the 51st refresh waits at the client', async () => {
    const pair = await issueTokenPair(program.tokens, { subject: 'u_1' });
    const { store } = program.options;
    const swap = store.swap.bind(store);
    const held: (() => void)[] = [];
    const full = new Promise<void>((resolve) => {
      jest.spyOn(store, 'swap').mockImplementation(async (...args) => {
        await new Promise<void>((release) => {
          held.push(release);
          if (held.length === 50) resolve();
        });
        return swap(...args);
      });
    });
    const post = async () =>
      client().post('/limited/refresh').send({ refresh_token: pair.refreshToken });
    const served = Array.from({ length: 50 }, post);
    await full;
    const refused = await post();
    expect([refused.status, refused.body.action]).toEqual([503, 'retry']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(5);
    for (const release of held) release();
    const statuses = (await Promise.all(served)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  function login({
    path = '/login',
    cookie,
    body = {},
  }: { path?: string; cookie?: string; body?: object } = {}) {
    const request = client().post(path).set('X-Requested-With', 'test');
    if (cookie !== undefined) request.set('Cookie', cookie);
    return request.send(body).expect(200);
  }

  function refresh(mount: string, cookie: string) {
    return client()
      .post(`${mount}/refresh`)
      .set('X-Requested-With', 'test')
      .set('Cookie', cookie)
      .send({});
  }

  const bring = (token: string) => client().post('/bridge/refresh').send({ refresh_token: token });
  const transfer = (token: string, amount: number) =>
    client().post('/transfers').auth(token, { type: 'bearer' }).send({ amount });
  const invoices = (token: string) => client().get('/invoices').auth(token, { type: 'bearer' });
  const remove = (token: string) => client().delete('/account').auth(token, { type: 'bearer' });
  const key = (token: string) => client().post('/keys').auth(token, { type: 'bearer' }).send({});

  async function sessionIdOf({ body }: Response): Promise<unknown> {
    return (await claimsOf(body.access_token)).sid;
  }
});

const setCookieOf = (answer: Response): string => String(answer.headers['set-cookie']);
const cookieOf = (answer: Response): string => setCookieOf(answer).split(';')[0] ?? '';

/** The snippets of the page in order, as one CommonJS script that exports what the test needs. */
async function readProgram(): Promise<string> {
  const text = await readFile(page, 'utf8');
  const snippets = [...text.matchAll(/^```ts(?: more)?\n(.*?)^```$/gms)].map(([, code]) => code);
  const exported = 'export { app, tokens, withRoles, multi, mailing, options };';
  const { code } = await transform([...snippets, exported].join('\n'), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  return code;
}

function run(script: string, world: World): Program {
  const own = {
    checkLogin: async () => world.user,
    finishSignIn: async ({ code }: { code: string }) => (code === 'good' ? world.user : undefined),
    isSecretOf: async (_clientId: string, secret: string) => secret === 'its secret',
    isEditor: async () => world.editor,
    warnUser: (...warning: unknown[]) => world.warnings.push(warning),
    roleIn: async (org: string, userId: string) => world.roles.get(`${org} ${userId}`),
    addressOf: async (userId: string) => `${userId}@example.com`,
    sendMail: async (...mail: string[]) => {
      if (world.mails.push(mail) > 1) throw new Error('the mail server is down');
    },
    takeOldSession: async (token: string) => (token === 'old-1' ? { userId: 'u_old' } : undefined),
  };
  const packages: Readonly<Record<string, unknown>> = {
    '@tokenpair/core': core,
    '@tokenpair/express': adapter,
  };
  const nodeRequire = createRequire(__filename);
  const find = (name: string) =>
    packages[name] ?? nodeRequire(name === 'express' ? 'express5' : name);
  const exports = {};
  // oxlint-disable-next-line typescript/no-implied-eval -- the code is that of the page
  new Function('exports', 'require', ...Object.keys(own), script)(
    exports,
    find,
    ...Object.values(own),
  );
  return exports as Program;
}

// Runs the recipes of docs/migrate.md beside the middleware that they replace: each test asks both applications.

import type { RequestListener } from 'node:http';

import { issueTokenPair, listSessions, refreshTokenPair, type TokenIssuer } from '@tokenpair/core';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express5';
import { expressjwt } from 'express-jwt';
import jwt from 'jsonwebtoken';
import Koa, { type Middleware } from 'koa3';
import koaJwt from 'koa-jwt';
import { Passport } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import supertest from 'supertest';

import { toListener } from '../support/koa-listener.js';
import { runRecipe } from '../support/recipe.js';

const page = 'migrate.md';
const start = Date.parse('2026-12-01T12:00:00Z');
const end = Date.parse('2027-03-01T00:00:00Z');
const second = 1_000;
const oldSecret = 'the secret of the former system, 32 bytes';

let now: number;
const oldToken = ({ lifetime = 90 * 86_400, secret = oldSecret, ...claims } = {}): string =>
  jwt.sign({ role: 'editor', iat: now / second, ...claims }, secret, {
    subject: 'u_1',
    expiresIn: lifetime,
  });

beforeEach(() => {
  now = start;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(process, 'emitWarning').mockImplementation();
  process.env['JWT_SECRET'] = oldSecret;
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['JWT_SECRET'];
});

interface Migrated {
  readonly app: RequestListener | Koa;
  readonly tokens: TokenIssuer;
}

/** What the three middlewares have in common: an application before and after, and what its handler answers. */
interface Setup {
  readonly before: RequestListener;
  readonly after: RequestListener;
  readonly tokens: TokenIssuer;
}

// Handlers that were written for the former middleware.
const ordersOfReqAuth: RequestHandler = (req, res) => {
  const { sub, role } = (req as Request & { auth: { sub: string; role: string } }).auth;
  res.json({ sub, role });
};
const ordersOfState: Middleware = (ctx) => {
  const { sub, role = 'editor' } = ctx.state['user'] as { sub: string; role?: string };
  ctx.body = { sub, role };
};
const ordersOfUser: RequestHandler = (req, res) => {
  const { id, role } = req.user as { id: string; role: string };
  res.json({ sub: id, role });
};

async function ask(app: RequestListener, path: string, token?: string) {
  const request = supertest(app).get(path);
  if (token !== undefined) request.auth(token, { type: 'bearer' });
  const { status, body } = await request;
  return { status, body: body as Record<string, unknown> };
}
const statusOf = async (app: RequestListener, path: string, token?: string) =>
  (await ask(app, path, token)).status;

async function setUpExpressJwt(): Promise<Setup> {
  const { app, tokens } = await runRecipe<Migrated>(page, {
    under: 'From express-jwt',
    given: { orders: ordersOfReqAuth, roleOf: async () => 'editor' },
    exported: ['app', 'tokens'],
  });
  const before = express();
  before.use('/orders', expressjwt({ secret: oldSecret, algorithms: ['HS256'] }), ordersOfReqAuth);
  before.use(answerOldError);
  (app as express.Express).use(answerOldError);
  return { before, after: app as RequestListener, tokens };
}

async function setUpKoaJwt(): Promise<Setup> {
  const { app, tokens } = await runRecipe<Migrated>(page, {
    under: 'From koa-jwt',
    given: { orders: ordersOfState },
    exported: ['app', 'tokens'],
  });
  const before = new Koa();
  before.use(koaJwt({ secret: oldSecret, algorithms: ['HS256'] }));
  before.use(ordersOfState);
  return { before: toListener(before), after: toListener(app as Koa), tokens };
}

async function setUpPassport(): Promise<Setup & { users: Record<string, object> }> {
  const users: Record<string, object> = { u_1: { id: 'u_1', role: 'editor' } };
  const { app, tokens } = await runRecipe<Migrated>(page, {
    under: 'From passport-jwt',
    given: { orders: ordersOfUser, findUser: async (id: string) => users[id] },
    exported: ['app', 'tokens'],
  });
  const former = new Passport();
  former.use(
    new Strategy(
      {
        secretOrKey: oldSecret,
        algorithms: ['HS256'],
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      },
      ({ sub }: { sub: string }, done) => {
        done(null, users[sub] ?? false);
      },
    ),
  );
  const before = express();
  before.use('/orders', former.authenticate('jwt', { session: false }), ordersOfUser);
  return { before, after: app as RequestListener, tokens, users };
}

const setups = {
  'express-jwt': setUpExpressJwt,
  'koa-jwt': setUpKoaJwt,
  'passport-jwt': setUpPassport,
};

const answerOldError: ErrorRequestHandler = (error: { name: string }, _req, res, next) => {
  if (error.name === 'UnauthorizedError') res.sendStatus(401);
  else next(error);
};

describe.each(Object.entries(setups))('migrate from %s', (_name, setUp) => {
  let setup: Setup;

  beforeEach(async () => {
    setup = await setUp();
  });

  const editor = { status: 200, body: { sub: 'u_1', role: 'editor' } };

  it('an old token reaches the same handler before and after', async () => {
    const old = oldToken();
    expect(await ask(setup.before, '/orders', old)).toEqual(editor);
    expect(await ask(setup.after, '/orders', old)).toEqual(editor);
  });

  it('a new token reaches the handler that was not changed', async () => {
    const { accessToken } = await issueTokenPair(setup.tokens, { subject: 'u_1' });
    expect(await ask(setup.after, '/orders', accessToken)).toEqual(editor);
    expect(await statusOf(setup.before, '/orders', accessToken)).toBe(401);
  });

  it('an old token is refused from the date on, and the client learns to sign in', async () => {
    const old = oldToken({ lifetime: 365 * 86_400 });
    now = end - 1;
    expect(await statusOf(setup.after, '/orders', old)).toBe(200);
    now = end;
    const { status, body } = await ask(setup.after, '/orders', old);
    expect([status, body['action']]).toEqual([401, 'login']);
    expect(await statusOf(setup.before, '/orders', old)).toBe(200);
  });

  it('a forged or expired old token is refused, and so is a request without one', async () => {
    const forged = oldToken({ secret: 'another secret' });
    const expired = oldToken({ lifetime: 60 });
    now += 61 * second;
    for (const token of [forged, expired, undefined]) {
      expect(await statusOf(setup.before, '/orders', token)).toBe(401);
      expect(await statusOf(setup.after, '/orders', token)).toBe(401);
    }
  });

  it('the type in the header of a token decides nothing but who verifies it', async () => {
    const header = { alg: 'HS256', typ: 'at+jwt' } as const;
    const posing = jwt.sign({ role: 'editor' }, oldSecret, { subject: 'u_1', header });
    const { body } = await ask(setup.after, '/orders', posing);
    expect(body['code']).toBe('token_invalid');
  });
});

describe('migrate from express-jwt', () => {
  it('a guard accepts tokens of tokenpair only', async () => {
    const { after, tokens } = await setUpExpressJwt();
    const pair = await issueTokenPair(tokens, { subject: 'u_1', scope: 'reports:read' });
    expect((await ask(after, '/reports', pair.accessToken)).body).toEqual({ for: 'u_1' });
    expect(await statusOf(after, '/reports', oldToken())).toBe(401);
  });
});

describe('migrate from passport-jwt', () => {
  it('a user who is gone is refused, and gets no further token', async () => {
    const { after, tokens, users } = await setUpPassport();
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    delete users['u_1'];
    expect(await statusOf(after, '/orders', pair.accessToken)).toBe(401);
    await expect(refreshTokenPair(tokens, pair.refreshToken)).rejects.toMatchObject({
      action: 'login',
    });
  });

  it('a database that is down is no refusal, and does not end the process', async () => {
    const { after, tokens, users } = await setUpPassport();
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    jest.spyOn(console, 'error').mockImplementation(); // Express prints the error
    Object.defineProperty(users, 'u_1', {
      get() {
        throw new Error('the database is down');
      },
    });
    expect(await statusOf(after, '/orders', pair.accessToken)).toBe(500);
  });
});

describe('migrate from jsonwebtoken', () => {
  it('verifyBearer takes the place of jwt.verify, and says what a client does next', async () => {
    const { app, tokens } = await runRecipe<Migrated>(page, {
      under: 'From jsonwebtoken',
      exported: ['app', 'tokens'],
    });
    const me = (token: string) =>
      supertest(app as RequestListener)
        .get('/me')
        .auth(token, { type: 'bearer' });
    const old = oldToken();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_2' });
    await me(old).expect(200, { id: 'u_1' });
    await me(accessToken).expect(200, { id: 'u_2' });
    await me(oldToken({ secret: 'another secret' })).expect(401);
    await me(jwt.sign({}, oldSecret)).expect(401);
    for (const garbage of ['garbage', 'a.b.c', 'e30.e30.e30']) await me(garbage).expect(401);
    now += 6 * 60 * second;
    await me(accessToken).expect(401, { code: 'token_expired', action: 'refresh' });
    now = end;
    expect((await me(old)).body.action).toBe('login');
  });
});

describe('exchange old tokens once', () => {
  let firstUses: Map<string, number>;
  let firstUseOf: (name: string) => Promise<number>;
  let migrated: Migrated;

  beforeEach(async () => {
    // The clock of the answers that a process keeps for a minute.
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    firstUses = new Map();
    firstUseOf = async (name) => {
      if (!firstUses.has(name)) firstUses.set(name, now);
      return firstUses.get(name) ?? 0;
    };
    migrated = await runRecipe<Migrated>(page, {
      under: 'Exchange old tokens once',
      given: { firstUseOf: (name: string) => firstUseOf(name) },
      exported: ['app', 'tokens'],
    });
  });

  const refresh = (token: string) =>
    supertest(migrated.app as RequestListener)
      .post('/auth/refresh')
      .send({ refresh_token: token });

  it('two tabs get one session, and a minute later the old token is useless', async () => {
    const old = oldToken();
    const [one, other] = await Promise.all([refresh(old), refresh(old)]);
    expect(one.body.refresh_token).toBe(other.body.refresh_token);
    expect(await listSessions(migrated.tokens, 'u_1')).toHaveLength(1);
    now += 121 * second;
    expect((await refresh(old)).body.code).toBe('refresh_token_invalid');
    await refresh(one.body.refresh_token).expect(200);
  });

  it('the old token starts no session after the logout', async () => {
    const old = oldToken();
    const { body } = await refresh(old);
    now += 121 * second;
    await supertest(migrated.app as RequestListener)
      .post('/auth/logout')
      .send({ refresh_token: body.refresh_token });
    await refresh(old).expect(401);
    expect(await listSessions(migrated.tokens, 'u_1')).toEqual([]);
  });

  it('a database that is down costs no session: the same token works afterwards', async () => {
    const works = firstUseOf;
    firstUseOf = async () => {
      throw new Error('the database is down');
    };
    const old = oldToken();
    expect((await refresh(old)).body.action).toBe('retry');
    firstUseOf = works;
    await refresh(old).expect(200);
  });

  it('forged and expired tokens, and all from the date on, are refused', async () => {
    const expired = oldToken({ lifetime: 60 });
    const long = oldToken({ lifetime: 365 * 86_400 });
    now += 61 * second;
    await refresh(expired).expect(401);
    await refresh(oldToken({ secret: 'another secret' })).expect(401);
    now = end;
    await refresh(long).expect(401);
    expect(firstUses.size).toBe(0);
  });
});

describe('replace .unless', () => {
  it('what is open is declared before the middleware, and nothing else is open', async () => {
    const { app } = await runRecipe<Migrated>(page, {
      under: 'Replace `.unless`',
      exported: ['app'],
    });
    const paths = ['/health', '/public/news', '/publications', '/not-yet-written'];
    const statuses = await Promise.all(
      paths.map(async (path) => statusOf(app as RequestListener, path)),
    );
    expect(statuses).toEqual([204, 200, 401, 401]);
  });

  it('an .unless for /public also opened /publications', async () => {
    const before = express();
    before.use(
      expressjwt({ secret: oldSecret, algorithms: ['HS256'] }).unless({ path: [/^\/public/] }),
    );
    before.get('/publications', (_req, res) => {
      res.json([]);
    });
    expect(await statusOf(before, '/publications')).toBe(200);
  });
});

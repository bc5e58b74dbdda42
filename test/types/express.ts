// What the types of @tokenpair/express promise. Compiled, never run.

import {
  createTokenVerifier,
  MemorySessionStore,
  requireFresh,
  type AccessTokenClaims,
  type Actor,
  type TokenIssuer,
  type TokenPair,
  type TokenVerifier,
  type VerifiedToken,
} from '@tokenpair/core';
import {
  authErrors,
  bearer,
  pages,
  tokenEndpoints,
  type Bearer,
  type ExpressPages,
} from '@tokenpair/express';
import express4 from 'express4';
import express5 from 'express5';
import type { Request, RequestHandler, Response } from 'express5';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
// All public members of a verifier, in a plain object.
declare const plainVerifier: Pick<TokenVerifier, 'accepts' | 'realm' | 'replaceKeys'>;

const auth = bearer(tokens.verifier);
const optional = bearer(tokens.verifier, { optional: true });
const handsOn = bearer(tokens.verifier, { onError: 'next', preflight: 'pass' });
const endpoints = tokenEndpoints(tokens, { transport: 'body', onError: 'next' });

// What comes from a configuration may be undefined.
declare const env: Readonly<Record<string, string | undefined>>;
export const configured = createTokenVerifier({
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  keys: [],
  realm: env['REALM'],
  transports: {
    cookie: env['COOKIE'],
    allowedOrigins: env['ORIGINS']?.split(','),
    query: env['QUERY'],
    custom: undefined,
  },
});
export const configuredStore = new MemorySessionStore({
  capacity: undefined,
  sweepInterval: env['SWEEP'],
  clock: undefined,
});

export function compilesInExpress5(): void {
  const app = express5();
  app.use('/api', auth);
  app.use('/auth', endpoints);
  app.use(express5.Router().use(handsOn));
  app.get('/orders/:id', auth.scopes('orders:read'), (req, res) => {
    // A guard leaves the parameters of the route as Express has typed them.
    const id: string = req.params.id;
    res.json({ id, subject: auth.of(req).subject });
  });
  app.get('/any', auth.anyScope('a', 'b c'), auth.scopes(['a', 'b']));
  app.get('/admin', auth.claim('role', 'admin', 1, true));
  app.get(
    '/check',
    auth.check((token, req) => token.subject === req.params['id']),
    auth.check(async (token) => token.scopes.has('a')),
  );
  app.get('/me', auth, (req, res) => {
    const token: VerifiedToken = auth.of(req);
    const subject: string = auth.of(req).subject;
    const claims: AccessTokenClaims = token.claims;
    const issuedAt: number | undefined = claims.iat;
    res.json({ subject, issuedAt });
  });
  app.get('/maybe', optional, (req, res) => {
    // @ts-expect-error -- where a token is optional there may be none
    optional.of(req).subject.trim();
    const subject: string | undefined = optional.of(req)?.subject;
    res.json({ subject });
  });
  app.post('/login', (req, res) => endpoints.send(req, res, pair));
  app.post('/sign-in', (req, res) => {
    const signedIn: Promise<void> = endpoints.login(req, res, { subject: 'u_1' });
    return signedIn;
  });
  app.get('/callback', (req, res) =>
    endpoints.login(req, res, { subject: 'u_1', persistent: false }, { redirect: '/home' }),
  );
  app.delete('/account', auth.fresh('10m'), auth.fresh(600, 'phr', 'phrh'), auth.acr('phr'));
  app.get('/acting', auth, (req, res) => {
    const actor: Actor | undefined = auth.of(req).actor;
    requireFresh(auth.of(req), '10m', 'phr');
    res.json({ actor: actor?.subject });
  });
  app.use(authErrors());
}

const site = pages(tokens, {
  signIn: '/login',
  reauthenticate: env['CONFIRM'],
  cookies: { access: undefined, refresh: '__Host-r' },
  allowedOrigins: ['https://app.test'],
  onError: 'next',
});

export function compilesWithPages(): void {
  const app = express5();
  app.use(site);
  app.get('/orders/:id', site.page, site.page.scopes('orders:read'), (req, res) => {
    const id: string = req.params.id;
    const token: VerifiedToken | undefined = site.of(req);
    // @ts-expect-error -- a request may have no session
    site.of(req).subject.trim();
    res.json({ id, subject: token?.subject });
  });
  app.get('/admin', site.page.claim('role', 'admin'), site.page.fresh('10m'), site.page.acr('phr'));
  app.get(
    '/check/:id',
    site.page.check((token, req) => token.subject === req.params['id']),
  );
  app.post('/login', (req, res) => site.signIn(req, res, { subject: 'u_1', persistent: false }));
  app.post('/confirm', (req, res) => site.reauthenticated(req, res, { acr: 'phr' }));
  app.post('/logout', (req, res) => site.signOut(req, res, '/'));
  app.get('/login', (req, res) => {
    const path: string = site.returnPath(req);
    res.send(path);
  });
  const named: ExpressPages = site;
  express4().use(named).get('/', site.page);
  // @ts-expect-error -- where the sign-in form is must be said
  pages(tokens, {});
  // @ts-expect-error -- Koa's word
  pages(tokens, { signIn: '/login', onError: 'throw' });
  // @ts-expect-error -- a verifier issues nothing
  pages(tokens.verifier, { signIn: '/login' });
}

export function compilesInExpress4(): void {
  const app = express4();
  app.use('/api', auth);
  app.use(express4.Router().use(handsOn));
  app.get('/orders/:id', auth.scopes('orders:read'), (req, res) => {
    const id: string = req.params.id;
    res.json({ id, subject: auth.of(req).subject });
  });
}

export function tellsApart(req: Request, res: Response): void {
  // @ts-expect-error -- a claim is unknown until it has been looked at
  const role: string = auth.of(req).claims['role'];
  // @ts-expect-error -- what a handler gets is not to be changed
  auth.of(req).subject = role;
  // @ts-expect-error -- a guard names at least what it compares with: strings, numbers, booleans
  auth.claim('role', { name: 'admin' });
  // @ts-expect-error -- how recently must be said
  auth.fresh();
  // @ts-expect-error -- a level is text
  auth.acr(2);
  // @ts-expect-error -- a login needs a subject
  void endpoints.login(req, res, { scope: 'a' });
  // @ts-expect-error -- a grant has no such member
  void endpoints.login(req, res, { subject: 'u_1', userId: 1 });
  // @ts-expect-error -- a pair is no grant
  void endpoints.login(req, res, pair);
  // @ts-expect-error -- a redirect is the text of a URL
  void endpoints.login(req, res, { subject: 'u_1' }, { redirect: new URL('https://a.test') });
  // @ts-expect-error -- no such option of a login
  void endpoints.login(req, res, { subject: 'u_1' }, { location: '/home' });
  // @ts-expect-error -- the time of a login is not changed by a handler
  auth.of(req).actor = { subject: 'u_1' };
  // @ts-expect-error -- no such option
  bearer(tokens.verifier, { unless: ['/open'] });
  // @ts-expect-error -- Koa's word
  bearer(tokens.verifier, { onError: 'throw' });
  // @ts-expect-error -- an issuer is no verifier: tokens.verifier is
  bearer(tokens);
  // @ts-expect-error -- a secret is no verifier
  bearer({ secret: 'hunter2' });
  // @ts-expect-error -- a verifier is required
  bearer();
  // @ts-expect-error -- a copy of a verifier was not made by createTokenVerifier
  bearer({ ...plainVerifier });
  // @ts-expect-error -- bearer must be called to make middleware
  express5().use(bearer);
  // @ts-expect-error -- a verifier issues nothing
  tokenEndpoints(tokens.verifier);
  // @ts-expect-error -- a verifier needs an audience
  createTokenVerifier({ issuer: 'https://issuer.test', keys: [] });
}

export const isMiddleware: RequestHandler = auth;
export const isBearer: Bearer = auth;
export const isGuard: RequestHandler = auth.scopes('a');

declare const typedVerifier: TokenVerifier<{ readonly role: 'admin' | 'user' }>;

export function typesClaims(): void {
  const typed = bearer(typedVerifier);
  const maybe = bearer(typedVerifier, { optional: 'lenient' });
  for (const guards of [typed, maybe]) {
    guards.check((token, req) => token.claims.role === 'admin' && req.url !== '/');
    // @ts-expect-error -- not a role that the schema describes
    guards.check(({ claims }) => claims.role === 'owner');
  }
  const ofRequest: 'admin' | 'user' = typed.of(null as never).claims.role;
  const ofGuest: 'admin' | 'user' | undefined = maybe.of(null as never)?.claims.role;
  // @ts-expect-error -- a guest has no token
  const ofNobody: string = maybe.of(null as never).claims.role;
  // Where the claims do not matter, every bearer fits.
  const plain: Bearer = typed;
  // Without a schema, a claim is unknown until it is checked.
  bearer(tokens.verifier).check(({ claims }) => claims['role'] === 'admin');
  console.log(ofRequest, ofGuest, ofNobody, plain);
}

// What the types of @tokenpair/koa promise. Compiled, never run. In this workspace they are made from those of Koa 3;
// scripts/pack-and-use.mjs compiles against those of Koa 2 alone, as in an application that has no others.

import { Router } from '@koa/router';
import {
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
  protectedResource,
  tokenEndpoints,
  type AuthState,
  type Bearer,
  type KoaPages,
} from '@tokenpair/koa';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
// All public members of a verifier, in a plain object.
declare const plainVerifier: Pick<TokenVerifier, 'accepts' | 'realm' | 'replaceKeys'>;

const auth = bearer(tokens.verifier);
const optional = bearer(tokens.verifier, { optional: true });
const endpoints = tokenEndpoints(tokens, { mount: '/auth', transport: 'cookie', onError: 'throw' });

export function compilesInKoa3(): void {
  const app = new Koa3<AuthState>();
  app.use(authErrors()).use(endpoints).use(endpoints.wellKnown).use(auth);
  app.use(mount('/auth', tokenEndpoints(tokens)));
  app.use(protectedResource({ resource: 'https://api.test', authorizationServers: [] }));
  app.use((ctx) => {
    const token: VerifiedToken = ctx.state.auth;
    const subject: string = auth.of(ctx).subject;
    const claims: AccessTokenClaims = token.claims;
    const issuedAt: number | undefined = claims.iat;
    ctx.body = { subject, issuedAt };
    // @ts-expect-error -- what a handler gets is not to be changed
    ctx.state.auth.subject = 'another';
    // @ts-expect-error -- a claim is unknown until it has been looked at
    const role: string = ctx.state.auth.claims['role'];
    endpoints.send(ctx, pair);
    return role;
  });
}

const site = pages(tokens, { signIn: '/login', reauthenticate: '/confirm', onError: 'throw' });

export function compilesWithPages(): void {
  const app = new Koa3().use(site);
  app.use((ctx) => {
    const token: VerifiedToken | undefined = site.of(ctx);
    // @ts-expect-error -- a request may have no session
    site.of(ctx).subject.trim();
    ctx.body = { subject: token?.subject, path: site.returnPath(ctx) };
  });
  const router = new Router<AuthState>();
  router.get('/orders/:id', site.page, site.page.scopes('orders:read'), (ctx) => {
    ctx.body = { id: ctx.params['id'], subject: ctx.state.auth.subject };
  });
  router.get('/admin', site.page.claim('role', 'admin'), site.page.fresh('10m'));
  router.get(
    '/check',
    site.page.check((token, ctx) => token.subject === ctx.path),
  );
  router.post('/login', (ctx) => site.signIn(ctx, { subject: 'u_1' }));
  router.post('/confirm', (ctx) => site.reauthenticated(ctx, { acr: 'phr' }));
  router.post('/logout', (ctx) => site.signOut(ctx, '/'));
  const named: KoaPages = site;
  new Koa2().use(named).use(site.page);
  // @ts-expect-error -- where the sign-in form is must be said
  pages(tokens, {});
  // @ts-expect-error -- Express's word
  pages(tokens, { signIn: '/login', onError: 'next' });
}

export function signsInWithKoa(): void {
  const app = new Koa3<AuthState>();
  app.use((ctx) => endpoints.login(ctx, { subject: 'u_1' }));
  app.use(async (ctx) => {
    const signedIn: Promise<void> = endpoints.login(
      ctx,
      { subject: 'u_1', persistent: false },
      { redirect: '/home' },
    );
    await signedIn;
  });
  app
    .use(auth.fresh('10m'))
    .use(auth.fresh(600, 'phr', 'phrh'))
    .use(auth.acr('phr'));
  app.use((ctx) => {
    const actor: Actor | undefined = ctx.state.auth.actor;
    requireFresh(ctx.state.auth, '10m', 'phr');
    ctx.body = { actor: actor?.subject };
    // @ts-expect-error -- a login needs a subject
    void endpoints.login(ctx, { scope: 'a' });
    // @ts-expect-error -- a grant has no such member
    void endpoints.login(ctx, { subject: 'u_1', userId: 1 });
    // @ts-expect-error -- a redirect is the text of a URL
    void endpoints.login(ctx, { subject: 'u_1' }, { redirect: new URL('https://a.test') });
    // @ts-expect-error -- how recently must be said
    auth.fresh();
    // @ts-expect-error -- a level is text
    auth.acr(2);
  });
}

export function compilesInKoa2(): void {
  const app = new Koa2<AuthState>();
  app.use(authErrors()).use(endpoints).use(endpoints.wellKnown).use(auth);
  app.use(auth.scopes('orders:read', 'orders:write'));
  app.use((ctx) => {
    const token: VerifiedToken = ctx.state.auth;
    ctx.body = { subject: auth.of(ctx).subject, scopes: [...token.scopes] };
  });
}

export function compilesWithRouter(): void {
  const router = new Router<AuthState>();
  router.get('/orders/:id', auth.scopes('orders:read'), (ctx) => {
    const id: string | undefined = ctx.params['id'];
    ctx.body = { id, subject: ctx.state.auth.subject };
  });
  router.get('/any', auth.anyScope('a', 'b c'), auth.scopes(['a', 'b']));
  router.get('/admin', auth.claim('role', 'admin', 1, true));
  router.get(
    '/check',
    auth.check((token, ctx) => token.subject === ctx.path),
    auth.check(async (token) => token.scopes.has('a')),
  );
  router.post('/login', (ctx) => endpoints.send(ctx, pair));
  router.post('/sign-in', (ctx) => endpoints.login(ctx, { subject: 'u_1' }));
  new Koa3().use(router.routes());
}

export function compilesWithOptional(): void {
  const app = new Koa3<AuthState<VerifiedToken | undefined>>().use(optional);
  app.use((ctx) => {
    // @ts-expect-error -- where a token is optional there may be none
    ctx.state.auth.subject.trim();
    // @ts-expect-error -- nor here
    optional.of(ctx).subject.trim();
    ctx.body = ctx.state.auth?.subject ?? optional.of(ctx)?.subject;
  });
}

export function tellsApart(): void {
  // @ts-expect-error -- a guard names at least what it compares with: strings, numbers, booleans
  auth.claim('role', { name: 'admin' });
  // @ts-expect-error -- no such option
  bearer(tokens.verifier, { unless: ['/open'] });
  // @ts-expect-error -- Express's word
  bearer(tokens.verifier, { onError: 'next' });
  // @ts-expect-error -- an issuer is no verifier: tokens.verifier is
  bearer(tokens);
  // @ts-expect-error -- a secret is no verifier
  bearer({ secret: 'hunter2' });
  // @ts-expect-error -- a verifier is required
  bearer();
  // @ts-expect-error -- a copy of a verifier was not made by createTokenVerifier
  bearer({ ...plainVerifier });
  // @ts-expect-error -- bearer must be called to make middleware
  new Koa3().use(bearer);
  // @ts-expect-error -- a verifier issues nothing
  tokenEndpoints(tokens.verifier);
  // @ts-expect-error -- the state is untyped until an application says what is in it
  new Koa3<{ readonly other: string }>().use((ctx) => ctx.state.auth);
}

export const isMiddleware: Koa3.Middleware = auth;
export const isBearer: Bearer = auth;
export const isGuard: Koa3.Middleware = auth.scopes('a');

declare const typedVerifier: TokenVerifier<{ readonly role: 'admin' | 'user' }>;

export function typesClaims(): void {
  const typed = bearer(typedVerifier);
  const maybe = bearer(typedVerifier, { optional: 'lenient' });
  for (const guards of [typed, maybe]) {
    guards.check((token, ctx) => token.claims.role === 'admin' && ctx.url !== '/');
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

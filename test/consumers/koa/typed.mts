import {
  AuthError,
  createTokenVerifier,
  verifyBearer,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import { authErrors, bearer, pages, tokenEndpoints, type AuthState } from '@tokenpair/koa';
import Koa from 'koa';

import options from '../verifier-options.cjs';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
const verifier = createTokenVerifier(options);
export const refused: Promise<boolean> = verifyBearer(verifier, 'Bearer x').then(
  (token) => token.subject === '',
  (error: unknown) => error instanceof AuthError,
);

const guard = bearer(verifier);
const endpoints = tokenEndpoints(tokens, { mount: '/auth', transport: 'cookie' });
const app = new Koa<AuthState>();
app.use(authErrors()).use(endpoints).use(endpoints.wellKnown).use(guard);
app.use(async (ctx, next) => {
  if (ctx.path === '/login') endpoints.send(ctx, pair);
  else await next();
});
app.use(guard.scopes('orders:read'));
app.use((ctx) => {
  const subject: string = ctx.state.auth.subject;
  ctx.body = { subject, same: guard.of(ctx).subject };
});

const site = pages(tokens, { signIn: '/login', reauthenticate: '/confirm' });
app.use(site).use(site.page).use(site.page.fresh('10m'));
app.use(async (ctx) => {
  const subject: string | undefined = site.of(ctx)?.subject;
  ctx.body = `${subject} ${site.returnPath(ctx)}`;
  await site.signIn(ctx, { subject: 'u_1' });
  await site.signOut(ctx, '/');
});

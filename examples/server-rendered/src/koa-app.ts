// The server of the example on Koa: pages and forms, and no script.

import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import { pages, type AuthState } from '@tokenpair/koa';
import Koa from 'koa';

import { addressPage, adminPage, confirmPage, homePage, ordersPage, signInPage } from './html.js';
import { createShop, fieldOf, isPasswordOf, userOf, visitorOf } from './shop.js';
import { createTokens, type Settings } from './tokens.js';

export function createKoaApp(settings: Settings): Koa {
  const tokens = createTokens(settings);
  const auth = pages(tokens, { signIn: '/login', reauthenticate: '/confirm' });
  const shop = createShop();
  const form = bodyParser({ enableTypes: ['form'] });

  const router = new Router<AuthState>();

  router.get('/', (ctx) => {
    const token = auth.of(ctx);
    ctx.body = homePage(token && visitorOf(token));
  });

  router.get('/login', (ctx) => {
    ctx.body = signInPage(auth.returnPath(ctx));
  });
  router.post('/login', form, async (ctx) => {
    const user = await userOf(ctx.request.body);
    if (!user) {
      ctx.status = 401;
      ctx.body = signInPage(auth.returnPath(ctx), true);
      return;
    }
    const persistent = fieldOf(ctx.request.body, 'remember') !== '';
    await auth.signIn(ctx, { subject: user.id, persistent });
  });
  router.post('/logout', (ctx) => auth.signOut(ctx));

  router.get('/orders', auth.page, (ctx) => {
    const token = ctx.state.auth;
    ctx.body = ordersPage(visitorOf(token), shop.ordersOf(token.subject));
  });
  // The form may have been open for an hour: its session is refreshed here, and nothing that was filled in is lost.
  router.post('/orders', auth.page, form, (ctx) => {
    shop.order(ctx.state.auth.subject, fieldOf(ctx.request.body, 'article'));
    seeOther(ctx, '/orders');
  });

  router.get('/admin', auth.page.claim('role', 'admin'), (ctx) => {
    ctx.body = adminPage(visitorOf(ctx.state.auth));
  });

  // The password must have been proved within ten minutes.
  router.get('/address', auth.page.fresh('10m'), (ctx) => {
    const token = ctx.state.auth;
    ctx.body = addressPage(visitorOf(token), shop.addressOf(token.subject));
  });
  router.post('/address', auth.page.fresh('10m'), form, (ctx) => {
    shop.move(ctx.state.auth.subject, fieldOf(ctx.request.body, 'address'));
    seeOther(ctx, '/address');
  });
  router.get('/confirm', auth.page, (ctx) => {
    ctx.body = confirmPage(visitorOf(ctx.state.auth), auth.returnPath(ctx));
  });
  router.post('/confirm', auth.page, form, async (ctx) => {
    const token = ctx.state.auth;
    if (await isPasswordOf(token, ctx.request.body)) {
      await auth.reauthenticated(ctx);
      return;
    }
    ctx.status = 401;
    ctx.body = confirmPage(visitorOf(token), auth.returnPath(ctx), true);
  });

  const app = new Koa();
  // Static files come before this line: caches may keep them.
  app.use(auth);
  app.use(router.routes());
  return app;
}

function seeOther(ctx: Koa.Context, path: string): void {
  ctx.status = 303;
  ctx.redirect(path);
}

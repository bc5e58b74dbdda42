// The server of the example on Koa: the page, its login and one guarded route.

import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import { checkPassword, readCredentials } from '@tokenpair/example-demo';
import { bearer, tokenEndpoints, type AuthState } from '@tokenpair/koa';
import Koa from 'koa';

import { pageHeaders, pagePaths, pages } from './page.js';
import { createTokens, type Settings } from './tokens.js';

export function createKoaApp(settings: Settings): Koa {
  const tokens = createTokens(settings);
  const auth = bearer(tokens.verifier);
  const endpoints = tokenEndpoints(tokens, { transport: 'cookie', mount: '/auth' });

  const router = new Router<AuthState>();

  // Accepts JSON only: a form of another site can send text and forms, and must not sign a user in.
  router.post('/login', bodyParser({ enableTypes: ['json'] }), async (ctx) => {
    const user = await checkPassword(readCredentials(ctx.request.body));
    if (user) {
      // A session that this browser has from before ends.
      await endpoints.login(ctx, { subject: user.id });
    } else {
      ctx.status = 401;
      ctx.body = { code: 'login_failed', action: 'login' };
    }
  });

  router.get('/me', auth, (ctx) => {
    const { subject, claims } = ctx.state.auth;
    ctx.body = { id: subject, name: claims['name'] };
  });

  for (const path of pagePaths) {
    const { type, content } = pages[path];
    router.get(path, (ctx) => {
      ctx.set(pageHeaders);
      ctx.type = type;
      ctx.body = content;
    });
  }

  const app = new Koa();
  // POST /auth/refresh, /auth/logout, /auth/logout-all, GET /auth/sessions, DELETE /auth/sessions/:id
  app.use(endpoints);
  app.use(router.routes());
  return app;
}

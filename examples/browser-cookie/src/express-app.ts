// The server of the example on Express: the page, its login and one guarded route.

import { checkPassword, readCredentials } from '@tokenpair/example-demo';
import { bearer, tokenEndpoints } from '@tokenpair/express';
import express, { type Express } from 'express';

import { pageHeaders, pagePaths, pages } from './page.js';
import { createTokens, type Settings } from './tokens.js';

export function createExpressApp(settings: Settings): Express {
  const tokens = createTokens(settings);
  const auth = bearer(tokens.verifier);
  const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });

  const app = express();

  // Accepts JSON only: a form of another site can send text and forms, and must not sign a user in.
  app.post('/login', express.json(), async (req, res) => {
    const user = await checkPassword(readCredentials(req.body));
    // A session that this browser has from before ends.
    if (user) await endpoints.login(req, res, { subject: user.id });
    else res.status(401).json({ code: 'login_failed', action: 'login' });
  });

  // POST /auth/refresh, /auth/logout, /auth/logout-all, GET /auth/sessions, DELETE /auth/sessions/:id
  app.use('/auth', endpoints);

  app.get('/me', auth, (req, res) => {
    const { subject, claims } = auth.of(req);
    res.json({ id: subject, name: claims['name'] });
  });

  for (const path of pagePaths) {
    const { type, content } = pages[path];
    app.get(path, (_req, res) => {
      res.set(pageHeaders).type(type).send(content);
    });
  }
  return app;
}

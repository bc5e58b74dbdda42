// An Express application with two routers, CORS, a body parser, a 404 handler and an error handler, to which tokenpair was added.
// Every line that was added for it is marked.

import type { TokenIssuer } from '@tokenpair/core'; // tokenpair
import { bearer, tokenEndpoints } from '@tokenpair/express'; // tokenpair
import cors from 'cors';
import express, { Router, type ErrorRequestHandler, type Express } from 'express';

interface Article {
  readonly id: number;
  readonly title: string;
  readonly author: string;
}

export function createApp(tokens: TokenIssuer): Express {
  const auth = bearer(tokens.verifier, { onError: 'next' }); // tokenpair
  const endpoints = tokenEndpoints(tokens, { onError: 'next' }); // tokenpair
  const articles: Article[] = [{ id: 1, title: 'Notes on the engine', author: 'u_ada' }];

  const articleRouter = Router();
  articleRouter.get('/', (_req, res) => {
    res.json({ articles });
  });
  articleRouter.post(
    '/',
    auth.scopes('articles:write'), // tokenpair
    (req, res) => {
      const { title = 'Untitled' } = (req.body ?? {}) as { title?: string };
      const author = auth.of(req).subject; // tokenpair
      const article = { id: articles.length + 1, title, author };
      articles.push(article);
      res.status(201).json(article);
    },
  );
  articleRouter.delete(
    '/:id',
    auth.claim('role', 'admin'), // tokenpair
    (req, res) => {
      const index = articles.findIndex(({ id }) => id === Number(req.params['id']));
      if (index >= 0) articles.splice(index, 1);
      res.status(204).end();
    },
  );

  const accountRouter = Router();
  accountRouter.use(auth); // tokenpair
  accountRouter.get('/', (req, res) => {
    res.json({ id: auth.of(req).subject }); // tokenpair
  });
  accountRouter.get('/articles', (req, res) => {
    const { subject } = auth.of(req); // tokenpair
    res.json({ articles: articles.filter(({ author }) => author === subject) });
  });
  accountRouter.get('/invoices', () => {
    throw new Error('the invoice service at 10.0.0.7 does not answer'); // its text must not reach a client
  });

  const app = express();
  app.use(
    cors({ origin: 'https://shop.example', exposedHeaders: ['WWW-Authenticate', 'Retry-After'] }),
  );
  app.use(express.json());
  app.post('/login', async (req, res) => {
    // The application checks the password here.
    const { username = 'guest' } = (req.body ?? {}) as { username?: string };
    const grant = { subject: `u_${username}`, scope: 'articles:write' }; // tokenpair
    await endpoints.login(req, res, grant); // tokenpair
  });
  app.use('/auth', endpoints); // tokenpair
  app.use('/articles', articleRouter);
  app.use('/account', accountRouter);
  app.use((req, res) => {
    res.status(404).json({ error: { message: `There is no ${req.path}` } });
  });
  app.use(answerError);
  return app;
}

interface AppError extends Error {
  readonly status?: number;
  readonly expose?: boolean;
  readonly headers?: Readonly<Record<string, string>>; // tokenpair
  readonly code?: string; // tokenpair
  readonly action?: string; // tokenpair
}

const answerError: ErrorRequestHandler = (error: AppError, _req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const { status = 500, expose = false, message } = error;
  if (status >= 500) console.error(error);
  res.set(error.headers ?? {}); // tokenpair: the challenge of a 401, the Retry-After of a 503
  const { code, action } = expose ? error : {}; // tokenpair: what the client needs to react
  const shown = expose ? message : 'Something went wrong on our side';
  res.status(status).json({ error: { message: shown, code, action } });
};

// The application of the adapter contract in Express, 4 as 5.

import type { RequestListener } from 'node:http';

import { issueTokenPair, requireFresh, requireScopes, type TokenIssuer } from '@tokenpair/core';
import {
  authErrors,
  bearer,
  protectedResource,
  tokenEndpoints,
  type ExpressTokenEndpoints,
} from '@tokenpair/express';
import cors from 'cors';
import type express5 from 'express5';
import type { ErrorRequestHandler, Handler, RequestHandler } from 'express5';

import {
  browserOptions,
  checkNames,
  ownCookies,
  ownErrors,
  protectedResources,
  publishedOptions,
  type ContractParts,
} from './contract-world.js';

type Express = typeof express5;

export function createExpressApp(express: Express, parts: ContractParts): RequestListener {
  const app = express();
  const { tokens } = parts;
  const auth = bearer(tokens.verifier);
  const answerWith =
    (subjectOf: (req: Parameters<Handler>[0]) => string | undefined): RequestHandler =>
    (req, res) => {
      parts.reached();
      res.json({ subject: subjectOf(req) ?? null, body: req.body as unknown });
    };
  const answer = answerWith((req) => auth.of(req).subject);

  app.get(
    '/open',
    answerWith(() => undefined),
  );
  app.use('/guarded', auth, answer);
  app.get('/route', auth, answer);
  app.use('/router', express.Router().use(auth).get('/inside', answer));

  app.get('/scopes', auth.scopes('orders:read orders:write'), answer);
  app.get('/any-scope', auth.anyScope('orders:write', 'orders:admin'), answer);
  app.get('/claim', auth.claim('role', 'admin', 'owner'), answer);
  for (const how of checkNames) {
    app.get(`/check/${how}`, auth.check(parts.check(how)), answer);
  }

  const optional = bearer(tokens.verifier, { optional: true });
  const answerAnybody = answerWith((req) => optional.of(req)?.subject);
  app.get('/optional', optional, answerAnybody);
  app.get('/optional-scopes', optional, optional.scopes('orders:read'), answerAnybody);

  const revocable = bearer(parts.revocable);
  const answerLive = answerWith((req) => revocable.of(req).subject);
  app.get('/revocable', revocable, answerLive);
  app.get('/twice', revocable, revocable, revocable.scopes('orders:read'), answerLive);

  const lenient = bearer(parts.lenient);
  app.use(
    '/lenient',
    lenient,
    answerWith((req) => lenient.of(req).subject),
  );
  app.use(
    '/preflight',
    bearer(tokens.verifier, { preflight: 'pass' }),
    answerWith(() => undefined),
  );

  const endpoints = tokenEndpoints(tokens);
  const allowOrigin = cors({ origin: 'https://app.test', credentials: true });
  app.use('/cors', allowOrigin, numberRequest, auth, answer);
  app.use('/cors-auth', allowOrigin, numberRequest, endpoints);

  app.use('/parsed-before', express.json(), auth, answer);
  app.use('/parsed-after', auth, express.json(), answer);

  const handsOn = bearer(tokens.verifier, { onError: 'next' });
  app.use(
    '/next',
    handsOn,
    answerWith((req) => handsOn.of(req).subject),
  );
  app.use('/next-auth', tokenEndpoints(tokens, { onError: 'next' }));

  app.get('/failing/sync', auth, () => {
    parts.reached();
    throw ownErrors.sync;
  });
  app.get('/failing/later', auth, (_req, _res, next) => {
    parts.reached();
    setImmediate(() => next(ownErrors.later));
  });
  app.get('/failing/alike', auth, (_req, _res, next) => {
    parts.reached();
    next(ownErrors.alike);
  });
  app.get('/failing/refusal', auth, (req) => {
    requireScopes(auth.of(req), 'orders:write');
  });

  const login =
    (issuer: TokenIssuer, answering: ExpressTokenEndpoints = endpoints): RequestHandler =>
    (req, res, next) => {
      const { subject } = req.body as { subject: string };
      issueTokenPair(issuer, { subject, scope: 'orders:read' })
        .then((pair) => answering.send(req, res, pair))
        // oxlint-disable-next-line promise/no-callback-in-promise -- as an application on Express 4 does it
        .catch(next);
    };
  app.post('/login', express.json(), login(tokens));
  app.post('/login-limited', express.json(), login(parts.limited));
  app.post('/login-full', express.json(), login(parts.full));

  app.use('/auth', endpoints);
  app.use('/strict-auth', tokenEndpoints(parts.strict));
  app.use('/json-auth', express.json(), endpoints);
  app.use('/form-auth', express.urlencoded({ extended: false }), endpoints);
  app.use('/text-auth', express.text({ type: '*/*' }), endpoints);
  app.use('/raw-auth', express.raw({ type: '*/*' }), endpoints);

  for (const [name, options] of Object.entries(browserOptions)) {
    const forBrowsers = tokenEndpoints(tokens, options);
    app.use(`/${name}-auth`, forBrowsers);
    app.post(`/${name}-login`, setOwnCookies, express.json(), login(tokens, forBrowsers));
  }
  app.use(
    '/next-cookie-auth',
    tokenEndpoints(tokens, { ...browserOptions.cookie, onError: 'next' }),
  );

  for (const [name, mount] of Object.entries(parts.sessionMounts)) {
    const onError = mount.handsOn ? 'next' : undefined;
    const mounted = tokenEndpoints(mount.tokens, { ...mount.options, onError });
    app.use(`/${name}-auth`, mounted);
    app.all(`/${name}-signin`, (req, res, next) => {
      const { grant, options } = parts.login();
      // oxlint-disable-next-line promise/no-callback-in-promise -- as an application on Express 4 does it
      mounted.login(req, res, grant, options).catch(next);
    });
  }

  app.get('/fresh', auth.fresh('10m'), answer);
  app.get('/fresh-acr', auth.fresh('10m', 'phr', 'phrh'), answer);
  app.get('/acr', auth.acr('phr', 'phrh'), answer);
  app.get('/required-fresh', auth, (req, res) => {
    requireFresh(auth.of(req), '10m');
    res.json({ actor: auth.of(req).actor ?? null });
  });

  const forClients = tokenEndpoints(tokens, parts.clientOptions);
  app.use(forClients.wellKnown);
  app.use('/client-auth', forClients);

  const published = bearer(parts.published.verifier);
  const answerPublished = answerWith((req) => published.of(req).subject);
  app.get('/published', published, answerPublished);
  app.get('/published-scopes', published.scopes('orders:write'), answerPublished);
  const publishedEndpoints = tokenEndpoints(parts.published, publishedOptions);
  app.use(publishedEndpoints.wellKnown);
  app.use('/published-auth', publishedEndpoints);
  for (const resource of protectedResources) app.use(protectedResource(resource));

  app.use((_req, res) => {
    res.status(404).json({ application: 'not found' });
  });
  app.use(handedOn, authErrors(), failed);
  return app as RequestListener;
}

const numberRequest: RequestHandler = (_req, res, next) => {
  res.set('X-Request-Id', '7');
  next();
};

const setOwnCookies: RequestHandler = (_req, res, next) => {
  res.append('Set-Cookie', [...ownCookies]);
  next();
};

interface HandedOnError extends Error {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
  readonly action?: string;
}

const handedOn: ErrorRequestHandler = (error: HandedOnError, req, res, next) => {
  if (!req.originalUrl.startsWith('/next')) {
    next(error);
    return;
  }
  const { status = 500, headers = {}, code, action } = error;
  res.status(status).set(headers).json({ application: 'refused', code, action });
};

const failed: ErrorRequestHandler = (
  { status = 500, message }: HandedOnError,
  _req,
  res,
  _next,
) => {
  res.status(status).json({ application: 'failed', message });
};

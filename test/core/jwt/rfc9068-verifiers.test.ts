// Verifiers of other people that insist on the form of RFC 9068 accept our access tokens, with the claim client_id.

import type * as Oauth4webapi from 'oauth4webapi';
import { issueTokenPair, type LoginGrant, type TokenIssuerOptions } from '@tokenpair/core';
import { tokenEndpoints } from '@tokenpair/express';
import express from 'express5';
import { auth, type JWTPayload } from 'express-oauth2-jwt-bearer';

import { send, startServer, type TestServer } from '../../support/http.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { createTestKey } from '../../support/keys.js';

// It publishes ES modules only, which Jest cannot load.
const { createRequire } = process.getBuiltinModule('node:module');
const oauth = createRequire(__filename)('oauth4webapi') as typeof Oauth4webapi;

const { signing } = createTestKey('ES256', 'test');
// These verifiers have no clock of the test.
const ofNow: Partial<TokenIssuerOptions> = { keys: [signing], clock: Date.now };

const cases: readonly [string, Partial<TokenIssuerOptions>, Partial<LoginGrant>, string][] = [
  ['the name of the issuer', {}, {}, issuerName],
  ['the option clientId of the issuer', { clientId: 'web' }, {}, 'web'],
  ['the client of the login', { clientId: 'web' }, { clientId: 'cli' }, 'cli'],
];

describe.each(cases)('an access token whose client_id is %s', (_what, options, grant, clientId) => {
  let server: TestServer;
  let accessToken: string;
  let jwksUri: string;

  beforeAll(async () => {
    const { tokens } = createTestIssuer({ ...ofNow, ...options });
    const app = express();
    app.use('/auth', tokenEndpoints(tokens));
    app.get('/me', (req, res, next) => {
      const strict = auth({
        strict: true,
        issuer: issuerName,
        audience: audienceName,
        jwksUri,
        tokenSigningAlg: 'ES256',
      });
      strict(req, res, next);
    });
    app.get('/me', (req, res) => {
      res.json((req as { auth?: { payload: JWTPayload } }).auth?.payload);
    });
    server = await startServer(app);
    jwksUri = `${server.address}/auth/.well-known/jwks.json`;
    ({ accessToken } = await issueTokenPair(tokens, { subject: 'u_1', ...grant }));
  });
  afterAll(() => server.close());

  it('is accepted by validateJwtAccessToken of oauth4webapi', async () => {
    const request = new Request('https://api.test/', {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const metadata = { issuer: issuerName, jwks_uri: jwksUri };
    const claims = await oauth.validateJwtAccessToken(metadata, request, audienceName, {
      [oauth.allowInsecureRequests]: true,
    });
    expect(claims).toMatchObject({ sub: 'u_1', client_id: clientId });
  });

  it('is accepted by express-oauth2-jwt-bearer, strict', async () => {
    const authorization = `Bearer ${accessToken}`;
    const answer = await send(server.port, { path: '/me', headers: { authorization } });
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.parse(answer.body)).toMatchObject({ sub: 'u_1', client_id: clientId });
  });
});

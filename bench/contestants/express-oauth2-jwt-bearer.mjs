// express-oauth2-jwt-bearer, which fetches public keys: from a server on loopback, once.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { auth } from 'express-oauth2-jwt-bearer';

export const guards = [
  {
    name: 'express-oauth2-jwt-bearer',
    framework: 'express',
    async create({ algorithm, issuer, audience, kid, verificationKey, verificationText }) {
      if (algorithm === 'HS256') {
        return auth({ issuer, audience, secret: verificationText, tokenSigningAlg: algorithm });
      }
      const key = { ...verificationKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
      const jwksUri = `${await serve({ keys: [key] })}/jwks.json`;
      return auth({ issuer, audience, jwksUri, tokenSigningAlg: algorithm });
    },
  },
];

async function serve(document) {
  const server = createServer((_req, res) => res.end(JSON.stringify(document)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

// Tries the tables of docs/algorithms.md: each library verifies tokens that tokenpair signs, and refuses forged ones.

import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import * as fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  verifyBearer,
  type Algorithm,
  type SigningKeyOptions,
  type TokenIssuer,
} from '@tokenpair/core';
import express from 'express5';
import { expressjwt } from 'express-jwt';
import { createVerifier } from 'fast-jwt';
import jwt from 'jsonwebtoken';
import type * as OAuth from 'oauth4webapi';
import supertest from 'supertest';

import { jose } from '../support/jose.js';
import { createKeyPair } from '../support/keys.js';
import { runRecipe } from '../support/recipe.js';

// It publishes ES modules only, which Jest cannot load.
const { createRequire } = process.getBuiltinModule('node:module');
const oauth = createRequire(__filename)('oauth4webapi') as typeof OAuth;

const issuer = 'https://login.example.com';
const audience = 'https://api.example.com';
const columns = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

interface Material {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
  /** The key as text or bytes, for libraries that take no `KeyObject`. */
  readonly text: string | Buffer;
  readonly tokens: TokenIssuer;
}

/** Verifies a token. Fails when it is refused. */
type Verify = (material: Material, token: string) => unknown;

const verifiers: Readonly<Record<string, Verify>> = {
  tokenpair: ({ algorithm, text }, token) => {
    const key = algorithm === 'HS256' ? { secret: text } : { publicKey: text };
    const keys = [{ kid: 'k1', algorithm, ...key }];
    return verifyBearer(createTokenVerifier({ issuer, audience, keys }), `Bearer ${token}`);
  },
  jose: ({ algorithm, key }, token) =>
    jose.jwtVerify(token, key, { issuer, audience, typ: 'at+jwt', algorithms: [algorithm] }),
  oauth4webapi: ({ algorithm, key }, token) => {
    const server = { issuer, jwks_uri: `${issuer}/jwks.json` };
    const request = new Request(audience, { headers: { Authorization: `Bearer ${token}` } });
    const keys = [{ ...key.export({ format: 'jwk' }), kid: 'k1', alg: algorithm, use: 'sig' }];
    return oauth.validateJwtAccessToken(server, request, audience, {
      [oauth.customFetch]: async () => Response.json({ keys }),
    });
  },
  jsonwebtoken: ({ algorithm, key }, token) =>
    jwt.verify(token, key, { algorithms: [algorithm as jwt.Algorithm], issuer, audience }),
  'express-jwt': ({ algorithm, key }, token) => {
    const app = express();
    const algorithms = [algorithm as jwt.Algorithm];
    app.get('/', expressjwt({ secret: key, algorithms, issuer, audience }), (_req, res) => {
      res.end();
    });
    app.use(((_error, _req, res, _next) => {
      res.status(401).end();
    }) satisfies express.ErrorRequestHandler);
    return supertest(app).get('/').set('Authorization', `Bearer ${token}`).expect(200);
  },
  'fast-jwt': ({ algorithm, text }, token) => {
    const algorithms = [algorithm] as unknown as ['ES256'];
    return createVerifier({ key: text, algorithms, allowedIss: issuer, allowedAud: audience })(
      token,
    ) as unknown;
  },
};

const create = (key: SigningKeyOptions) =>
  createTokenIssuer({
    issuer,
    audience,
    keys: [key],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore({ capacity: 10 }),
  });

function makeMaterial(algorithm: Algorithm): Material {
  if (algorithm === 'HS256') {
    const secret = randomBytes(32);
    const tokens = create({ kid: 'k1', algorithm, secret });
    return { algorithm, key: createSecretKey(secret), text: secret, tokens };
  }
  const { privateKey, publicKey } = createKeyPair(algorithm);
  const text = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const tokens = create({ kid: 'k1', algorithm, privateKey });
  return { algorithm, key: publicKey, text, tokens };
}

describe('the table of libraries', () => {
  const materials = new Map<string, Material>();
  let tables: ReadonlyMap<string, string>[];

  beforeAll(async () => {
    tables = await readTables();
    for (const algorithm of columns) materials.set(algorithm, makeMaterial(algorithm));
  });

  it('has a row for each library that is tried', () => {
    const rows = [...(tables[0]?.keys() ?? [])].map((cell) => cell.split(',')[0]);
    expect([...new Set(rows)]).toEqual(Object.keys(verifiers));
  });

  const cases = Object.keys(verifiers).flatMap((name) =>
    columns.map((algorithm) => [name, algorithm] as const),
  );

  it.each(cases)('says whether %s verifies %s', async (name, algorithm) => {
    const material = materials.get(algorithm) as Material;
    const { accessToken } = await issueTokenPair(material.tokens, {
      subject: 'u_1',
      clientId: 'app',
    });
    const accepts = async (token: string) => {
      try {
        await verifiers[name]?.(material, token);
        return true;
      } catch {
        return false;
      }
    };
    const isAccepted = await accepts(accessToken);
    expect(isAccepted ? 'yes' : 'no').toBe(tables[0]?.get(`${name},${algorithm}`));
    await expect(accepts(withOtherSignature(accessToken))).resolves.toBe(false);
  });

  it.each(columns)('says how long a signature of %s is', async (algorithm) => {
    const { tokens } = materials.get(algorithm) as Material;
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { length } = accessToken.split('.')[2] as string;
    expect(String(length)).toBe(tables[1]?.get(`signature,${algorithm}`));
  });
});

describe('a change of the algorithm', () => {
  it('publishes the new key before it signs', async () => {
    const rsa = createKeyPair('RS256').privateKey;
    const ec = createKeyPair('ES256').privateKey;
    const files: Readonly<Record<string, unknown>> = {
      'rsa.pem': rsa,
      'ec.pem': ec,
      'refresh.key': randomBytes(32),
    };
    const readFileSync = (path: string) => files[path];
    const { tokens } = await runRecipe<{ tokens: TokenIssuer }>('algorithms.md', {
      under: 'Change the algorithm',
      modules: { 'node:fs': { ...fs, readFileSync } },
      exported: ['tokens'],
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(jwt.decode(accessToken, { complete: true })?.header).toMatchObject({
      alg: 'RS256',
      kid: '2026-11',
    });
    expect(tokens.describeKeys()).toMatchObject([
      { kid: '2026-11', algorithm: 'RS256', state: 'current' },
      { kid: '2026-12', algorithm: 'ES256', state: 'next' },
      { for: 'refresh tokens' },
    ]);
  });
});

/** The cells of each table, by the name of the row and the column. */
async function readTables(): Promise<ReadonlyMap<string, string>[]> {
  const text = await readFile(join(__dirname, '../../docs/algorithms.md'), 'utf8');
  return [...text.matchAll(/^\|.*\|\n\|[ |-]*\|\n((?:\|.*\|\n)+)/gm)].map(([, rows = '']) => {
    const cells = rows
      .trim()
      .split('\n')
      .map((row) => row.split('|').slice(1, -1));
    return new Map(
      cells.flatMap(([name = '', ...values]) =>
        values.map((value, index) => [
          `${name.replaceAll('`', '').trim()},${columns[index]}`,
          value.trim(),
        ]),
      ),
    );
  });
}

/** A signature of the same length, over something else. */
function withOtherSignature(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  return [header, payload, bytes.toString('base64url')].join('.');
}

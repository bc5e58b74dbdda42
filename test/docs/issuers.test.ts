// Tests the recipes of docs/issuers.md, read from the page, against tokens like those of each issuer.

import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

import * as core from '@tokenpair/core';
import { createTokenVerifier, verifyBearer, type AcceptedIssuerOptions } from '@tokenpair/core';
import { transform } from '@swc/core';

import { forge, signerFor } from '../support/forge.js';
import { createTestKey } from '../support/keys.js';

const page = join(__dirname, '../../docs/issuers.md');
const now = 1_800_000_000;
const key = createTestKey('RS256', 'k1');
const signer = signerFor('RS256', (key.signing as { privateKey: KeyObject }).privateKey);

type Part = Readonly<Record<string, unknown>>;
const jwt = { alg: 'RS256', typ: 'JWT', kid: 'k1' };
const times = { iat: now, exp: now + 3_600 };
const tenant = '11111111-2222-3333-4444-555555555555';

/** An access token of an issuer, and other tokens that it signs with the same key. */
const shapes: Record<string, { header: Part; claims: Part; scopes: string[]; others: Part[] }> = {
  auth0: {
    header: jwt,
    claims: {
      ...times,
      iss: 'https://example.eu.auth0.com/',
      sub: 'auth0|65a000000000000000000000',
      aud: ['https://api.example.com', 'https://example.eu.auth0.com/userinfo'],
      azp: 'client',
      scope: 'openid orders:read',
      permissions: ['orders:read'],
    },
    scopes: ['openid', 'orders:read'],
    others: [{ aud: 'client' }, { iss: 'https://example.eu.auth0.com' }],
  },
  keycloak: {
    header: jwt,
    claims: {
      ...times,
      jti: 'onrtac:0d0c1f6e',
      iss: 'https://sso.example.com/realms/example',
      aud: ['orders-api', 'account'],
      sub: 'f1c2d3e4-0000-4000-8000-000000000000',
      typ: 'Bearer',
      azp: 'shop',
      sid: 'c0ffee00-0000-4000-8000-000000000000',
      realm_access: { roles: ['offline_access'] },
      scope: 'profile email',
    },
    scopes: ['profile', 'email'],
    others: [{ aud: 'shop', typ: 'ID' }, { typ: 'ID' }, { aud: 'account' }],
  },
  cognito: {
    header: { alg: 'RS256', kid: 'k1' },
    claims: {
      ...times,
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example',
      client_id: '1example23456789',
      origin_jti: 'aaaa',
      event_id: 'bbbb',
      token_use: 'access',
      scope: 'orders/read openid',
      auth_time: now,
      jti: 'cccc',
      username: 'alan',
    },
    scopes: ['orders/read', 'openid'],
    others: [
      { token_use: 'id', client_id: undefined, aud: '1example23456789' },
      { token_use: 'id' },
      { client_id: 'another' },
    ],
  },
  entra: {
    header: { ...jwt, x5t: 'thumbprint' },
    claims: {
      ...times,
      nbf: now,
      aud: '66666666-7777-8888-9999-000000000000',
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      azp: 'client',
      azpacr: '1',
      oid: 'ffffffff-0000-4000-8000-000000000000',
      sub: 'pairwise',
      scp: 'Orders.Read Orders.Write',
      tid: tenant,
      uti: 'x',
      ver: '2.0',
    },
    scopes: ['Orders.Read', 'Orders.Write'],
    others: [
      { aud: 'api://orders' },
      { ver: '1.0', iss: `https://sts.windows.net/${tenant}/` },
      { tid: 'another' },
    ],
  },
  google: {
    header: jwt,
    claims: {
      ...times,
      iss: 'https://accounts.google.com',
      azp: '1234567890-example.apps.googleusercontent.com',
      aud: '1234567890-example.apps.googleusercontent.com',
      sub: '110000000000000000000',
      email: 'ada@example.com',
      email_verified: true,
      nonce: 'n',
    },
    scopes: [],
    others: [{ aud: 'another.apps.googleusercontent.com' }, { email_verified: false }],
  },
};

const verifyWith = (options: AcceptedIssuerOptions, token: string) => {
  const verifier = createTokenVerifier({
    ...options,
    keys: [key.verification],
    clock: () => now * 1_000,
  });
  return verifyBearer(verifier, `Bearer ${token}`);
};

describe('the recipes for other issuers', () => {
  let recipes: Record<string, AcceptedIssuerOptions>;

  beforeAll(async () => {
    recipes = await readRecipes();
  });

  it('are all tested here', () => {
    expect(Object.keys(recipes).toSorted()).toEqual(Object.keys(shapes).toSorted());
  });

  it.each(Object.entries(shapes))('accept a token of %s, with its scopes', async (name, shape) => {
    const token = forge({ header: shape.header, payload: shape.claims, signer });
    const verified = await verifyWith(recipes[name] as AcceptedIssuerOptions, token);
    expect(verified.subject).toBe(shape.claims['sub']);
    expect([...verified.scopes]).toEqual(shape.scopes);
  });

  it.each(Object.entries(shapes))('refuse every other token of %s', async (name, shape) => {
    for (const changes of shape.others) {
      const payload = { ...shape.claims, ...changes };
      const token = forge({ header: shape.header, payload, signer });
      await expect(verifyWith(recipes[name] as AcceptedIssuerOptions, token)).rejects.toMatchObject(
        {
          code: 'token_invalid',
        },
      );
    }
  });

  it('work together in one verifier', async () => {
    const verifier = createTokenVerifier({
      issuers: Object.values(recipes).map((recipe) => ({ ...recipe, keys: [key.verification] })),
      clock: () => now * 1_000,
    });
    for (const { header, claims } of Object.values(shapes)) {
      const token = forge({ header, payload: claims, signer });
      await expect(verifyBearer(verifier, `Bearer ${token}`)).resolves.toMatchObject({
        subject: claims['sub'],
      });
    }
  });
});

/** The exports of the snippets of the page, which are run unchanged. */
async function readRecipes(): Promise<Record<string, AcceptedIssuerOptions>> {
  const text = await readFile(page, 'utf8');
  const exports: Record<string, AcceptedIssuerOptions> = {};
  for (const [, code = ''] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    if (!code.includes('export const')) continue;
    const { code: script } = await transform(code, {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    runInNewContext(script, { exports, require: () => core, Object });
  }
  return exports;
}

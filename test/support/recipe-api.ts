// What the recipes of an API read from a file: the public key of an issuer, with tokens of that issuer.

import * as fs from 'node:fs';

import jwt from 'jsonwebtoken';

import { generateKeyPair } from './key-pair.js';

type Claims = Readonly<Record<string, unknown>>;

export interface Api {
  /** As PEM: what the file `public.pem` contains. */
  readonly publicKey: string;
  /** As PEM: what the issuer signs with. */
  readonly privateKey: string;
  /** For `runRecipe`: gives the code its `public.pem`. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** `Bearer` and a valid access token of `https://login.example.com` for `https://api.example.com`. */
  bearer(claims?: Claims): string;
  /** `Bearer` and a token that expired an hour ago. */
  expired(claims?: Claims): string;
}

export function makeApi(): Api {
  const { privateKey, publicKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const sign = (claims: Claims) => {
    const now = Math.floor(Date.now() / 1_000);
    const payload = {
      iss: 'https://login.example.com',
      aud: 'https://api.example.com',
      sub: 'u_1',
      iat: now,
      exp: now + 300,
      ...claims,
    };
    return jwt.sign(payload, privateKey, {
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: 'at+jwt', kid: '2026-11' },
    });
  };
  const readFileSync = (path: string) => {
    if (path !== 'public.pem') throw new Error(`There is no file ${path}.`);
    return pem;
  };
  return {
    publicKey: pem,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    modules: { 'node:fs': { ...fs, readFileSync } },
    bearer: (claims = {}) => `Bearer ${sign(claims)}`,
    expired: (claims = {}) =>
      `Bearer ${sign({ exp: Math.floor(Date.now() / 1_000) - 3_600, ...claims })}`,
  };
}

// lru-cache before raw node:crypto, by hand: keyed by the whole token, which has to be hashed for it, and by the last
// twelve characters, where the whole token is then compared.

import { LRUCache } from 'lru-cache';

import { expressGuard, koaGuard, nowInSeconds, readToken, requireClaims } from '../lib/by-hand.mjs';
import { createVerify } from './raw-crypto.mjs';

function byWholeToken(material, max = 10_000) {
  const verify = createVerify(material);
  const cache = new LRUCache({ max });
  return (token) => {
    const known = cache.get(token);
    if (known !== undefined) return requireClaims(known, nowInSeconds());
    const claims = verify(token);
    cache.set(token, claims);
    return claims;
  };
}

function byTail(material, max = 10_000) {
  const verify = createVerify(material);
  const cache = new LRUCache({ max });
  return (token) => {
    const tail = token.slice(-12);
    const known = cache.get(tail);
    if (known?.token === token) return requireClaims(known.claims, nowInSeconds());
    const claims = verify(token);
    cache.set(tail, { token, claims });
    return claims;
  };
}

const keys = [
  { name: 'lru-cache by whole token, by hand', createCached: byWholeToken },
  { name: 'lru-cache by tail, by hand', createCached: byTail },
];

export const guards = keys.flatMap(({ name, createCached }) => [
  { name, framework: 'express', create: (material) => expressGuard(createCached(material)) },
  { name, framework: 'koa', create: (material) => koaGuard(createCached(material)) },
]);

export const largeVerifiers = [
  {
    name: 'lru-cache by tail',
    create(material) {
      const verify = byTail(material, 200_000);
      return (header) => verify(readToken(header));
    },
  },
];

export const keepers = [
  {
    name: 'lru-cache by whole token, cached token',
    needsTokens: true,
    create(material) {
      const verify = byWholeToken(material, material.count);
      return (_at, token) => verify(token);
    },
  },
];

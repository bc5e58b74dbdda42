// fast-jwt, which @fastify/jwt signs and verifies with, without its cache and with it (default key builder).

import { createSigner, createVerifier } from 'fast-jwt';

import { claimsFor, expressGuard, koaGuard, readToken } from '../lib/by-hand.mjs';

const caches = [
  { name: 'fast-jwt', options: {} },
  { name: 'fast-jwt, its cache', options: { cache: 10_000 } },
];

const createVerify = ({ algorithm, issuer, audience, verificationText }, options) =>
  createVerifier({
    key: verificationText,
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    ...options,
  });

export const guards = caches.flatMap(({ name, options }) => [
  {
    name: `${name}, by hand`,
    framework: 'express',
    create: (material) => expressGuard(createVerify(material, options)),
  },
  {
    name: `${name}, by hand`,
    framework: 'koa',
    create: (material) => koaGuard(createVerify(material, options)),
  },
]);

export const verifiers = caches.map(({ name, options }) => ({
  name,
  create(material) {
    const verify = createVerify(material, options);
    return (header) => verify(readToken(header));
  },
}));

export const signers = [
  {
    name: 'fast-jwt',
    create({ algorithm, kid, signingText }) {
      const header = { typ: 'at+jwt', kid };
      const sign = createSigner({ key: signingText, algorithm, header });
      return (subject) => sign(claimsFor(subject));
    },
  },
];

export const keepers = [
  {
    name: 'fast-jwt, cached token',
    needsTokens: true,
    create(material) {
      const verify = createVerify(material, { cache: material.count });
      return (_at, token) => verify(token);
    },
  },
];

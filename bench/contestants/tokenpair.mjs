// Ours, built, by its public entry; but for the signing inside issueTokenPair, which is reached where it stands.

import {
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  verifyBearer,
} from '@tokenpair/core';
import { bearer as expressBearer } from '@tokenpair/express';
import { bearer as koaBearer } from '@tokenpair/koa';

const inside = (file) => import(new URL(file, import.meta.resolve('@tokenpair/core')).href);

const caches = [
  { name: 'tokenpair', options: {} },
  { name: 'tokenpair, cache: false', options: { cache: false } },
];

export const guards = caches.flatMap(({ name, options }) => [
  {
    name,
    framework: 'express',
    create: (material) => expressBearer(verifierOf(material, options)),
  },
  { name, framework: 'koa', create: (material) => koaBearer(verifierOf(material, options)) },
]);

export const verifiers = caches.map(({ name, options }) => ({
  name,
  create(material) {
    const verifier = verifierOf(material, options);
    return (header) => verifyBearer(verifier, header);
  },
}));

export const signers = [
  {
    name: 'tokenpair, signAccessToken inside issueTokenPair',
    async create(material) {
      const { signAccessToken } = await inside('./issue/sign-access-token.js');
      const tokens = issuerOf(material);
      return async ({ subject, sessionId, scope }) => {
        const session = { sessionId, scope, metadata: {}, createdAt: undefined, reason: 'issue' };
        const { accessToken } = await signAccessToken(tokens, {
          subject,
          session,
          now: Date.now(),
          sessionLeft: 7_776_000_000,
        });
        return accessToken;
      };
    },
  },
];

export function verifierOf({ algorithm, kid, issuer, audience, verificationKey }, options) {
  const key = algorithm === 'HS256' ? { secret: verificationKey } : { publicKey: verificationKey };
  return createTokenVerifier({ issuer, audience, keys: [{ kid, algorithm, ...key }], ...options });
}

export function issuerOf({ algorithm, kid, issuer, audience, signingKey }, options = {}) {
  const key = algorithm === 'HS256' ? { secret: signingKey } : { privateKey: signingKey };
  return createTokenIssuer({
    issuer,
    audience,
    keys: [{ kid, algorithm, ...key }],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 1) }],
    store: new MemorySessionStore(),
    ...options,
  });
}

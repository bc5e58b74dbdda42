// Ours, built, by its public entry; but for the signing inside issueTokenPair, which is reached where it stands.

import {
  createTokenVerifier,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
} from '@tokenpair/core';
import { bearer as expressBearer } from '@tokenpair/express';
import { bearer as koaBearer } from '@tokenpair/koa';
import { RedisSessionStore } from '@tokenpair/redis';

import { fill, hashOf } from '../lib/rotation-setup.mjs';
import {
  createIssuer,
  inFlight,
  limit,
  login,
  metadata,
  newSession,
  scope,
} from '../lib/sessions.mjs';

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

export const largeVerifiers = [
  {
    name: 'tokenpair',
    create(material) {
      const cache = { max: 200_000, maxBytes: 2 ** 30 };
      const verifier = verifierOf(material, { cache });
      return (header) => verifyBearer(verifier, header);
    },
  },
];

/** Signs the access token of a subject's login, as issueTokenPair does within. */
export async function createSigning(material) {
  const { signAccessToken } = await inside('./issue/sign-access-token.js');
  const tokens = createIssuer(new MemorySessionStore(), material);
  const session = {
    sessionId: newSession('u').sessionId,
    scope,
    metadata,
    createdAt: undefined,
    reason: 'issue',
  };
  return (subject) =>
    signAccessToken(tokens, { subject, session, now: Date.now(), sessionLeft: 7_776_000_000 });
}

export const signers = [{ name: 'tokenpair, inside issueTokenPair', create: createSigning }];

export const rotations = [
  {
    name: 'tokenpair, store.rotate',
    async create({ client, sessions, others }) {
      const store = new RedisSessionStore({ client, deadline: 60 });
      const states = [];
      await inFlight(sessions, 64, async (at) => {
        const session = newSession(`u_${at}`);
        await store.create(session, limit);
        states[at] = session;
      });
      await fill(store, others);
      return async (at) => {
        const session = states[at];
        const { sessionId, generation, secretHash, attempt } = session;
        const next = {
          generation: generation + 1,
          secretHash: hashOf(generation + at),
          keyId: 1,
          parentGeneration: generation,
          attempt,
          moveAnchor: true,
        };
        const { outcome } = await store.rotate(sessionId, { generation, secretHash }, next);
        if (outcome !== 'swapped') throw new Error(`the store has answered ${outcome}`);
        session.generation = next.generation;
        session.secretHash = next.secretHash;
      };
    },
  },
  {
    name: 'tokenpair, refreshTokenPair',
    async create({ client, material, sessions }) {
      const tokens = createIssuer(new RedisSessionStore({ client, deadline: 60 }), material);
      const current = [];
      await inFlight(sessions, 64, async (at) => {
        current[at] = (await login(tokens, `u_${at}`)).refreshToken;
      });
      return async (at) => {
        const { refreshToken } = await refreshTokenPair(tokens, current[at]);
        current[at] = refreshToken;
      };
    },
  },
];

export const logins = [
  {
    name: 'tokenpair, issueTokenPair',
    create({ client, material }) {
      const tokens = createIssuer(new RedisSessionStore({ client, deadline: 60 }), material);
      let users = 0;
      return () => login(tokens, `u_${users++}`);
    },
  },
];

export function verifierOf({ algorithm, kid, issuer, audience, verificationKey }, options) {
  const key = algorithm === 'HS256' ? { secret: verificationKey } : { publicKey: verificationKey };
  return createTokenVerifier({ issuer, audience, keys: [{ kid, algorithm, ...key }], ...options });
}

export const keepers = [
  {
    name: 'tokenpair, cached token',
    needsTokens: true,
    create(material) {
      const verifier = verifierOf(material, { cache: { max: material.count, maxBytes: 2 ** 40 } });
      return (_at, token) => verifyBearer(verifier, `Bearer ${token}`);
    },
  },
  ...[1, 5].map((perSubject) => ({
    name: `MemorySessionStore, session, ${perSubject} a subject`,
    create(material) {
      const store = new MemorySessionStore({ capacity: material.count });
      const tokens = createIssuer(store, material);
      return (at) => login(tokens, `u_${Math.floor(at / perSubject)}`);
    },
  })),
];

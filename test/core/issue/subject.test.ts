// A lone surrogate becomes U+FFFD in UTF-8, so a subject with one would be taken for another subject.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSubject,
  type TokenIssuer,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import { ownerTag, type NewSession } from '@tokenpair/core/store';
import { createTestClock } from '@tokenpair/testing';

import { alterStore } from '../../support/altered-store.js';
import { forge, signerFor } from '../../support/forge.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { storeKinds } from '../../support/stores.js';

const theirs = 'u_\uFFFD';

const newSession = (owner: string): NewSession => ({
  sessionId: ownerTag(owner) + randomBytes(16).toString('base64url'),
  owner,
  generation: 1,
  secretHash: 'h'.repeat(22),
  state: '1',
  data: '{}',
  idleLifetime: 60_000,
  absoluteLifetime: 60_000,
});
const malformed = ['u_\uD800', 'u_\uDFFF', '\uDC00\uD800', '\uD800'];

describe.each(storeKinds)('a subject with a lone surrogate, over $name', ({ open }) => {
  it.each(malformed)('ends no session of another subject, and lists none: %j', async (subject) => {
    const clock = createTestClock();
    const { store, close } = await open(clock.now);
    try {
      const { tokens, calls } = createTestIssuer({ store, clock: clock.now });
      const other = subject.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
      const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: other });
      const intruder = { ...newSession(other), owner: subject };
      calls.length = 0;
      for (const call of [
        () => revokeSubject(tokens, subject),
        () => revokeSubject(tokens, subject, { except: sessionId }),
        () => listSessions(tokens, subject),
        () => issueTokenPair(tokens, { subject }),
        () => store.revokeOwner(subject),
        () => store.list(subject),
        () => store.create(intruder, { max: 1, onLimit: 'evict-oldest' }),
      ]) {
        await expect(call()).rejects.toThrow(TypeError);
        await expect(call()).rejects.toThrow(/^subject must be well-formed/);
      }
      expect(calls).toEqual([]);
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
      expect(await listSessions(tokens, other)).toMatchObject([{ sessionId, subject: other }]);
    } finally {
      await close();
    }
  });

  it('is accepted when its surrogates are paired', async () => {
    const clock = createTestClock();
    const { store, close } = await open(clock.now);
    try {
      const { tokens } = createTestIssuer({ store, clock: clock.now });
      const { sessionId } = await issueTokenPair(tokens, { subject: '😀' });
      await expect(revokeSubject(tokens, '😀')).resolves.toEqual([sessionId]);
    } finally {
      await close();
    }
  });

  it('is kept when it is in metadata', async () => {
    const clock = createTestClock();
    const { store, close } = await open(clock.now);
    try {
      const { tokens } = createTestIssuer({ store, clock: clock.now });
      const metadata = { device: '\uD800', '\uDFFF': ['\uFFFD'] };
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1', metadata });
      await refreshTokenPair(tokens, refreshToken);
      await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ metadata }]);
    } finally {
      await close();
    }
  });
});

describe('the tag of an owner', () => {
  it('is refused for a lone surrogate, which would get the tag of another owner', () => {
    expect(() => ownerTag('\uD800')).toThrow(TypeError);
    expect(ownerTag('\uFFFD')).toHaveLength(16);
  });
});

describe('an access token whose subject has a lone surrogate', () => {
  const secret = Buffer.alloc(32, 7);

  function accessToken(tokens: { readonly clock: { now(): number } }, sub: string, sid: string) {
    const now = Math.floor(tokens.clock.now() / 1_000);
    return forge({
      header: { alg: 'HS256', typ: 'at+jwt', kid: 'k' },
      payload: { iss: issuerName, aud: audienceName, sub, sid, iat: now, exp: now + 300 },
      signer: signerFor('HS256', secret),
    });
  }

  it.each([
    ['GET', '/sessions'],
    ['POST', '/logout-all'],
    ['DELETE', '/sessions/x'],
  ])('is not valid at %s %s, and ends no session', async (method, path) => {
    const issuer = createTestIssuer({ keys: [{ kid: 'k', algorithm: 'HS256', secret }] });
    const { sessionId, refreshToken } = await issueTokenPair(issuer.tokens, { subject: theirs });
    for (const subject of malformed) {
      const token = accessToken(issuer, subject, sessionId);
      await expect(ask(issuer.tokens, method, path, token)).rejects.toMatchObject({
        code: 'token_invalid',
        check: 'sub',
      });
    }
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });

  it.each([
    ['GET', '/sessions'],
    ['POST', '/logout-all'],
  ])('or is too long has no session: %s %s', async (method, path) => {
    const issuer = createTestIssuer({ keys: [{ kid: 'k', algorithm: 'HS256', secret }] });
    const token = accessToken(issuer, 'x'.repeat(1_025), 'x');
    await expect(ask(issuer.tokens, method, path, token)).rejects.toMatchObject({
      code: 'session_revoked',
    });
  });

  it('does not match any refresh token', async () => {
    const issuer = createTestIssuer({ keys: [{ kid: 'k', algorithm: 'HS256', secret }] });
    const { sessionId, refreshToken } = await issueTokenPair(issuer.tokens, { subject: theirs });
    const evidence = { accessToken: accessToken(issuer, 'u_\uD800', sessionId) };
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, evidence))).toBe(
      'token_pair_mismatch',
    );
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });
});

describe('a store that returns an owner with a lone surrogate', () => {
  it('causes 503, not a TypeError', async () => {
    const { tokens, another, store } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: theirs });
    const garbled = another({
      reuseInterval: 0,
      store: alterStore(store, {
        async get(sessionId) {
          const session = await store.get(sessionId);
          return session && { ...session, owner: `${session.owner}\uD800` };
        },
      }),
    });
    expect(await codeOf(refreshTokenPair(garbled, refreshToken))).toBe('temporarily_unavailable');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });
});

function ask(tokens: TokenIssuer, method: string, path: string, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const request = { method, headers, rawHeaders: [] } as unknown as IncomingMessage;
  return createTokenEndpoints(tokens).handle({ request, path, body: { a: '1' } });
}

// Runs the code of docs/revocation.md as one application: a process that issues, one that follows its log, and a server of ws.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import * as core from '@tokenpair/core';
import {
  createRevocations,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  verifyBearer,
  type Revocations,
  type TokenIssuer,
  type TokenPair,
  type TokenVerifier,
} from '@tokenpair/core';
import { MemoryRevocationLog } from '@tokenpair/core/store';
import { WebSocket, WebSocketServer } from 'ws';

import { createTestIssuer } from '../support/issuer.js';
import { createKeyPair } from '../support/keys.js';
import { runRecipe } from '../support/recipe.js';
import { until } from '../support/until.js';

const page = 'revocation.md';
const name = 'https://api.example.com';
const { privateKey, publicKey } = createKeyPair('ES256');
const modules = {
  '@tokenpair/core': core,
  'node:fs': { readFileSync: () => String(publicKey.export({ type: 'spki', format: 'pem' })) },
};

describe('the code for revocation', () => {
  let tokens: TokenIssuer;
  let verifier: TokenVerifier;
  let logs: readonly Revocations[];

  beforeEach(async () => {
    const log = new MemoryRevocationLog();
    const [own, followed] = [0, 1].map(() => createRevocations(log, { pollInterval: 0.02 }));
    logs = [own, followed].filter((one) => one !== undefined);
    tokens = createTestIssuer({
      issuer: name,
      audience: name,
      keys: [{ kid: '2026-11', algorithm: 'ES256', privateKey }],
      revocations: own,
      clock: undefined,
    }).tokens;
    await own?.ready();
    ({ verifier } = await runRecipe<{ verifier: TokenVerifier }>(page, {
      under: 'Set it up',
      given: { revocations: followed },
      modules,
      exported: ['verifier'],
    }));
  });
  afterEach(() => Promise.all(logs.map((one) => one.close())));

  const signIn = () => issueTokenPair(tokens, { subject: 'u_1' });

  /** What the process that follows answers to the access token of a pair. */
  const answerTo = ({ accessToken }: TokenPair) =>
    verifyBearer(verifier, `Bearer ${accessToken}`).then(
      () => 'ok',
      (error: core.AuthError) => error.code,
    );

  it('a logout, all others and a change of role hold in the other process', async () => {
    const [one, two] = [await signIn(), await signIn()];
    expect([await answerTo(one), await answerTo(two)]).toEqual(['ok', 'ok']);
    const saved: string[][] = [];
    await runRecipe(page, {
      under: 'Log out, and change a role',
      given: {
        tokens,
        sessionId: one.sessionId,
        saveRole: async (...role: string[]) => saved.push(role),
      },
      modules,
      exported: ['revokeSession'],
    });
    await until(async () => (await answerTo(one)) === 'session_revoked');
    await until(async () => (await answerTo(two)) === 'session_revoked');
    expect(saved).toEqual([['u_1', 'reader']]);
    expect(await listSessions(tokens, 'u_1')).toEqual([]);
  });

  it('a change of role costs one refresh, and no sign-in', async () => {
    const [other, pair] = [await signIn(), await signIn()];
    await runRecipe(page, {
      under: 'Log out, and change a role',
      given: { tokens, sessionId: other.sessionId, saveRole: async () => {} },
      // As if nothing had been logged out: only the last call has an effect.
      modules: {
        ...modules,
        '@tokenpair/core': {
          ...core,
          revokeSession: async () => {},
          revokeSubject: async () => {},
        },
      },
      exported: ['revokeClaims'],
    });
    await until(async () => (await answerTo(pair)) === 'claims_stale');
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    expect(next.sessionId).toBe(pair.sessionId);
    await until(async () => (await answerTo(next)) === 'ok');
  });

  it('a socket closes when its session ends, and at once without a token', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new WebSocketServer({ server: http });
    await runRecipe(page, {
      under: 'Close sockets',
      given: { verifier, server },
      modules,
      exported: ['watchToken'],
    });
    const { port } = http.address() as AddressInfo;
    const open = (headers: Record<string, string>) =>
      new WebSocket(`ws://127.0.0.1:${port}`, { headers });
    try {
      const [code, reason] = await once(open({}), 'close');
      expect([code, String(reason)]).toEqual([4401, 'token_missing']);
      const { accessToken, sessionId } = await signIn();
      const socket = open({ authorization: `Bearer ${accessToken}` });
      await once(socket, 'open');
      const closed = once(socket, 'close');
      await core.revokeSession(tokens, { sessionId });
      const [last, why] = await closed;
      expect([last, String(why)]).toEqual([4401, 'session_revoked']);
    } finally {
      server.close();
      http.close();
    }
  });

  it('the kill switch ends every session', async () => {
    const pair = await signIn();
    await runRecipe(page, {
      under: 'The kill switch',
      given: { tokens },
      modules,
      exported: ['revokeEverything'],
    });
    await until(async () => (await answerTo(pair)) === 'session_revoked');
    await expect(refreshTokenPair(tokens, pair.refreshToken)).rejects.toMatchObject({
      code: 'refresh_token_invalid',
    });
  });
});

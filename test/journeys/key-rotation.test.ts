// Tests key rotation under load: honest clients, a login server whose signing key and refresh key rotate, and an API that loads
// the public keys from the key set. Over real HTTP, on a clock that the test sets.

import { randomBytes, type KeyObject } from 'node:crypto';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  remoteKeySet,
  verifyBearer,
  type RefreshKeyOptions,
  type SigningKeyOptions,
  type TokenIssuer,
  type TokenpairEvent,
} from '@tokenpair/core';
import { bearer, tokenEndpoints } from '@tokenpair/express';
import { createTestClock } from '@tokenpair/testing';
import express from 'express5';

import { forge, signerFor } from '../support/forge.js';
import { send, startServer, type TestServer } from '../support/http.js';
import { audienceName, issuerName } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';

type State = 'next' | 'current' | 'retiring';
type Keys = readonly [SigningKeyOptions, ...SigningKeyOptions[]];
type RefreshKeys = readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];

const material = {
  k1: createTestKey('ES256', 'k1').signing,
  k2: createTestKey('ES256', 'k2').signing,
};
const refreshSecrets = { '1': randomBytes(32), '2': randomBytes(32) };

const ring = (states: Partial<Record<keyof typeof material, State>>) =>
  Object.entries(states).map(([kid, state]) => ({
    ...material[kid as keyof typeof material],
    state,
  })) as unknown as Keys;
const refreshRing = (states: Partial<Record<keyof typeof refreshSecrets, State>>) =>
  Object.entries(states).map(([kid, state]) => ({
    kid,
    secret: refreshSecrets[kid as keyof typeof refreshSecrets],
    state,
  })) as unknown as RefreshKeys;

const refreshInterval = 50;

async function openDrill() {
  const clock = createTestClock();
  const events: TokenpairEvent[] = [];
  const shared = {
    issuer: issuerName,
    audience: audienceName,
    clock: clock.now,
    clockTolerance: 0,
  };
  const tokens = createTokenIssuer({
    ...shared,
    keys: ring({ k1: 'current' }),
    refreshKeys: refreshRing({ '1': 'current' }),
    store: new MemorySessionStore({ clock: clock.now }),
    accessTokenLifetime: '5m',
    onEvent: (event) => events.push(event),
  });
  const login = express();
  login.use('/auth', tokenEndpoints(tokens));
  login.get('/me', bearer(tokens.verifier), (_req, res) => res.sendStatus(204));
  const loginServer = await startServer(login);

  let failedLoads = 0;
  const keys = remoteKeySet(`${loginServer.address}/auth/.well-known/jwks.json`, {
    refreshInterval,
    clock: clock.now,
    onEvent: () => (failedLoads += 1),
  });
  const verifier = createTokenVerifier({ ...shared, keys });
  const api = express();
  api.get('/notes', bearer(verifier), (_req, res) => res.sendStatus(204));
  const apiServer = await startServer(api);

  return {
    clock,
    events,
    tokens,
    verifier,
    loginServer,
    apiServer,
    failedLoads: () => failedLoads,
    async close() {
      await apiServer.close();
      await loginServer.close();
    },
  };
}

type Drill = Awaited<ReturnType<typeof openDrill>>;

/** An honest client that records its refusals. */
async function createClient({ tokens, loginServer, apiServer }: Drill, name: string) {
  let { accessToken, refreshToken } = await issueTokenPair(tokens, { subject: name });
  const tally = { requests: 0, refreshes: 0, refusals: [] as string[] };

  async function ask(server: TestServer, path: string): Promise<void> {
    const headers = { Authorization: `Bearer ${accessToken}` };
    const { status, body } = await send(server.port, { path, headers });
    tally.requests += 1;
    if (status !== 204) tally.refusals.push(`${path} ${status} ${body}`);
  }

  return {
    tally,
    async call(count: number) {
      for (let turn = 0; turn < count; turn += 1) {
        await (turn % 4 === 0 ? ask(loginServer, '/me') : ask(apiServer, '/notes'));
      }
    },
    async refresh(more: object = {}) {
      const body = JSON.stringify({ refresh_token: refreshToken, ...more });
      const headers = { 'Content-Type': 'application/json' };
      const answer = await send(loginServer.port, {
        method: 'POST',
        path: '/auth/refresh',
        headers,
        body,
      });
      tally.refreshes += 1;
      if (answer.status !== 200) {
        tally.refusals.push(`refresh ${answer.status} ${answer.body}`);
        return;
      }
      const next = JSON.parse(answer.body) as { access_token: string; refresh_token: string };
      accessToken = next.access_token;
      refreshToken = next.refresh_token;
    },
    tokens: () => ({ accessToken, refreshToken }),
  };
}

const neededUntil = (tokens: TokenIssuer, kid: string) =>
  tokens.describeKeys().find((key) => key.kid === kid)?.neededUntil as number;

describe('a key rotation under load', () => {
  let drill: Drill;
  beforeEach(async () => {
    drill = await openDrill();
  });
  afterEach(() => drill.close());

  test('refuses none of 2 000 requests and 200 refreshes, and refuses every token of a removed key', async () => {
    const { clock, events, tokens, verifier } = drill;
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, index) => createClient(drill, `u_${index}`)),
    );
    // Ten waves. In each, every client sends ten requests and a refresh, half of them the refresh first, while the keys change.
    const wave = async (move: () => void = () => undefined) => {
      const load = clients.map(async (client, index) => {
        if (index % 2 === 0) await client.refresh();
        await client.call(5);
        if (index === 7) move();
        await client.call(5);
        if (index % 2 === 1) await client.refresh();
      });
      await Promise.all(load);
      clock.advance(refreshInterval);
    };

    await wave();
    const early = clients.map((client) => client.tokens());

    await wave(() => tokens.replaceKeys(ring({ k1: 'current', k2: 'next' })));
    await wave(() => tokens.replaceRefreshKeys(refreshRing({ '1': 'current', '2': 'next' })));
    // The API has fetched the new key in the meantime.
    await wave(() => tokens.replaceKeys(ring({ k1: 'retiring', k2: 'current' })));
    await wave(() => tokens.replaceRefreshKeys(refreshRing({ '1': 'retiring', '2': 'current' })));
    await wave();
    await wave();
    await wave();
    const end = neededUntil(tokens, 'k1');
    expect(end).toBeGreaterThan(clock.now());
    clock.advance((end - clock.now()) / 1_000 - 1);
    for (const client of clients) await client.refresh();
    clock.advance(1);
    await wave(() => {
      tokens.replaceKeys(ring({ k2: 'current' }));
      tokens.replaceRefreshKeys(refreshRing({ '2': 'current' }));
    });
    await wave();

    const refusals = clients.flatMap((client) => client.tally.refusals);
    expect(refusals).toEqual([]);
    const sum = (of: 'requests' | 'refreshes') =>
      clients.reduce((total, client) => total + client.tally[of], 0);
    expect(sum('requests')).toBe(2_000);
    expect(sum('refreshes')).toBeGreaterThanOrEqual(200);
    expect(drill.failedLoads()).toBe(0);
    expect(events.filter(({ type }) => !/^session\.(?:issued|refreshed)$/.test(type))).toEqual([]);

    // Tokens of the removed keys are refused, and their use is not reported as reuse.
    for (const { accessToken, refreshToken } of early) {
      for (const each of [tokens.verifier, verifier]) {
        await expect(verifyBearer(each, `Bearer ${accessToken}`)).rejects.toMatchObject({
          status: 401,
        });
      }
      await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject({
        code: 'refresh_token_invalid',
      });
    }
    // A new token that is signed with the removed key is refused too.
    const sub = 'u_0';
    const now = clock.now() / 1_000;
    const signedWith = (kid: 'k1' | 'k2') =>
      forge({
        header: { alg: 'ES256', typ: 'at+jwt', kid },
        payload: { iss: issuerName, aud: audienceName, sub, iat: now, exp: now + 300 },
        signer: signerFor('ES256', (material[kid] as { privateKey: KeyObject }).privateKey),
      });
    for (const each of [tokens.verifier, verifier]) {
      await expect(verifyBearer(each, `Bearer ${signedWith('k2')}`)).resolves.toMatchObject({
        subject: sub,
      });
      await expect(verifyBearer(each, `Bearer ${signedWith('k1')}`)).rejects.toMatchObject({
        check: 'key',
      });
    }
    for (const client of clients) await client.refresh();
    expect(clients.flatMap((client) => client.tally.refusals)).toEqual([]);
    // The time is for two thousand real requests.
  }, 60_000);

  test('in an emergency makes every access token of the key invalid at once, and ends no session', async () => {
    const { clock, tokens, verifier } = drill;
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, index) => createClient(drill, `u_${index}`)),
    );
    for (const client of clients) await client.call(2);

    tokens.replaceKeys(ring({ k2: 'current' }));
    tokens.replaceRefreshKeys(refreshRing({ '2': 'current' }));
    const stolen = clients.map((client) => client.tokens().accessToken);
    for (const token of stolen) {
      await expect(verifyBearer(tokens.verifier, `Bearer ${token}`)).rejects.toMatchObject({
        code: 'token_key_unknown',
        check: 'key',
      });
    }
    // The API does not fetch the keys again within 30 seconds, however many unknown key IDs it gets.
    clock.advance(30);
    // Each client gets the action refresh, refreshes with the refused token as evidence, and continues.
    for (const client of clients) await client.call(1);
    for (const client of clients) {
      const refusals = client.tally.refusals.splice(0);
      expect(refusals).toHaveLength(1);
      expect(refusals[0]).toContain('/me 401');
      expect(refusals[0]).toContain('"code":"token_key_unknown","action":"refresh"');
      await client.refresh({ access_token: client.tokens().accessToken });
    }
    for (const client of clients) await client.call(2);
    expect(clients.flatMap((client) => client.tally.refusals)).toEqual([]);
    // The first token under the new key made the API fetch the key set again, so it no longer has the old key.
    for (const token of stolen) {
      await expect(verifyBearer(verifier, `Bearer ${token}`)).rejects.toMatchObject({
        status: 401,
      });
    }
  });
});

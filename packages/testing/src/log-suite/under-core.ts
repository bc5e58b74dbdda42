// The same log under an issuer and verifiers of core: what a user of an application sees of it.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createRevocations,
  createTokenIssuer,
  createTokenVerifier,
  isAuthError,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeClaims,
  revokeEverything,
  revokeSession,
  verifyBearer,
  type FollowOptions,
  type Revocations,
  type RevocationLog,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';

import type { LogCase, LogSection, LogWorld } from './log-case.js';

const audience = 'https://api.test';
const patience = 6_000;

interface Service {
  readonly revocations: Revocations;
  /** `'ok'`, or the code of the refusal. */
  check(token: string): Promise<string>;
}

interface Services {
  readonly tokens: TokenIssuer;
  /** The issuer's own guards. */
  readonly issuer: Service;
  /** Another process that only verifies. */
  readonly verifier: Service;
}

/** Runs a case with an issuer and a verifier that follow the same log through two connections. */
async function withServices(
  { log, other, issuer }: LogWorld,
  follow: FollowOptions,
  run: (services: Services) => Promise<void>,
): Promise<void> {
  const key = { kid: 'test', algorithm: 'HS256', secret: randomBytes(32) } as const;
  const options = { pollInterval: 0.02, ...follow };
  const ofIssuer = createRevocations(withoutClose(log), options);
  const ofVerifier = createRevocations(readOnly(other), options);
  const store = new MemorySessionStore({ capacity: 1_000 });
  const tokens = createTokenIssuer({
    issuer,
    audience,
    keys: [key],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store,
    revocations: ofIssuer,
    claims: () => ({}),
  });
  const verifier = createTokenVerifier({
    issuer,
    audience,
    keys: [key],
    revocations: ofVerifier,
  });
  const serviceOf = (revocations: Revocations, checks: typeof verifier): Service => ({
    revocations,
    check: async (token) => {
      try {
        await verifyBearer(checks, { headers: { authorization: `Bearer ${token}` } });
        return 'ok';
      } catch (error) {
        return isAuthError(error) ? error.code : String(error);
      }
    },
  });
  try {
    await Promise.all([ofIssuer, ofVerifier].map((one) => one.ready({ within: 10 })));
    await run({
      tokens,
      issuer: serviceOf(ofIssuer, tokens.verifier),
      verifier: serviceOf(ofVerifier, verifier),
    });
  } finally {
    await Promise.all([ofIssuer, ofVerifier].map((one) => one.close()));
  }
}

// The suite closes the logs itself.
const withoutClose = (log: RevocationLog): RevocationLog => ({
  append: (entry) => log.append(entry),
  read: (...request) => log.read(...request),
});

/** The log as a verifier may use it. */
const readOnly = (log: RevocationLog): RevocationLog => ({
  append: () => Promise.reject(new Error('a verifier appends nothing')),
  read: (...request) => log.read(...request),
});

async function untilIs(outcome: string, ask: () => Promise<string>): Promise<void> {
  let last = '';
  for (const end = performance.now() + patience; performance.now() < end; await sleep(10)) {
    last = await ask();
    if (last === outcome) return;
  }
  equal(last, outcome);
}

const modes = ['accept', 'refuse'] as const;

const perMode = modes.flatMap((whenBehind): LogCase[] => [
  {
    name: `refuses the tokens of a session that has ended, in every process: ${whenBehind}`,
    run: (world) =>
      withServices(world, { whenBehind }, async ({ tokens, issuer, verifier }) => {
        const ended = await issueTokenPair(tokens, { subject: 'u_1' });
        const live = await issueTokenPair(tokens, { subject: 'u_1' });
        await untilIs('ok', () => verifier.check(ended.accessToken));
        await revokeSession(tokens, { sessionId: ended.sessionId });
        equal(await issuer.check(ended.accessToken), 'session_revoked');
        await untilIs('session_revoked', () => verifier.check(ended.accessToken));
        for (const one of [issuer, verifier]) equal(await one.check(live.accessToken), 'ok');
      }),
  },
  {
    name: `asks for one refresh after a change of claims, and then lets the session in: ${whenBehind}`,
    run: (world) =>
      withServices(world, { whenBehind }, async ({ tokens, verifier }) => {
        const pair = await issueTokenPair(tokens, { subject: 'u_1' });
        await untilIs('ok', () => verifier.check(pair.accessToken));
        await revokeClaims(tokens, { subject: 'u_1' });
        await untilIs('claims_stale', () => verifier.check(pair.accessToken));
        const next = await refreshTokenPair(tokens, pair.refreshToken);
        equal(next.sessionId, pair.sessionId);
        equal(await verifier.check(next.accessToken), 'ok');
      }),
  },
  {
    name: `refuses all tokens from before a kill, and none of a login after it: ${whenBehind}`,
    run: (world) =>
      withServices(world, { whenBehind }, async ({ tokens, verifier }) => {
        const killed = await issueTokenPair(tokens, { subject: 'u_1' });
        await revokeEverything(tokens, world.issuer);
        const later = await issueTokenPair(tokens, { subject: 'u_1' });
        await untilIs('session_revoked', () => verifier.check(killed.accessToken));
        await untilIs('ok', () => verifier.check(later.accessToken));
      }),
  },
  {
    name: `forgets no revocation when the log loses its last entries: ${whenBehind}`,
    needs: 'lose',
    run: (world) =>
      withServices(world, { whenBehind }, async (services) => {
        const { tokens, verifier } = services;
        const ended = await issueTokenPair(tokens, { subject: 'u_1' });
        const live = await issueTokenPair(tokens, { subject: 'u_1' });
        await endAndHear(services, ended);
        await world.under.lose?.(world.issuer, 2);
        await untilIs('true', async () => {
          const { entries } = await world.other.read(world.issuer, 0, 200);
          return String(entries.some(({ text }) => text.includes(ended.sessionId)));
        });
        equal(await verifier.check(ended.accessToken), 'session_revoked');
        equal(await verifier.check(live.accessToken), 'ok');
      }),
  },
  {
    name: `forgets no revocation when all data is lost, and signs no user out: ${whenBehind}`,
    needs: 'flush',
    run: (world) =>
      withServices(world, { whenBehind }, async (services) => {
        const { tokens, verifier } = services;
        const ended = await issueTokenPair(tokens, { subject: 'u_1' });
        const live = await issueTokenPair(tokens, { subject: 'u_1' });
        await endAndHear(services, ended);
        await world.under.flush?.();
        await untilIs('true', async () => {
          const { entries } = await world.other.read(world.issuer, 0, 200);
          return String(entries.some(({ text }) => text.includes(ended.sessionId)));
        });
        equal(await verifier.check(ended.accessToken), 'session_revoked');
        const next = await refreshTokenPair(tokens, live.refreshToken);
        equal(next.sessionId, live.sessionId);
        await untilIs('ok', () => verifier.check(next.accessToken));
      }),
  },
]);

/** Ends a session, and waits until the verifier and the issuer have read it. */
async function endAndHear(
  { tokens, issuer, verifier }: Services,
  { sessionId, accessToken }: TokenPair,
): Promise<void> {
  await revokeSession(tokens, { sessionId });
  const ended = performance.now();
  await untilIs('session_revoked', () => verifier.check(accessToken));
  await untilIs('true', async () => {
    const { behindFor } = issuer.revocations.state;
    return String(behindFor < performance.now() - ended - 50);
  });
}

export const underCore: LogSection = {
  title: 'under the issuer of core',
  cases: [
    ...perMode,
    {
      name: 'answers 503 under `refuse` when it does not answer, and goes on afterwards',
      needs: 'hang',
      run: (world) =>
        withServices(world, { whenBehind: 'refuse', maxAge: 2 }, async ({ tokens, verifier }) => {
          const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
          await untilIs('ok', () => verifier.check(accessToken));
          const resume = await world.under.hang?.();
          try {
            await untilIs('temporarily_unavailable', () => verifier.check(accessToken));
            // Its last contact may be later than that of the verifier.
            await untilIs('temporarily_unavailable', () =>
              issueTokenPair(tokens, { subject: 'u_1' }).then(
                () => 'issued',
                (error: unknown) => (isAuthError(error) ? error.code : String(error)),
              ),
            );
          } finally {
            await resume?.();
          }
          await untilIs('ok', () => verifier.check(accessToken));
        }),
    },
    {
      name: 'lets a position above 2^52 change nothing',
      run: (world) =>
        withServices(world, {}, async ({ tokens, issuer, verifier }) => {
          const pair = await issueTokenPair(tokens, { subject: 'u_1' });
          await untilIs('ok', () => verifier.check(pair.accessToken));
          await world.log.append(world.entry({ text: `O ${2 ** 52 + 2}` }));
          // The page is rejected, which is no contact.
          await untilIs('true', async () => String(verifier.revocations.state.behindFor > 1_500));
          for (const one of [issuer, verifier]) equal(await one.check(pair.accessToken), 'ok');
          ok(verifier.revocations.state.position <= 2 ** 52);
          deepEqual((await refreshTokenPair(tokens, pair.refreshToken)).sessionId, pair.sessionId);
        }),
    },
  ],
};

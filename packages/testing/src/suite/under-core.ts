// The same store under the verbs of core: what a user of an application sees of it.

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  isAuthError,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  type SessionStore,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenPair,
} from '@tokenpair/core';

import type { Section, World } from './case.js';
import { many, repeat } from './sessions.js';

const maxSessions = 5;
const logins = 60;

/** Two processes with the same keys. */
function issuersOf(
  { store, other }: World,
  options: Partial<TokenIssuerOptions> = {},
): readonly [TokenIssuer, TokenIssuer] {
  const key = { kid: 'test', algorithm: 'HS256', secret: randomBytes(32) } as const;
  const refreshKey = { kid: '1', secret: randomBytes(32) };
  const issuerOver = (one: SessionStore) =>
    createTokenIssuer({
      issuer: 'https://issuer.test',
      audience: 'https://api.test',
      keys: [key],
      refreshKeys: [refreshKey],
      store: one,
      maxSessions,
      ...options,
    });
  return [issuerOver(store), issuerOver(other)];
}

const isRefused = (error: unknown) => isAuthError(error) && error.code === 'refresh_token_invalid';

export const underCore: Section = {
  title: 'under the issuer of core',
  cases: [
    {
      name: `gives ${many} parallel refreshes of one token, from two processes, the same successor`,
      needs: 'another',
      async run(world) {
        const [one, other] = issuersOf(world);
        const pair = await issueTokenPair(one, { subject: world.owner });
        const pairs = await Promise.all(
          repeat(many, (index) =>
            refreshTokenPair(index % 2 === 0 ? one : other, pair.refreshToken),
          ),
        );
        equal(new Set(pairs.map(({ refreshToken }) => refreshToken)).size, 1);
        equal((await world.read(pair.sessionId)).generation, 2);
        equal((await listSessions(one, world.owner)).length, 1);
      },
    },
    {
      name: `lets exactly ${maxSessions} of ${logins} parallel logins refresh`,
      needs: 'another',
      async run(world) {
        const [one, other] = issuersOf(world);
        const pairs = await Promise.all(
          repeat(logins, (index) =>
            issueTokenPair(index % 2 === 0 ? one : other, { subject: world.owner }),
          ),
        );
        const refreshes = await Promise.allSettled(
          pairs.map(({ refreshToken }) => refreshTokenPair(one, refreshToken)),
        );
        equal(refreshes.filter(({ status }) => status === 'fulfilled').length, maxSessions);
        equal((await listSessions(one, world.owner)).length, maxSessions);
      },
    },
    {
      name: 'ends the session of a refresh token that comes back two generations later, and no other',
      async run(world) {
        // At an interval of 0 every refresh rotates, and the case need not wait.
        const [tokens] = issuersOf(world, { reuseInterval: 0 });
        const other = await issueTokenPair(tokens, { subject: world.owner });
        const stolen = await issueTokenPair(tokens, { subject: world.owner });
        let latest: TokenPair = stolen;
        for (let count = 0; count < 3; count += 1) {
          latest = await refreshTokenPair(tokens, latest.refreshToken);
        }
        await rejects(refreshTokenPair(tokens, stolen.refreshToken), isRefused);
        await rejects(refreshTokenPair(tokens, latest.refreshToken), isRefused);
        await refreshTokenPair(tokens, other.refreshToken);
      },
    },
    {
      name: 'ends a session at logout for every process',
      async run(world) {
        const [one, other] = issuersOf(world);
        const { refreshToken } = await issueTokenPair(one, { subject: world.owner });
        await revokeSession(one, { refreshToken });
        await rejects(refreshTokenPair(other, refreshToken), isRefused);
        deepEqual(await listSessions(other, world.owner), []);
      },
    },
  ],
};

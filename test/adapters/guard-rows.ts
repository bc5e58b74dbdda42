// Rows of the adapter contract: what guards ask of a good token.

import { randomBytes } from 'node:crypto';

import { revokeClaims, revokeSession } from '@tokenpair/core';

import type { TestRequest } from '../support/http.js';
import { call, callWith, postJson, type ContractRow, type Expectation } from './contract-row.js';
import { claimsOf } from './contract-story.js';

const required = 'orders:read orders:write';

const withScope = (
  name: string,
  path: string,
  scope: string,
  expected: Expectation,
): ContractRow => ({
  name,
  request: async (world) => call(path, (await world.signIn({ scope })).accessToken),
  expect: expected,
});

const withSubject = (
  name: string,
  path: string,
  subject: string,
  expected: Expectation,
): ContractRow => ({
  name,
  request: async (world) => call(path, (await world.signIn({ subject })).accessToken),
  expect: expected,
});

const refusedClaim: Expectation = { status: 403, code: 'claim_refused', calls: [] };

const withAge = (
  name: string,
  request: (token: string) => TestRequest,
  seconds: number,
  expected: Expectation,
): ContractRow => ({
  name,
  request: async (world) => {
    const { accessToken } = await world.signIn();
    world.clock.advance(seconds);
    return request(world.forge({ ...claimsOf(accessToken), exp: world.clock.now() / 1_000 + 300 }));
  },
  expect: expected,
});

const refusedAuthentication = (asksFor: NonNullable<Expectation['asksFor']>): Expectation => ({
  status: 401,
  code: 'authentication_insufficient',
  asksFor,
  calls: [],
});

const authenticationRows: readonly ContractRow[] = [
  withAge(
    'lets a user through who was authenticated just in time',
    (token) => call('/fresh', token),
    600,
    { status: 200, handled: 1 },
  ),
  withAge(
    'asks a user for a more recent authentication, and says how recent',
    (token) => call('/fresh', token),
    601,
    refusedAuthentication({ max_age: '600' }),
  ),
  withAge(
    'asks a user for another level of authentication, and names the levels',
    (token) => call('/acr', token),
    0,
    refusedAuthentication({ acr_values: 'phr phrh' }),
  ),
  withAge(
    'asks a user for a level and a recent authentication at once',
    (token) => call('/fresh-acr', token),
    0,
    refusedAuthentication({ max_age: '600', acr_values: 'phr phrh' }),
  ),
  withAge(
    'asks for a more recent authentication in a handler',
    (token) => call('/required-fresh', token),
    601,
    refusedAuthentication({ max_age: '600' }),
  ),
  withAge(
    'asks for a more recent authentication before it ends all sessions',
    (token) => postJson('/fresh-only-auth/logout-all', {}, token),
    601,
    { ...refusedAuthentication({ max_age: '600' }), format: 'token' },
  ),
  withAge(
    'asks for a more recent authentication before it ends a session',
    (token) => call('/fresh-only-auth/sessions/x', token, 'DELETE'),
    601,
    { ...refusedAuthentication({ max_age: '600' }), format: 'token' },
  ),
];

export const guardRows: readonly ContractRow[] = [
  ...authenticationRows,
  withScope('lets a token with all scopes through', '/scopes', required, { status: 200 }),
  withScope('lets a token with more scopes than needed through', '/scopes', `a ${required} z`, {
    status: 200,
  }),
  withScope(
    'refuses a token that lacks one of the scopes, and names all',
    '/scopes',
    'orders:read',
    {
      status: 403,
      code: 'scope_insufficient',
      scope: required,
      calls: [],
    },
  ),
  withScope('refuses a token without scopes', '/scopes', '', {
    status: 403,
    code: 'scope_insufficient',
    scope: required,
  }),
  withScope('does not take a scope for another that begins alike', '/any-scope', 'orders:write:x', {
    status: 403,
    code: 'scope_insufficient',
    scope: 'orders:write orders:admin',
  }),
  withScope('lets a token with one of several scopes through', '/any-scope', 'orders:admin', {
    status: 200,
  }),
  {
    name: 'verifies a request that has only a guard',
    request: () => call('/scopes'),
    expect: { status: 401, code: 'token_missing', scope: 'orders:read orders:write', calls: [] },
  },
  {
    name: 'rejects a bad token at a route that has only a guard',
    request: (world) => call('/claim', world.forge({ role: 'admin' }, {}, randomBytes(32))),
    expect: { status: 401, code: 'token_invalid', calls: [] },
  },
  {
    name: 'rejects a token under an unknown key at a route that has only a guard, with the action refresh',
    request: (world) => call('/claim', world.forge({ role: 'admin' }, { kid: 'other' })),
    expect: { status: 401, code: 'token_key_unknown', calls: [] },
  },

  withSubject('lets a token with the claim through', '/claim', 'admin-1', { status: 200 }),
  withSubject('refuses a token with another value of the claim', '/claim', 'user-0', refusedClaim),
  {
    name: 'refuses a token without the claim',
    request: (world) => call('/claim', world.forge()),
    expect: refusedClaim,
  },
  {
    name: 'lets a token through whose claim is a list that holds the value',
    request: (world) => call('/claim', world.forge({ role: ['user', 'owner'] })),
    expect: { status: 200 },
  },
  {
    name: 'does not take a claim for another value that reads alike',
    request: (world) => call('/claim', world.forge({ role: { 0: 'admin' } })),
    expect: refusedClaim,
  },

  withSubject('lets through what a check says yes to', '/check/yes', 'a', { status: 200 }),
  withSubject('lets through what a check says yes to later', '/check/later-yes', 'a', {
    status: 200,
  }),
  withSubject('refuses what a check says no to', '/check/no', 'a', refusedClaim),
  withSubject('refuses what a check says no to later', '/check/later-no', 'a', refusedClaim),
  withSubject(
    'refuses what a check answers anything but true to',
    '/check/truthy',
    'a',
    refusedClaim,
  ),
  ...(['throws', 'rejects', 'never'] as const).map((how) =>
    withSubject(
      `says that it could not check when a check ${how} answers`.replace(
        /(throws|rejects) answers/,
        '$1',
      ),
      `/check/${how}`,
      'a',
      {
        status: 503,
        code: 'temporarily_unavailable',
        calls: [],
      },
    ),
  ),
  {
    name: 'does not ask a check about a request without a token',
    request: () => call('/check/throws'),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },

  {
    name: 'lets a request without a token through where it is optional',
    request: () => call('/optional'),
    expect: { status: 200, body: { subject: null }, calls: [] },
  },
  {
    name: 'lets another scheme through where a token is optional',
    request: () => callWith('/optional', 'Basic dXNlcjpwYXNz'),
    expect: { status: 200, body: { subject: null } },
  },
  {
    name: 'knows the subject where a token is optional and there is one',
    request: (world) => call('/optional', world.forge({ sub: 'somebody' })),
    expect: { status: 200, body: { subject: 'somebody' } },
  },
  {
    name: 'refuses a bad token where one is optional',
    request: (world) => call('/optional', world.forge({ aud: 'other' })),
    expect: { status: 401, code: 'token_invalid' },
  },
  {
    name: 'refuses an expired token where one is optional',
    request: (world) => call('/optional', world.forge({ exp: 1 })),
    expect: { status: 401, code: 'token_expired' },
  },
  {
    name: 'refuses a token under an unknown key where one is optional',
    request: (world) => call('/optional', world.forge({}, { kid: 'other' })),
    expect: { status: 401, code: 'token_key_unknown' },
  },
  {
    name: 'calls a malformed credential malformed where one is optional',
    request: () => callWith('/optional', 'Bearer a b'),
    expect: { status: 400, code: 'request_malformed' },
  },
  {
    name: 'asks for a token where a guard follows one that is optional',
    request: () => call('/optional-scopes'),
    expect: { status: 401, code: 'token_missing', scope: 'orders:read' },
  },

  {
    name: 'refuses a token whose session has been revoked, where that is checked',
    request: (world) => {
      world.isRevoked = ({ sessionId }) => sessionId === 'ended';
      return call('/revocable', world.forge({ sid: 'ended' }));
    },
    expect: { status: 401, code: 'session_revoked' },
  },
  {
    name: 'lets a token whose session has not been revoked through, where that is checked',
    request: (world) => {
      world.isRevoked = async ({ sessionId }) => sessionId === 'ended';
      return call('/revocable', world.forge({ sid: 'live' }));
    },
    expect: { status: 200 },
  },
  {
    name: 'refuses a token from before a change of claims that was announced',
    request: (world) => {
      const sid = randomBytes(28).toString('base64url');
      void revokeClaims(world.parts.tokens, { sessionId: sid });
      return call('/guarded', world.forge({ sid }));
    },
    expect: { status: 401, code: 'claims_stale' },
  },
  {
    name: 'refuses a token whose session has ended in the revocation log',
    request: (world) => {
      const sid = randomBytes(28).toString('base64url');
      void revokeSession(world.parts.tokens, { sessionId: sid });
      return call('/guarded', world.forge({ sid }));
    },
    expect: { status: 401, code: 'session_revoked' },
  },
  {
    name: 'says that it could not check when the revocation check fails',
    request: (world) => {
      world.isRevoked = async () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:6379'));
      return call('/revocable', world.forge());
    },
    expect: { status: 503, code: 'temporarily_unavailable' },
  },
  {
    name: 'says that it could not check when the revocation check answers nonsense',
    request: (world) => {
      world.isRevoked = () => undefined as unknown as boolean;
      return call('/revocable', world.forge());
    },
    expect: { status: 503, code: 'temporarily_unavailable' },
  },
  {
    name: 'does not ask the revocation check about a bad token',
    request: (world) => call('/revocable', world.forge({}, {}, randomBytes(32))),
    expect: {
      status: 401,
      code: 'token_invalid',
      revocationChecks: 0,
    },
  },
  {
    name: 'says that it could not check when the clock answers nonsense',
    request: (world) => {
      const token = world.forge();
      world.clock.set(Number.NaN);
      return call('/guarded', token);
    },
    expect: { status: 503, code: 'temporarily_unavailable' },
  },
];

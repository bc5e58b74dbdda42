// Stories of the adapter contract: step-up, and actors. RFC 9470, RFC 8693 §4.1
/* oxlint-disable jest/no-standalone-expect -- a story runs inside of a test */

import { confirmGeneration, reauthenticated, type TokenPair } from '@tokenpair/core';

import type { TestResponse } from '../support/http.js';
import { call, postJson, refreshOf, settled } from './contract-row.js';
import {
  claimsOf,
  eventsOf,
  membersOf,
  sessionIdsOf,
  type ContractStory,
  type Send,
} from './contract-story.js';
import { realm } from './contract-world.js';

/** The 401 that asks for another authentication. */
function expectChallenge(response: TestResponse, parameters: string): void {
  expect(response.status).toBe(401);
  expect(membersOf(response)).toMatchObject({
    code: 'authentication_insufficient',
    action: 'reauthenticate',
  });
  expect(response.headers['www-authenticate']).toBe(
    `Bearer realm="${realm}", error="insufficient_user_authentication", ` +
      `error_description="A more recent or a stronger authentication is required.", ${parameters}`,
  );
  expect(response.headers['cache-control']).toBe('no-store');
}

async function refreshed(
  send: Send,
  refreshToken: string,
): Promise<{ readonly accessToken: string; readonly refreshToken: string }> {
  const response = await send(postJson('/auth/refresh', { refresh_token: refreshToken }));
  expect(response.status).toBe(200);
  const { access_token: accessToken, refresh_token: next } = membersOf(response);
  return { accessToken: String(accessToken), refreshToken: String(next) };
}

const guards: readonly ContractStory[] = [
  ...['/fresh', '/required-fresh'].map((path): ContractStory => ({
    name: `asks for a more recent authentication at ${path}, and passes after it`,
    async run(world, send) {
      const pair = await world.signIn();
      expect((await send(call(path, pair.accessToken))).status).toBe(200);
      world.clock.advance(601);
      // A refresh does not renew the time of the authentication.
      const later = await refreshed(send, pair.refreshToken);
      expectChallenge(await send(call(path, later.accessToken)), 'max_age="600"');

      const proved = await reauthenticated(world.parts.tokens, sessionOf(later));
      expect((await send(call(path, proved.accessToken))).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toEqual([pair.sessionId]);
    },
  })),
  {
    name: 'asks for one of the levels, and passes after a step-up to one of them',
    async run(world, send) {
      const pair = await world.signIn({ authentication: { acr: 'pwd', amr: ['pwd'] } });
      expectChallenge(await send(call('/acr', pair.accessToken)), 'acr_values="phr phrh"');
      const weak = await reauthenticated(world.parts.tokens, sessionOf(pair), { acr: 'PHR' });
      expectChallenge(await send(call('/acr', weak.accessToken)), 'acr_values="phr phrh"');
      const strong = await reauthenticated(world.parts.tokens, sessionOf(weak), { acr: 'phrh' });
      expect((await send(call('/acr', strong.accessToken))).status).toBe(200);
    },
  },
  {
    name: 'requires the level and the time at once',
    async run(world, send) {
      const both = 'max_age="600", acr_values="phr phrh"';
      const pair = await world.signIn({ authentication: { acr: 'phr' } });
      expect((await send(call('/fresh-acr', pair.accessToken))).status).toBe(200);
      const weak = await world.signIn();
      expectChallenge(await send(call('/fresh-acr', weak.accessToken)), both);
      world.clock.advance(601);
      const old = await refreshed(send, pair.refreshToken);
      expectChallenge(await send(call('/fresh-acr', old.accessToken)), both);
      expect((await send(call('/acr', old.accessToken))).status).toBe(200);
    },
  },
  {
    name: 'asks for an authentication where the time of it is not known',
    async run(world, send) {
      const accessToken = world.forge();
      expect((await send(call('/guarded', accessToken))).status).toBe(200);
      expectChallenge(await send(call('/fresh', accessToken)), 'max_age="600"');
      const text = world.forge({ auth_time: String(world.clock.now() / 1_000) });
      expectChallenge(await send(call('/fresh', text)), 'max_age="600"');
      const edge = world.forge({ auth_time: world.clock.now() / 1_000 - 600 });
      expect((await send(call('/fresh', edge))).status).toBe(200);
    },
  },
  {
    name: 'asks for a token before it asks for a more recent authentication',
    async run(_world, send) {
      const response = await send(call('/fresh'));
      expect(response.status).toBe(401);
      expect(membersOf(response)).toMatchObject({ code: 'token_missing', action: 'login' });
    },
  },
  {
    name: 'gives the level of a step-up to no copy of an older refresh token',
    async run(world, send) {
      const pair = await world.signIn();
      world.clock.advance(601);
      const proved = await reauthenticated(world.parts.tokens, sessionOf(pair), { acr: 'phr' });
      // The copy is spent: nothing is said of it while answers may be under way, and then it ends the session.
      const early = await send(postJson('/auth/refresh', refreshOf(pair)));
      expect(early.status).toBe(503);
      expect(membersOf(early)).toMatchObject({ code: 'refresh_pending', action: 'retry' });
      expect((await send(call('/fresh-acr', proved.accessToken))).status).toBe(200);
      world.clock.advance(settled);
      const late = await send(postJson('/auth/refresh', refreshOf(pair)));
      expect(late.status).toBe(401);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'takes the level back when the answer of a step-up was lost and an older token is served again',
    async run(world, send) {
      const { tokens } = world.parts;
      const pair = await world.signIn();
      await confirmGeneration(tokens, pair.accessToken);
      world.clock.advance(601);
      await reauthenticated(tokens, sessionOf(pair), { acr: 'phr' });
      world.clock.advance(settled);
      const recovered = await refreshed(send, pair.refreshToken);
      expect(eventsOf(world, 'session.refreshed')).toMatchObject([{ how: 'recovered' }]);
      const both = 'max_age="600", acr_values="phr phrh"';
      expectChallenge(await send(call('/fresh-acr', recovered.accessToken)), both);
      const again = await reauthenticated(tokens, sessionOf(recovered), { acr: 'phr' });
      expect((await send(call('/fresh-acr', again.accessToken))).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toEqual([pair.sessionId]);
    },
  },
  {
    name: 'keeps the level of a step-up at the refreshes after it',
    async run(world, send) {
      const pair = await world.signIn();
      let current: Pick<TokenPair, 'accessToken' | 'refreshToken'> = await reauthenticated(
        world.parts.tokens,
        sessionOf(pair),
        { acr: 'phr', amr: ['hwk'] },
      );
      const { auth_time: time } = claimsOf(current.accessToken);
      for (const _refresh of [1, 2, 3]) {
        world.clock.advance(settled);
        current = await refreshed(send, current.refreshToken);
        expect(claimsOf(current.accessToken)).toMatchObject({
          auth_time: time,
          acr: 'phr',
          amr: ['hwk'],
        });
        expect((await send(call('/fresh-acr', current.accessToken))).status).toBe(200);
      }
      expect(time).not.toBe(world.clock.now() / 1_000);
    },
  },
];

const sessionOf = ({ refreshToken }: { readonly refreshToken: string }) => ({ refreshToken });

const logoutAll = (token: string) => postJson('/fresh-only-auth/logout-all', {}, token);

const endpoints: readonly ContractStory[] = [
  {
    name: 'ends other sessions only after a recent authentication, where that is required',
    async run(world, send) {
      const [pair, other] = [await world.signIn(), await world.signIn()];
      world.clock.advance(601);
      const later = await refreshed(send, pair.refreshToken);
      const remove = `/fresh-only-auth/sessions/${other.sessionId}`;
      expectChallenge(await send(call(remove, later.accessToken, 'DELETE')), 'max_age="600"');
      expectChallenge(await send(logoutAll(later.accessToken)), 'max_age="600"');
      expect(await sessionIdsOf(world, world.subject)).toHaveLength(2);
      // To look needs no proof, and to end the own session neither.
      expect((await send(call('/fresh-only-auth/sessions', later.accessToken))).status).toBe(200);

      const proved = await reauthenticated(world.parts.tokens, sessionOf(later));
      expect((await send(call(remove, proved.accessToken, 'DELETE'))).status).toBe(204);
      expect(await sessionIdsOf(world, world.subject)).toEqual([pair.sessionId]);
      expect((await send(logoutAll(proved.accessToken))).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'logs out without a recent authentication, where that is required to end other sessions',
    async run(world, send) {
      const pair = await world.signIn();
      world.clock.advance(3_600);
      const response = await send(postJson('/fresh-only-auth/logout', refreshOf(pair)));
      expect(response.status).toBe(204);
    },
  },
];

const actors: readonly ContractStory[] = [
  {
    name: 'names the actor who acts for the subject of a token',
    async run(world, send) {
      const { subject } = world;
      const actor = { subject: `${subject}-support`, claims: { ticket: 7 } };
      const pair = await world.signIn({ actor });
      expect(claimsOf(pair.accessToken)).toMatchObject({
        sub: subject,
        act: { sub: actor.subject, ticket: 7 },
      });
      const guarded = await send(call('/guarded', pair.accessToken));
      expect(membersOf(guarded)).toMatchObject({ subject });
      const answer = await send(call('/required-fresh', pair.accessToken));
      expect(membersOf(answer)).toEqual({ actor });
      const later = await refreshed(send, pair.refreshToken);
      const again = await send(call('/required-fresh', later.accessToken));
      expect(membersOf(again)).toEqual({ actor });
      const own = await world.signIn();
      expect(membersOf(await send(call('/required-fresh', own.accessToken)))).toEqual({
        actor: null,
      });
      expect(await sessionIdsOf(world, subject)).toEqual([own.sessionId]);
    },
  },
];

export const stepUpStories: readonly ContractStory[] = [...guards, ...endpoints, ...actors];

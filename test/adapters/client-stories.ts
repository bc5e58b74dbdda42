// Stories of the adapter contract: sessions that belong to an OAuth client. RFC 6749 §6, RFC 7009 §2.1
/* oxlint-disable jest/no-standalone-expect -- a story runs inside of a test */

import type { TokenPair } from '@tokenpair/core';

import type { TestRequest } from '../support/http.js';
import { postForm, postJson, refreshOf } from './contract-row.js';
import {
  claimsIn,
  claimsOf,
  eventsOf,
  expectError,
  membersOf,
  sessionIdsOf,
  type ContractStory,
  type Send,
} from './contract-story.js';
import type { World } from './contract-world.js';

const refreshAs = (pair: TokenPair, clientId: string): TestRequest =>
  postForm('/client-auth/token', {
    grant_type: 'refresh_token',
    client_id: clientId,
    ...refreshOf(pair),
  });
const revokeAs = ({ refreshToken }: TokenPair, clientId: string): TestRequest =>
  postForm('/client-auth/revoke', { token: refreshToken, client_id: clientId });

/** A public client is known by its name. */
const byName: World['authenticateClient'] = (client) =>
  client === undefined ? false : { clientId: client.clientId };

const withClients = (run: ContractStory['run']): ContractStory['run'] =>
  async function runWithClients(world, send) {
    world.authenticateClient = byName;
    await run(world, send);
  };

/** Nothing was spent and no session ended: the owner's next refresh rotates as usual. */
async function expectUntouched(
  world: World,
  send: Send,
  pair: TokenPair,
  owner: (pair: TokenPair) => TestRequest,
): Promise<void> {
  expect(world.events.map(({ type }) => type)).not.toContain('refresh.reused');
  expect(world.events.map(({ type }) => type)).not.toContain('session.revoked');
  world.events.length = 0;
  const next = await send(owner(pair));
  expect(next.status).toBe(200);
  expect(eventsOf(world, 'session.refreshed')).toMatchObject([
    { sessionId: pair.sessionId, how: 'rotated', presentedGeneration: 1, generation: 2 },
  ]);
}

export const clientStories: readonly ContractStory[] = [
  {
    name: 'serves the session of a client to that client at /token, and names it in the access token',
    run: withClients(async (world, send) => {
      const pair = await world.signIn({ clientId: 'app' });
      expect(claimsOf(pair.accessToken)).toMatchObject({ client_id: 'app' });
      const next = await send(refreshAs(pair, 'app'));
      expect(next.status).toBe(200);
      expect(claimsIn(next)).toMatchObject({ client_id: 'app', sid: pair.sessionId });
    }),
  },
  ...['/token', '/revoke'].flatMap((endpoint) => [
    {
      name: `refuses another client's session at ${endpoint}, and spends nothing`,
      run: withClients(async (world, send) => {
        const pair = await world.signIn({ clientId: 'app' });
        const request = endpoint === '/token' ? refreshAs(pair, 'thief') : revokeAs(pair, 'thief');
        expectError(await send(request), 400, 'refresh_token_invalid');
        await expectUntouched(world, send, pair, (own) => refreshAs(own, 'app'));
      }),
    },
    {
      name: `refuses a session without a client to a client at ${endpoint}, and spends nothing`,
      run: withClients(async (world, send) => {
        const pair = await world.signIn();
        const request = endpoint === '/token' ? refreshAs(pair, 'app') : revokeAs(pair, 'app');
        expectError(await send(request), 400, 'refresh_token_invalid');
        await expectUntouched(world, send, pair, (own) =>
          postJson('/client-auth/refresh', refreshOf(own)),
        );
      }),
    },
  ]),
  {
    name: 'ends no session when another client presents a spent token of it',
    run: withClients(async (world, send) => {
      const pair = await world.signIn({ clientId: 'app' });
      const next = await send(refreshAs(pair, 'app'));
      world.clock.advance(3_600);
      expectError(await send(refreshAs(pair, 'thief')), 400, 'refresh_token_invalid');
      expect(eventsOf(world, 'refresh.reused')).toEqual([]);
      const { refresh_token: refreshToken = '' } = membersOf(next) as { refresh_token?: string };
      const again = await send(refreshAs({ ...pair, refreshToken }, 'app'));
      expect(again.status).toBe(200);
    }),
  },
  {
    name: 'names the error of a session of another client as OAuth does',
    run: withClients(async (world, send) => {
      const pair = await world.signIn({ clientId: 'app' });
      const response = await send(refreshAs(pair, 'other'));
      expect(membersOf(response)).toMatchObject({ error: 'invalid_grant', action: 'login' });
      expect(response.headers).not.toHaveProperty('www-authenticate');
    }),
  },
  {
    name: 'ends the session of a client by its own client at /revoke',
    run: withClients(async (world, send) => {
      const pair = await world.signIn({ clientId: 'app' });
      expect(await send(revokeAs(pair, 'app'))).toMatchObject({ status: 200, body: '{}' });
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    }),
  },
  {
    name: "refuses a client's session at /refresh where clients are authenticated, and spends nothing",
    run: withClients(async (world, send) => {
      const pair = await world.signIn({ clientId: 'app' });
      world.calls.length = 0;
      const response = await send(postJson('/client-auth/refresh', refreshOf(pair)));
      expectError(response, 401, 'refresh_token_invalid');
      expect(world.calls).toEqual([]);
      await expectUntouched(world, send, pair, (own) => refreshAs(own, 'app'));
    }),
  },
  {
    name: "serves a client's session at /refresh where no client is authenticated",
    async run(world, send) {
      const pair = await world.signIn({ clientId: 'app' });
      const response = await send(postJson('/body-auth/refresh', refreshOf(pair)));
      expect(response.status).toBe(200);
    },
  },
  {
    name: 'serves sessions without a client, and those of the client, to a client that is answered with true',
    async run(world, send) {
      world.authenticateClient = () => true;
      const [own, none] = [await world.signIn({ clientId: 'app' }), await world.signIn()];
      expect((await send(refreshAs(own, 'app'))).status).toBe(200);
      expect((await send(refreshAs(none, 'app'))).status).toBe(200);
      expect((await send(revokeAs(own, 'app'))).status).toBe(200);
      expect((await send(revokeAs(none, 'app'))).status).toBe(200);
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: "refuses another client's session to a client that is answered with true",
    async run(world, send) {
      world.authenticateClient = () => true;
      const pair = await world.signIn({ clientId: 'app' });
      expectError(await send(refreshAs(pair, 'other')), 400, 'refresh_token_invalid');
      expectError(await send(revokeAs(pair, 'other')), 400, 'refresh_token_invalid');
      await expectUntouched(world, send, pair, (own) => refreshAs(own, 'app'));
    },
  },
  ...[{}, { clientId: '' }, { clientId: 7 }, 'app', 1, false, undefined].map((answer) => ({
    name: `refuses a client that is answered with ${JSON.stringify(answer)}`,
    async run(world: World, send: Send) {
      world.authenticateClient = () => answer as boolean;
      const pair = await world.signIn({ clientId: 'app' });
      expectError(await send(refreshAs(pair, 'app')), 401, 'client_invalid');
    },
  })),
];

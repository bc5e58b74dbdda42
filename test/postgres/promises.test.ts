// The promises of a session in random worlds, with the Postgres store, and every story of the model of rotation. Postgres is real; the
// clock is the test's.

import * as core from '@tokenpair/core';
import fc from 'fast-check';

import { stories } from '../core/issue/sessions-model/stories.js';
import { tellStory } from '../core/issue/sessions-model/tell-story.js';
import { openPostgresAt, type PostgresAt } from '../support/postgres-clock.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { anyLife, kinds, live } from '../support/tabs/random-world.js';

describePostgres('on Postgres', () => {
  let server: PostgresServer;
  let database: PostgresAt;
  beforeAll(async () => {
    server = await startPostgres();
    database = await openPostgresAt(server.url);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  describe('every promise holds when', () => {
    it.each(Object.entries(stories))('%s', async (_, { world, steps }) => {
      const story = { world: { ...world, openStore: database.openStore }, steps };
      await expect(tellStory(core, story)).resolves.toBeUndefined();
    });
  });

  describe('every promise holds in random worlds with', () => {
    it.each(Object.entries(kinds))(
      '%s',
      async (_, kind) => {
        await fc.assert(
          fc.asyncProperty(anyLife(kind), (life) => live(kind, life, core, database.openStore)),
          { numRuns: 20, interruptAfterTimeLimit: 5_000 },
        );
      },
      60_000,
    );
  });
});

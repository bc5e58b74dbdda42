// The promises of a session in random worlds, with the Redis store, and every story of the model of rotation. Redis is real; the
// clock is the test's.

import * as core from '@tokenpair/core';
import fc from 'fast-check';

import { stories } from '../core/issue/sessions-model/stories.js';
import { tellStory } from '../core/issue/sessions-model/tell-story.js';
import { openRedisAt, type RedisAt } from '../support/redis-clock.js';
import { redisUrl } from '../support/stores.js';
import { anyLife, kinds, live } from '../support/tabs/random-world.js';

let redis: RedisAt;
beforeAll(async () => {
  redis = await openRedisAt(redisUrl());
});
afterAll(() => redis.close());

describe('on Redis, every promise holds when', () => {
  it.each(Object.entries(stories))('%s', async (_, { world, steps }) => {
    const story = { world: { ...world, openStore: redis.openStore }, steps };
    await expect(tellStory(core, story)).resolves.toBeUndefined();
  });
});

describe('on Redis, every promise holds in random worlds with', () => {
  it.each(Object.entries(kinds))(
    '%s',
    async (_, kind) => {
      await fc.assert(
        fc.asyncProperty(anyLife(kind), (life) => live(kind, life, core, redis.openStore)),
        { numRuns: 20, interruptAfterTimeLimit: 5_000 },
      );
    },
    60_000,
  );
});

// Bytes that a session takes in Redis, all keys, indexes and lifetimes included.

import { refreshTokenPair } from '@tokenpair/core';
import { RedisSessionStore } from '@tokenpair/redis';

import { clients, withRedis } from './redis.mjs';
import { createIssuer, inFlight, login } from './sessions.mjs';

const library = clients['node-redis'];

export const subjects = {
  'u_<number>': (number) => `u_${number}`,
  UUID: (number) => `6f1c9a52-3d0b-4e8e-9b57-${String(number).padStart(12, '0')}`,
};

/** @returns bytes a session, and of a record when it is new and after ten refreshes. */
export function measureRedisMemory({ count, perSubject, kind, material }) {
  return withRedis(async ({ port }) => {
    const client = await library.connect(port);
    const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
    const tokens = createIssuer(new RedisSessionStore({ client, deadline: 60 }), material);
    const before = await usedMemory();
    let sample;
    await inFlight(count, 256, async (at) => {
      sample = await login(tokens, subjects[kind](Math.floor(at / perSubject)));
    });
    const bytes = ((await usedMemory()) - before) / count;
    const id = sample.sessionId;
    const key = `tp:{${id.slice(0, 16)}}${id.slice(16)}`;
    const fresh = await client.memoryUsage(key);
    let { refreshToken } = sample;
    for (let times = 0; times < 10; times++) {
      ({ refreshToken } = await refreshTokenPair(tokens, refreshToken));
    }
    const refreshed = await client.memoryUsage(key);
    library.close(client);
    return { bytes, fresh, refreshed };
  });
}

import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from '@tokenpair/core';
import { RedisSessionStore } from '@tokenpair/redis';

// What a client does that has no answer in time is its own affair.
const sessionId = 'A'.repeat(38);

describe('the deadline of the Redis store', () => {
  test('is one for a step, however many commands the step takes', async () => {
    const asked: string[] = [];
    const store = new RedisSessionStore({
      deadline: 0.2,
      client: {
        async sendCommand([name]: readonly [string]) {
          asked.push(name);
          await sleep(150);
          if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
          return [];
        },
      },
    });
    const begin = performance.now();
    await expect(store.get(sessionId)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(performance.now() - begin).toBeLessThan(290);
    expect(asked).toEqual(['EVALSHA', 'EVAL']);
  });

  test('is told as an outage with its reason', async () => {
    const store = new RedisSessionStore({
      deadline: 0.05,
      client: { sendCommand: () => new Promise(() => {}) },
    });
    await expect(store.list('u_1')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message: 'no answer within 50 ms' },
    });
  });
});

// Tests the option `deadline` of the Redis store.

import { RedisSessionStore } from '@tokenpair/redis';

const sessionId = 'A'.repeat(38);

describe('the deadline of the Redis store', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('limits a whole step, also when the step needs several commands', async () => {
    const asked: string[] = [];
    const store = new RedisSessionStore({
      deadline: 1,
      client: {
        async sendCommand([name]: readonly [string]) {
          asked.push(name);
          await new Promise((resolve) => setTimeout(resolve, 700));
          if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
          return [];
        },
      },
    });
    const answer = store.get(sessionId).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await answer).toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message: 'no answer within 1000 ms' },
    });
    expect(asked).toEqual(['EVALSHA', 'EVAL']);
  });

  test('covers both round trips of a list', async () => {
    const store = new RedisSessionStore({
      deadline: 1,
      client: {
        async sendCommand([name]: readonly [string]) {
          await new Promise((resolve) => setTimeout(resolve, 700));
          return name === 'MGET' ? [null] : ['1', 'a session'];
        },
      },
    });
    const answer = store.list('u_1').catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await answer).toMatchObject({ code: 'temporarily_unavailable' });
  });
});

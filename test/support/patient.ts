// What a page connects to a database, for a machine that is busy: everything that waits one second by default waits longer.

import * as core from '@tokenpair/core';
import * as postgres from '@tokenpair/postgres';
import * as redis from '@tokenpair/redis';

/** Seconds. */
const deadline = 15;

/** Takes the place of `@tokenpair/core`. */
export const patientCore = {
  ...core,
  createTokenIssuer: (options: core.TokenIssuerOptions) =>
    core.createTokenIssuer({ deadline, ...options }),
};

/** Takes the place of `@tokenpair/postgres`. */
export const patientPostgres = {
  ...postgres,
  PostgresSessionStore: class extends postgres.PostgresSessionStore {
    constructor(options: postgres.PostgresSessionStoreOptions) {
      super({ deadline, ...options });
    }
  },
};

/** Takes the place of `@tokenpair/redis`. */
export const patientRedis = {
  ...redis,
  RedisSessionStore: class extends redis.RedisSessionStore {
    constructor(options: redis.RedisSessionStoreOptions) {
      super({ deadline, ...options });
    }
  },
};

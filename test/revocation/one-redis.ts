// One Redis for each test, and services that use it: issuers, and verifiers as a user who may not write.

import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { openAdmin, type Admin } from './admin.js';
import { createServices, type Connection, type Service, type ServiceConfig } from './services.js';

export interface OneRedis {
  /** Of the test that runs. */
  readonly redis: RedisProcess;
  readonly admin: Admin;
  readonly services: ReturnType<typeof createServices>;
  /** How an issuer connects to it. */
  asOwner(): Connection;
  /** Starts a service, and waits until it has read the log. */
  startIssuer(more?: Partial<ServiceConfig>): Promise<Service>;
  startVerifier(more?: Partial<ServiceConfig>): Promise<Service>;
}

/** Call it in `describe`. @param args - of the server. */
export function useOneRedis(
  library: Connection['library'],
  args: readonly string[] = [],
): OneRedis {
  let redis: RedisProcess;
  let admin: Admin;
  let services: ReturnType<typeof createServices>;

  beforeEach(async () => {
    redis = await startRedis({ args });
    admin = await openAdmin(redis.url);
    services = createServices();
    await admin.allowVerifier(services.prefix);
  });

  afterEach(async () => {
    await services.stop();
    await admin.close();
    await redis.stop();
  });

  async function start(config: ServiceConfig): Promise<Service> {
    const service = await services.start(config);
    await service.ask('ready');
    return service;
  }

  const asOwner = () => ({ library, url: redis.url });

  return {
    get redis() {
      return redis;
    },
    get admin() {
      return admin;
    },
    get services() {
      return services;
    },
    asOwner,
    startIssuer: (more) => start({ isIssuer: true, log: asOwner(), store: asOwner(), ...more }),
    startVerifier(more) {
      const url = redis.url.replace('redis://', 'redis://verifier:secret@');
      return start({ log: { library, url }, ...more });
    },
  };
}

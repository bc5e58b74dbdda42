// The single function that we ask of any Redis client, and the one place that tells the clients apart.

import { withoutArguments } from './client-error.js';

/**
 * Sends a command whose keys all live in the slot of `key`; answers its reply as the client reads it. What it rejects with
 * has none of the arguments.
 */
export type SendCommand = (key: string, args: string[]) => Promise<unknown>;

/** ioredis 5 and 6, `Redis` and `Cluster`. */
interface IoredisClient {
  call(...args: never[]): unknown;
}

/** node-redis 5 and 6: client, pool, Sentinel and cluster. */
interface NodeRedisClient {
  sendCommand(...args: never[]): unknown;
}

/** A client of either library, connected by the application and closed by it. */
export type RedisClient = IoredisClient | NodeRedisClient;

/**
 * Finds out how a client wants to be asked.
 *
 * @throws TypeError it is no client that we know, or it puts a prefix of its own before keys.
 */
export function toSendCommand(client: RedisClient): SendCommand {
  const send = findSend(client);
  return async (key, args) => {
    try {
      return await send(key, args);
    } catch (error) {
      throw withoutArguments(error, args);
    }
  };
}

function findSend(client: RedisClient): (key: string, args: string[]) => unknown {
  if (typeof client !== 'object' || client === null) {
    throw new TypeError('client must be a node-redis or an ioredis client');
  }
  refuseKeyPrefix(client);
  const call = methodOf(client, 'call');
  // ioredis has a sendCommand as well, which takes something else.
  if (call) return (_key, args) => call(...args);
  const send = methodOf(client, 'sendCommand');
  if (!send) throw new TypeError('client must be a node-redis or an ioredis client');
  if ('slots' in client) return (key, args) => send(key, false, args);
  if ('getSentinelNode' in client) return (_key, args) => send(false, args);
  return (_key, args) => send(args);
}

function methodOf(client: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  const method: unknown = Reflect.get(client, name);
  return typeof method === 'function'
    ? (...args) => Reflect.apply(method, client, args)
    : undefined;
}

// ioredis puts its prefix before the keys of raw commands and node-redis does not, so of two processes that differ in
// their client, or in this option, neither would see the other's sessions.
function refuseKeyPrefix(client: object): void {
  const options: unknown = Reflect.get(client, 'options');
  const prefixes = [options, client].map((holder) =>
    typeof holder === 'object' && holder !== null
      ? (Reflect.get(holder, 'keyPrefix') ?? Reflect.get(holder, '_keyPrefix'))
      : undefined,
  );
  if (prefixes.some((prefix) => prefix !== undefined && prefix !== null && prefix !== '')) {
    throw new TypeError(
      "client has a keyPrefix, which not every client applies alike: leave it out and give RedisSessionStore a 'prefix'",
    );
  }
}

// Sends commands with any of the supported Redis clients.

import { withoutArguments } from './client-error.js';

/**
 * Sends a command whose keys are all in the slot of `key`, and returns the reply as the client parses it. Its errors do not
 * contain the arguments.
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
 * Finds out how to send a command with a client.
 *
 * @throws TypeError the client is of neither library, or it adds its own prefix to keys.
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
    throw new TypeError(
      'client must be a connected client of node-redis (createClient) or ioredis (new Redis)',
    );
  }
  refuseKeyPrefix(client);
  const call = methodOf(client, 'call');
  // ioredis also has a sendCommand, with other parameters.
  if (call) return (_key, args) => call(...args);
  const send = methodOf(client, 'sendCommand');
  if (!send)
    throw new TypeError(
      'client must be a connected client of node-redis (createClient) or ioredis (new Redis)',
    );
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

// ioredis adds its prefix to the keys of raw commands, node-redis does not. So two processes with different clients would not
// see each other's sessions.
function refuseKeyPrefix(client: object): void {
  const options: unknown = Reflect.get(client, 'options');
  const prefixes = [options, client].map((holder) =>
    typeof holder === 'object' && holder !== null
      ? (Reflect.get(holder, 'keyPrefix') ?? Reflect.get(holder, '_keyPrefix'))
      : undefined,
  );
  if (prefixes.some((prefix) => prefix !== undefined && prefix !== null && prefix !== '')) {
    throw new TypeError(
      "client has a keyPrefix, which the two client libraries apply differently: remove it and use the 'prefix' of RedisSessionStore",
    );
  }
}

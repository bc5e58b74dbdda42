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
 * After a failover, a connection may still lead to the former primary, which is a replica now and answers READONLY to every
 * write. The client does not notice, so this makes it connect again: by then, the name of the host leads to the new primary.
 *
 * @throws TypeError the client is of neither library, or it adds its own prefix to keys.
 */
export function toSendCommand(client: RedisClient): SendCommand {
  const send = findSend(client);
  const reconnect = findReconnect(client, send);
  return async (key, args) => {
    try {
      return await send(key, args);
    } catch (error) {
      const copy = withoutArguments(error, args);
      if ('code' in copy && copy.code === 'READONLY') reconnect();
      throw copy;
    }
  };
}

function findReconnect(
  client: RedisClient,
  send: (key: string, args: string[]) => unknown,
): () => void {
  // Clients of a cluster, and node-redis behind Sentinel, learn of a failover in another way.
  if ('slots' in client || 'nodes' in client || 'getSentinelNode' in client) return () => {};
  const disconnect = methodOf(client, 'call') && methodOf(client, 'disconnect');
  if (disconnect) return () => disconnect(true);
  // Older clients of node-redis than 4.2 lose commands while they connect again.
  if (!('isReady' in client) && !('totalClients' in client)) return () => {};
  // node-redis has no method for it. It connects again when Redis closes the connection. Redis answers in order: every other
  // command that fails on this connection fails before QUIT is answered, and a new connection is not closed.
  let isClosing = false;
  return () => {
    if (isClosing) return;
    isClosing = true;
    // A pool gives each of its connections one of so many commands.
    const connections = 'totalClients' in client ? Number(client.totalClients) : 1;
    const closeAll = async () => {
      const quits = Array.from({ length: connections }, async () => send('', ['QUIT']));
      await Promise.allSettled(quits);
      isClosing = false;
    };
    void closeAll();
  };
}

function findSend(client: RedisClient): (key: string, args: string[]) => unknown {
  if (typeof client !== 'object' || client === null) {
    throw new TypeError(
      'client must be a connected client of node-redis (createClient) or ioredis (new Redis)',
    );
  }
  if (methodOf(client, 'then')) {
    throw new TypeError('client is a promise: await it, and pass what it resolves with');
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
// see each other's keys.
function refuseKeyPrefix(client: object): void {
  const options: unknown = Reflect.get(client, 'options');
  const prefixes = [options, client].map((holder) =>
    typeof holder === 'object' && holder !== null
      ? (Reflect.get(holder, 'keyPrefix') ?? Reflect.get(holder, '_keyPrefix'))
      : undefined,
  );
  if (prefixes.some((prefix) => prefix !== undefined && prefix !== null && prefix !== '')) {
    throw new TypeError(
      "client has a keyPrefix, which the two client libraries apply differently: remove it and use the option 'prefix' instead",
    );
  }
}

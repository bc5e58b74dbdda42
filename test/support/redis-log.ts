// A revocation log on a Redis of the test, and what the contract suite may do to it.

import type { RedisClient } from '@tokenpair/redis';
import type { RevocationLogUnderTest } from '@tokenpair/testing';

import { RedisRevocationLog } from '../../packages/redis/src/redis-revocation-log.js';
import { readRedisOptions } from '../../packages/redis/src/redis-options.js';

type Send = (...command: string[]) => Promise<unknown>;

export function openRedisLog(client: RedisClient, prefix: string): RedisRevocationLog {
  return new RedisRevocationLog(readRedisOptions({ client, prefix, deadline: 1 }, 3));
}

/** Takes the only log under a prefix back to what it was before its last entries, as a failover does. */
export function loseLast(send: Send, prefix: string): NonNullable<RevocationLogUnderTest['lose']> {
  return async (_issuer, count) => {
    const keys = (await send('KEYS', `${prefix}*`)) as string[];
    const keyOf = (end: string) => keys.find((key) => key.endsWith(end)) ?? '';
    const streamKey = keyOf(':log');
    const last = (await send('XREVRANGE', streamKey, '+', '-', 'COUNT', String(count))) as [
      string,
      [string, string],
    ][];
    const head = last.at(-1)?.[1][1] ?? '0';
    await send('XDEL', streamKey, ...last.map(([id]) => id));
    // 0-0 when nothing is left.
    await send('XSETID', streamKey, `${head.slice(0, -3) || '0'}-${Number(head.slice(-3))}`);
    await send('HSET', keyOf(':feed'), 'head', head);
  };
}

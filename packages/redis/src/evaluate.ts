// Runs a script in Redis.

import { createHash } from 'node:crypto';

import type { SendCommand } from './send-command.js';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

export function script(...parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/** Runs a script in one round trip, or in two when Redis does not have it yet. */
export async function evaluate(
  send: SendCommand,
  { text, sha1 }: Script,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): Promise<readonly string[]> {
  const rest = [String(keys.length), ...keys, ...args];
  let reply: unknown;
  try {
    reply = await send(keys[0], ['EVALSHA', sha1, ...rest]);
  } catch (error) {
    // Redis has forgotten its scripts: after a restart, a failover or SCRIPT FLUSH. Nothing has been done.
    if (!isReply(error, 'NOSCRIPT')) throw error;
    reply = await send(keys[0], ['EVAL', text, ...rest]);
  }
  return Array.isArray(reply) ? reply.map(String) : [String(reply)];
}

/** Whether an error is a reply of Redis that begins with this word. */
export function isReply(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

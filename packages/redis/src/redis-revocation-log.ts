// The revocation log on Redis. Every step is one script and one round trip.

import { createHash } from 'node:crypto';

import { RevocationsUnavailableError } from '@tokenpair/core';
import {
  withDeadline,
  type NewRevocationEntry,
  type Position,
  type RevocationEntry,
  type RevocationLog,
  type RevocationPage,
} from '@tokenpair/core/store';

import { evaluate, type Script } from './evaluate.js';
import type { RedisSettings } from './redis-options.js';
import * as scripts from './revocation-scripts.js';

/**
 * Keeps the entries of each issuer in a stream. Both methods reject with {@link RevocationsUnavailableError} (503) when Redis
 * fails, is slower than the deadline, or holds something else than a log.
 */
export class RedisRevocationLog implements RevocationLog {
  readonly #settings: RedisSettings;

  constructor(settings: RedisSettings) {
    this.#settings = settings;
  }

  async append(entry: NewRevocationEntry): Promise<Position> {
    const { issuer, text, floor, keep, everything = '' } = entry;
    const args = [String(floor), String(keep), String(everything), text];
    const [position] = await this.#run(scripts.append, issuer, args);
    return toNumber(position);
  }

  async read(issuer: string, after: Position, limit: number): Promise<RevocationPage> {
    const reply = await this.#run(scripts.read, issuer, [String(after), String(limit)]);
    const [head, from, everything, keep, ...parts] = reply;
    const entries: RevocationEntry[] = [];
    for (let index = 0; index < parts.length; index += 3) {
      const [position, previous, text = ''] = parts.slice(index, index + 3);
      entries.push({ position: toNumber(position), previous: toNumber(previous), text });
    }
    return {
      head: toNumber(head),
      from: toNumber(from),
      everything: toNumber(everything),
      keep: toNumber(keep),
      more: limit > 0 && entries.length === limit,
      entries,
    };
  }

  async #run(script: Script, issuer: string, args: readonly string[]): Promise<readonly string[]> {
    const { send, prefix, deadline } = this.#settings;
    const log = `${prefix}{revocations}:${hashOf(issuer)}`;
    try {
      return await withDeadline(
        evaluate(send, script, [`${log}:log`, `${log}:feed`], args),
        deadline,
      );
    } catch (cause) {
      throw new RevocationsUnavailableError({ cause });
    }
  }
}

// So that two issuers, or staging on the same Redis, never meet.
function hashOf(issuer: string): string {
  return createHash('sha256').update(issuer).digest('base64url').slice(0, 8);
}

function toNumber(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) {
    throw new RevocationsUnavailableError({
      cause: new Error('Redis holds something else under the key of a revocation log'),
    });
  }
  return Number(text);
}

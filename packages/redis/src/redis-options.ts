// The options that every part of this package takes.

import { toSeconds, type Duration } from '@tokenpair/core/store';

import { toSendCommand, type RedisClient, type SendCommand } from './send-command.js';

interface GivenOptions {
  readonly client: RedisClient;
  readonly prefix?: string | undefined;
  readonly deadline?: Duration | undefined;
}

export interface RedisSettings {
  readonly send: SendCommand;
  readonly prefix: string;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * @param maxDeadline - seconds.
 * @throws TypeError naming the option that is wrong.
 */
export function readRedisOptions(
  { client, prefix = 'tp:', deadline = 1 }: GivenOptions,
  maxDeadline: number,
): RedisSettings {
  // In the UTF-8 form that Redis gets, every lone surrogate is U+FFFD: two prefixes would become one.
  if (typeof prefix !== 'string' || !/^[^{}\p{Surrogate}]{0,64}$/u.test(prefix)) {
    throw new TypeError(
      'prefix must be a string of at most 64 characters without braces and lone surrogates',
    );
  }
  const maxNumber = Math.min(60, maxDeadline);
  const bounds = { min: 0.01, max: maxDeadline, maxNumber, fractions: true };
  const send = toSendCommand(client);
  return { send, prefix, deadline: toSeconds('deadline', deadline, bounds) * 1_000 };
}

/**
 * Requires that options have the member `client`. The name of a private member of a client would say nothing, nor would that of an
 * option of a client. The value is not in the message: the address of a server may hold its password.
 *
 * @throws TypeError a client, or something else, was passed in place of options.
 */
export function requireClient(caller: string, options: unknown): void {
  const isObject = typeof options === 'object' && options !== null;
  if (isObject && !isClient(options) && 'client' in options) return;
  const got = isObject && isClient(options) ? '; got a client' : ' with a client that you connect';
  throw new TypeError(
    `${caller} takes options${got}. Pass it as a member: new ${caller}({ client }).`,
  );
}

function isClient(value: object): boolean {
  return ['call', 'sendCommand'].some((name) => typeof Reflect.get(value, name) === 'function');
}

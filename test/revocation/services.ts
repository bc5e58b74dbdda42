// Starts services in processes of their own, and asks them.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type {
  FollowOptions,
  RevocationsState,
  TokenIssuerOptions,
  TokenPair,
} from '@tokenpair/core';

/** How a service connects to Redis or Postgres. */
export interface Connection {
  readonly library: 'node-redis' | 'ioredis' | 'pg' | 'postgres.js';
  readonly url?: string;
  readonly sentinel?: { readonly name: string; readonly ports: readonly number[] };
  readonly cluster?: readonly number[];
}

export interface ServiceConfig {
  readonly isIssuer?: boolean;
  readonly log?: Connection;
  /** The revocation log over HTTP, in place of `log`. */
  readonly remote?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly store?: Connection;
  /** URL of the Redis with the roles that its `claims` hook reads. */
  readonly roles?: string;
  readonly follow?: Pick<FollowOptions, 'maxAge' | 'whenBehind' | 'pollInterval' | 'max'>;
  readonly issuing?: Partial<TokenIssuerOptions>;
  readonly issuer?: string;
  /** Milliseconds that its wall clock is ahead, or behind if negative. Without it, the clock of Redis cannot be set either. */
  readonly clock?: number;
  /** Its log gives every entry twice, shuffled, in pages of three. */
  readonly isDisordered?: boolean;
}

/** Answers of the verbs that a service has. */
interface Verbs {
  ready: { argument: undefined; value: undefined };
  /** This and the other calls that write repeat themselves after a 503, except `endOnce`. */
  login: { argument: { subject: string }; value: TokenPair };
  refresh: { argument: string; value: TokenPair };
  end: { argument: string; value: undefined };
  endOnce: { argument: string; value: undefined };
  endAll: { argument: string; value: undefined };
  /** Ends sessions that the store does not have. Answers how many milliseconds that took. */
  endMany: { argument: number; value: number };
  changeClaims: { argument: object; value: undefined };
  kill: { argument: undefined; value: undefined };
  check: { argument: readonly string[]; value: readonly string[] };
  untilRefused: { argument: string; value: { outcome: string; at: number } };
  guard: { argument: { token: string; times: number }; value: undefined };
  requests: {
    argument: { token: string; forTime: number };
    /** Milliseconds in which the service was awake. */
    value: { slowest: number; outcomes: readonly string[] };
  };
  /** Moves all its clocks ahead by milliseconds. */
  letPass: { argument: number; value: undefined };
  /** Sets the clock of Redis, as it sees it, ahead of its true time by milliseconds; behind if negative. */
  setRedis: { argument: number; value: undefined };
  /** Its wall clock. */
  now: { argument: undefined; value: number };
  state: { argument: undefined; value: RevocationsState };
  events: { argument: undefined; value: readonly ServiceEvent[] };
  serve: { argument: undefined; value: number };
}

export interface ServiceEvent {
  readonly type: string;
  readonly kind?: string;
  readonly reason?: string;
  readonly repaired?: number;
}

export interface Service {
  /** Rejects with the `code` of the error when the service has refused it. */
  ask<Verb extends keyof Verbs>(
    verb: Verb,
    ...argument: undefined extends Verbs[Verb]['argument'] ? [] : [Verbs[Verb]['argument']]
  ): Promise<Verbs[Verb]['value']>;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** The `code` of an error in a service. */
class ServiceError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Starts services that share their keys. */
export function createServices() {
  const shared = {
    prefix: `test-${randomBytes(6).toString('hex')}:`,
    secret: randomBytes(32).toString('base64'),
    refreshSecret: randomBytes(32).toString('base64'),
  };
  const started: Service[] = [];
  return {
    prefix: shared.prefix,
    async start(config: ServiceConfig): Promise<Service> {
      const service = await startService({ ...shared, ...config });
      started.push(service);
      return service;
    },
    async stop(): Promise<void> {
      await Promise.all(started.map((service) => service.stop()));
    },
  };
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

async function startService(config: object): Promise<Service> {
  const { NODE_ENV: _env, ...env } = process.env;
  const child = fork(join(__dirname, 'service.mjs'), {
    env: { ...env, SERVICE: JSON.stringify(config) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  let asked = 0;
  const wait = (id: number) =>
    new Promise<never>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });
  child.on('message', ({ id, value, code }: { id: number; value?: unknown; code?: string }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (code === undefined) resolve?.(value as never);
    else reject?.(new ServiceError(code));
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Error(`the service ended: ${stderr}`));
      resolve();
    });
  });
  await wait(0);
  return {
    async ask(verb, ...[argument]) {
      const id = (asked += 1);
      child.send({ id, verb, argument });
      return wait(id);
    },
    signal: (signal) => {
      child.kill(signal);
    },
    async stop() {
      // A paused process reacts to no other signal.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

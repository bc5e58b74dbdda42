// A service in a process of its own: it issues and verifies, or only verifies. Its parent asks by messages. It imports the built
// packages, because it is started without a compiler.

// First, so that all packages see the moved clocks.
import { atMovedClock, letPass, setRedis } from './moved-clock.mjs';
import {
  createRevocations,
  createTokenIssuer,
  createTokenVerifier,
  isAuthError,
  issueTokenPair,
  refreshTokenPair,
  revokeClaims,
  revokeSession,
  revokeSubject,
  verifyBearer,
} from '@tokenpair/core';
import * as core from '@tokenpair/core';
import { createTokenEndpoints, tokenErrorResponse } from '@tokenpair/core/adapter';
import { PostgresRevocations, PostgresSessionStore } from '@tokenpair/postgres';
import { RedisRevocations, RedisSessionStore } from '@tokenpair/redis';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as ioredis from 'ioredis6';
import pg from 'pg';
import postgres from 'postgres';
import * as nodeRedis from 'redis6';

import { startAwakeTime } from '../support/awake-time.mjs';
import { disordered } from '../support/disordered-log.mjs';

const config = JSON.parse(process.env.SERVICE);
const { issuer = 'https://login.test', audience = 'https://api.test', isIssuer } = config;
const key = { kid: '1', algorithm: 'HS256', secret: Buffer.from(config.secret, 'base64') };
const refreshKeys = [{ kid: '1', secret: Buffer.from(config.refreshSecret, 'base64') }];
const awake = startAwakeTime();
const events = [];
const onEvent = ({ type, ...more }) => {
  events.push({ type, kind: more.kind, reason: more.reason, repaired: more.repaired });
};

const addresses = (ports) => ports.map((port) => ({ host: '127.0.0.1', port }));
const quiet = (client) => client.on('error', () => {});

/** Clients of Postgres, by library. */
const postgresClients = {
  pg(url) {
    const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 1_000 });
    return pool.on('error', () => {});
  },
  'postgres.js'(url) {
    const sql = postgres(url, { onnotice: () => {}, backoff: () => 0.1 });
    return { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) };
  },
};

/** Connects to one Redis server, to Sentinel or to a Cluster, with either library. */
async function connect({ library, url, sentinel, cluster }) {
  if (library === 'ioredis') {
    const failFast = { maxRetriesPerRequest: 1 };
    if (cluster) return quiet(new ioredis.Cluster(addresses(cluster), { redisOptions: failFast }));
    if (sentinel) {
      const { name, ports } = sentinel;
      return quiet(new ioredis.Redis({ sentinels: addresses(ports), name, ...failFast }));
    }
    return quiet(new ioredis.Redis(url, failFast));
  }
  const failFast = { disableOfflineQueue: true };
  const client = quiet(
    cluster
      ? nodeRedis.createCluster({
          rootNodes: cluster.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
          defaults: failFast,
        })
      : sentinel
        ? nodeRedis.createSentinel({
            name: sentinel.name,
            sentinelRootNodes: addresses(sentinel.ports),
            nodeClientOptions: failFast,
          })
        : nodeRedis.createClient({ url, ...failFast }),
  );
  await client.connect();
  return client;
}

async function openRevocations() {
  const { remote, log, follow } = config;
  if (remote)
    return Reflect.get(core, 'remoteRevocations')(remote.url, {
      headers: remote.headers,
      ...follow,
      onEvent,
    });
  const open = postgresClients[log.library];
  if (open) return new PostgresRevocations({ client: open(log.url), ...follow, onEvent });
  const client = withClock(await connect(log));
  const { prefix } = config;
  if (!config.isDisordered) return new RedisRevocations({ client, prefix, ...follow, onEvent });
  const { log: inOrder } = new RedisRevocations({ client, prefix }).follower.followed;
  return createRevocations(disordered(inOrder), { ...follow, onEvent });
}

/** In a service with a `clock`: a client whose scripts see the clock of Redis that the test sets. */
function withClock(client) {
  if (config.clock === undefined) return client;
  const send =
    'call' in client ? (args) => client.call(...args) : (args) => client.sendCommand(args);
  return { sendCommand: async (args) => send(atMovedClock(args)) };
}

const revocations = await openRevocations();

async function createStore() {
  const { library, url } = config.store;
  const open = postgresClients[library];
  if (open) return new PostgresSessionStore({ client: open(url) });
  const client = withClock(await connect(config.store));
  return new RedisSessionStore({ client, prefix: config.prefix });
}

async function createIssuer() {
  const roles = config.roles && (await connect({ library: 'ioredis', url: config.roles }));
  return createTokenIssuer({
    issuer,
    audience,
    keys: [key],
    refreshKeys,
    store: await createStore(),
    revocations,
    onEvent,
    deadline: 2,
    ...config.issuing,
    ...(roles && {
      claims: async (subject) => ({ role: (await roles.get(`role:${subject}`)) ?? 'none' }),
    }),
  });
}

const tokens = isIssuer ? await createIssuer() : undefined;
const verifier =
  tokens?.verifier ??
  createTokenVerifier({
    issuer,
    audience,
    keys: [key],
    revocations,
    cache: { max: 1_000 },
    onEvent,
  });

async function outcomeOf(token) {
  try {
    const { claims } = await verifyBearer(verifier, {
      headers: { authorization: `Bearer ${token}` },
    });
    return typeof claims.role === 'string' ? `ok ${claims.role}` : 'ok';
  } catch (error) {
    return isAuthError(error) ? error.code : String(error);
  }
}

/** Repeats a call that got 503, as clients do: on a busy machine a healthy Redis may miss a deadline, and after a failover a client
 * is not connected at once. */
async function insist(call) {
  for (const end = performance.now() + 30_000; ; await sleep(50)) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== 'temporarily_unavailable' || performance.now() > end) throw error;
    }
  }
}

const verbs = {
  ready: () => revocations.ready({ within: 15 }),
  login: (grant) => insist(() => issueTokenPair(tokens, grant)),
  refresh: (refreshToken) => insist(() => refreshTokenPair(tokens, refreshToken)),
  end: (sessionId) => insist(() => revokeSession(tokens, { sessionId })),
  endOnce: (sessionId) => revokeSession(tokens, { sessionId }),
  endAll: (subject) => insist(() => revokeSubject(tokens, subject)),
  /** Ends sessions that the store does not have, two entries of the log at a time. Answers how long that took. */
  async endMany(count) {
    const start = performance.now();
    let left = count;
    const endSome = async () => {
      while (left > 0) {
        left -= 1;
        const sessionId = randomBytes(28).toString('base64url');
        await insist(() => revokeSession(tokens, { sessionId }));
      }
    };
    await Promise.all(Array.from({ length: 200 }, endSome));
    return performance.now() - start;
  },
  changeClaims: (of) => insist(() => revokeClaims(tokens, of)),
  kill: () => insist(() => core.revokeEverything(tokens, issuer)),
  check: (list) => Promise.all(list.map(outcomeOf)),
  /** Asks as a guard does, again and again, until the token is refused. Answers how and when. */
  async untilRefused(token) {
    for (;;) {
      const outcome = await outcomeOf(token);
      if (!outcome.startsWith('ok')) return { outcome, at: Date.now() };
      await sleep(2);
    }
  },
  async guard({ token, times }) {
    for (let count = 0; count < times; count += 1) await outcomeOf(token);
  },
  /** How long requests took, one every few milliseconds: the slowest, without the time in which the machine did not run this process. */
  async requests({ token, forTime }) {
    let slowest = 0;
    const outcomes = new Set();
    for (const end = performance.now() + forTime; performance.now() < end; await sleep(2)) {
      const start = awake();
      outcomes.add(await outcomeOf(token));
      slowest = Math.max(slowest, awake() - start);
    }
    return { slowest, outcomes: [...outcomes] };
  },
  letPass,
  setRedis,
  now: () => Date.now(),
  state: () => revocations.state,
  events: () => events,
  async serve() {
    const endpoints = createTokenEndpoints(tokens, {
      authenticateFollower: ({ headers }) => headers.authorization === 'Bearer follower',
    });
    const answer = async (request, response) => {
      const path = request.url.split('?')[0];
      const sent = request.method === 'POST' ? await json(request) : undefined;
      const { status, headers, body } = (await endpoints
        .handle({ request, path, body: sent })
        .catch((error) => tokenErrorResponse(error))) ?? { status: 404 };
      response.writeHead(status, headers).end(body);
    };
    const server = createServer((request, response) => void answer(request, response));
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return server.address().port;
  },
};

async function respond({ id, verb, argument }) {
  try {
    process.send({ id, value: await verbs[verb](argument) });
  } catch (error) {
    process.send({ id, code: error.code ?? String(error.stack) });
  }
}

process.on('message', (asked) => void respond(asked));
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send({ id: 0 });

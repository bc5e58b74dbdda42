// Starts Redis behind Sentinel, and a Redis Cluster, each with several processes.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { findFreePort } from './free-port.js';
import { startRedis, type RedisProcess } from './redis-server.js';

export interface Cluster {
  /** The first three are masters, the others their replicas. */
  readonly nodes: readonly RedisProcess[];
  stop(): Promise<void>;
}

export interface Sentinel {
  /** The name that the sentinels give the primary. */
  readonly name: string;
  readonly primary: RedisProcess;
  readonly replica: RedisProcess;
  readonly sentinels: readonly RedisProcess[];
  stop(): Promise<void>;
}

/** Starts three masters with one replica each. They notice within a second that a node has failed. */
export async function startCluster(): Promise<Cluster> {
  const ports = await findClusterPorts(6);
  const nodes = await startAll(
    ports.map((port) => () => startRedis({ port, args: clusterArguments })),
  );
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  await cli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes');
  for (const port of ports) {
    await until(async () => {
      const info = await cli('-p', String(port), 'cluster', 'info');
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:6');
    });
  }
  return { nodes, stop: () => stopAll(nodes) };
}

/** Starts a primary, a replica and three sentinels. They notice within a second that the primary has failed. */
export async function startSentinel(): Promise<Sentinel> {
  const name = 'main';
  const quick = ['--repl-diskless-sync-delay', '0'];
  const primary = await startRedis({ args: quick });
  const replicaof = ['--replicaof', '127.0.0.1', String(primary.port)];
  const replica = await startRedis({ args: [...replicaof, ...quick] });
  const dir = await mkdtemp(join(tmpdir(), 'tokenpair-sentinel-'));
  const sentinels = await startAll(
    [1, 2, 3].map((number) => async () => {
      const file = join(dir, `${number}.conf`);
      await writeFile(file, sentinelConfiguration(name, primary.port));
      return startRedis({ sentinel: file });
    }),
  );
  for (const { port } of sentinels) {
    await until(async () => {
      const lines = (await cli('-p', String(port), 'sentinel', 'master', name)).split('\n');
      const valueOf = (key: string) => lines[lines.indexOf(key) + 1];
      return valueOf('num-slaves') === '1' && valueOf('num-other-sentinels') === '2';
    });
  }
  return {
    name,
    primary,
    replica,
    sentinels,
    async stop() {
      await stopAll([...sentinels, replica, primary]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const clusterArguments = [
  '--cluster-enabled',
  'yes',
  '--cluster-node-timeout',
  '1000',
  '--cluster-config-file',
  'nodes.conf',
  '--repl-diskless-sync-delay',
  '0',
  '--repl-ping-replica-period',
  '1',
];

function sentinelConfiguration(name: string, port: number): string {
  return [
    `sentinel monitor ${name} 127.0.0.1 ${port} 2`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 2000`,
    '',
  ].join('\n');
}

/** Waits for several starts. If one fails, stops the others. */
async function startAll(
  starts: readonly (() => Promise<RedisProcess>)[],
): Promise<readonly RedisProcess[]> {
  const outcomes = await Promise.allSettled(starts.map((start) => start()));
  const started = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = outcomes.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await stopAll(started);
  throw failed.reason;
}

async function stopAll(processes: readonly RedisProcess[]): Promise<void> {
  await Promise.all(processes.map((one) => one.stop()));
}

/** Finds ports for nodes: each needs its port, and the port 10 000 above it for the bus of the Cluster. */
async function findClusterPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort([10_000]));
  return [...ports];
}

async function cli(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('redis-cli', args);
  return stdout.trim();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    if (await holds()) return;
  }
  throw new Error('the Redis processes did not find each other in 20 seconds');
}

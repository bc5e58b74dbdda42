// Section `memory`: bytes that a cached token and a session keep.

import { fork } from 'node:child_process';

import { entriesOf } from '../lib/contestants.mjs';
import { readMaterial, writeMaterial } from '../lib/material.mjs';
import { measureRedisMemory, subjects } from '../lib/redis-memory.mjs';
import { answerOf } from '../lib/start-worker.mjs';
import { summarise } from '../lib/statistics.mjs';
import { toBytes, toCount, toSpread, toTable } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const file = new URL('../work/memory.mjs', import.meta.url);

export async function run({ plan, quick, only, log }) {
  const material = writeMaterial(1);
  const count = quick ? 2_000 : 100_000;
  const figures = [];
  for (const { contestant, name, needsTokens } of await entriesOf('keepers')) {
    if (!only(name)) continue;
    log(`memory: ${name}`);
    const samples = [];
    for (let launch = 0; launch < plan.launches; launch++) {
      const job = { contestant, entry: name, needsTokens, material, count };
      const child = fork(file, [JSON.stringify(job)], { execArgv: ['--expose-gc'] });
      const { bytes } = await answerOf(child, { name, group: 'memory' });
      child.kill();
      samples.push(bytes);
    }
    figures.push({ name, bytes: summarise(samples) });
  }
  const redis = [];
  for (const kind of Object.keys(subjects)) {
    for (const perSubject of [1, 5]) {
      if (!only('redis')) continue;
      log(`memory: Redis, ${perSubject} a subject, ${kind}`);
      const signing = readMaterial(material, 'HS256');
      redis.push({
        kind,
        perSubject,
        ...(await measureRedisMemory({ count, perSubject, kind, material: signing })),
      });
    }
  }
  return { count, figures, redis };
}

export function describe({ count, figures, redis }) {
  return [
    `Bytes that stay, of ${toCount(count)} entries, with all garbage collected: heap and what hangs on it, for a token of 500 characters and for a session with 96 bytes of metadata.`,
    toTable(
      ['', 'bytes'],
      figures.map(({ name, bytes }) => [name, toSpread(bytes, toBytes)]),
    ),
    'In Redis, the difference of `used_memory` by session; a record alone when it is new and after ten refreshes.',
    toTable(
      ['', 'bytes a session', 'record', 'after ten refreshes'],
      redis.map(({ kind, perSubject, bytes, fresh, refreshed }) => [
        `${perSubject} a subject, subject ${kind}`,
        toBytes(bytes),
        toBytes(fresh),
        toBytes(refreshed),
      ]),
    ),
  ];
}

export function targets({ figures, redis }) {
  const inMemory = figures.find(({ name }) => name === 'MemorySessionStore, session, 5 a subject');
  const inRedis = redis.find(({ perSubject, kind }) => perSubject === 5 && kind === 'u_<number>');
  return [
    atMost('memory per session in Redis, five a subject', inRedis.bytes, 500, toBytes),
    atMost('memory per session in memory, five a subject', inMemory.bytes.median, 700, toBytes),
  ];
}

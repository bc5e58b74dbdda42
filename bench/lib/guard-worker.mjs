// The process of one guard: checks that it refuses a forged token, warms up, then runs one round whenever the runner asks.

import { followers, guards } from './guards.mjs';
import { requireHonest } from './honesty.mjs';
import { readMaterial } from './material.mjs';
import { oneByOne } from './one-by-one.mjs';
import { freshHeaders, requestWith, respond } from './requests.mjs';

const handful = 500;

process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});
// The runner has ended, perhaps by a signal.
process.once('disconnect', () => process.exit());

const { name, algorithm, material: folder, warmUp, roundTime } = JSON.parse(process.argv[2]);
const material = readMaterial(folder, algorithm);
const guard = await { ...guards, ...followers }[name](material);
await requireHonest(guard, material);

const headerAt = freshHeaders(material.tokens);
const response = respond();
let served = 0;
let operations = 1;
for (let spent = 0; spent < warmUp;) {
  const cpu = await round(operations);
  spent += cpu;
  // Not more than eight times as many: the first calls are slow.
  operations = Math.ceil(operations * Math.min(8, roundTime / Math.max(cpu, 1)));
}

process.on('message', () => void answer());
process.send({ ready: true });

async function answer() {
  process.send({ cpu: (await round(operations)) / operations });
}

/** Nanoseconds of CPU time of all threads, garbage collection included; making the requests is not in it. */
async function round(count) {
  let microseconds = 0;
  for (let left = count; left > 0; left -= handful) {
    const requests = Array.from({ length: Math.min(left, handful) }, () =>
      requestWith(headerAt(served++)),
    );
    const before = process.cpuUsage();
    await oneByOne(requests.length, (at, done) => void guard(requests[at], response, done));
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
  }
  return microseconds * 1_000;
}

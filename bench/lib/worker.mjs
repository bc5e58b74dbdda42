// A contestant's process: prepares, warms up, and then runs one round whenever the runner asks. Nothing else is loaded,
// so what V8 has learned of the code it has learned from this contestant, as in a server that uses it.

import { oncePerOperation } from './stopwatch.mjs';

// By CPU time, for on a busy machine the clock on the wall does not say how much has been run.
const cpuMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});

const { work, warmUp, roundTime, operations: fixed, ...job } = JSON.parse(process.argv[2]);
const { prepare } = await import(work);
const round = await prepare(job);

let operations = fixed ?? 1;
const warmAt = cpuMilliseconds() + warmUp;
while (cpuMilliseconds() < warmAt) {
  const before = cpuMilliseconds();
  await round(operations);
  const spent = Math.max(cpuMilliseconds() - before, 0.01);
  const wanted = Math.ceil((operations * roundTime) / spent);
  operations = fixed ?? Math.min(wanted, operations * 8);
}

process.on('message', () => void answer());
// The runner is gone, perhaps by a signal; a connection of a contestant must not keep this process.
process.once('disconnect', () => process.exit());
process.send({ ready: true });

async function answer() {
  const result = await round(operations);
  process.send({ operations, ...oncePerOperation(result, operations) });
}

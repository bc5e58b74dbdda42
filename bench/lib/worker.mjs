// A contestant's process: prepares, warms up, and then runs one round whenever the runner asks. Nothing else is loaded,
// so what V8 has learned of the code it has learned from this contestant, as in a server that uses it.

const job = JSON.parse(process.argv[2]);
const { prepare } = await import(job.work);
const round = await prepare(job);

// By CPU time, for on a busy machine the clock on the wall says nothing of how much has been run.
const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
let operations = job.leastOperations ?? 1;
const warmAt = cpuTime() + job.warmUp;
for (let isWarm = false; !isWarm; isWarm = cpuTime() > warmAt) {
  const before = cpuTime();
  await round(operations);
  const wanted = Math.ceil((operations * job.roundTime) / Math.max(cpuTime() - before, 0.01));
  operations = Math.max(job.leastOperations ?? 1, Math.min(wanted, operations * 8));
}

process.on('message', async () => {
  const { wall, cpu, ...more } = await round(operations);
  process.send({ wall: wall / operations, cpu: cpu / operations, operations, ...more });
});
process.send({ ready: true });

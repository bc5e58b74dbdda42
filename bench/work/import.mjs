// How long it takes to import something in a fresh process.

const { specifiers } = JSON.parse(process.argv[2]);

const cpuAtStart = process.cpuUsage();
const startedAt = process.hrtime.bigint();
for (const specifier of specifiers) await import(specifier);
const wall = Number(process.hrtime.bigint() - startedAt);
const { user, system } = process.cpuUsage(cpuAtStart);
process.send({ wall, cpu: (user + system) * 1_000 });

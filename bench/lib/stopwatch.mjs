// Adds up wall and CPU time of the parts of a round that count; what is prepared in between does not.

export function createStopwatch() {
  let wall = 0n;
  let cpu = 0;
  let startedAt = 0n;
  let cpuAtStart;
  return {
    start() {
      cpuAtStart = process.cpuUsage();
      startedAt = process.hrtime.bigint();
    },
    stop() {
      wall += process.hrtime.bigint() - startedAt;
      const { user, system } = process.cpuUsage(cpuAtStart);
      cpu += user + system;
    },
    /** Nanoseconds, of all threads of the process: the collector's and the pool's too. */
    read: () => ({ wall: Number(wall), cpu: cpu * 1_000 }),
  };
}

/** What a round took, by operation; its parts as well. */
export function oncePerOperation({ wall, cpu, parts, facts }, operations) {
  const each = (times) => ({ wall: times.wall / operations, cpu: times.cpu / operations });
  return {
    ...each({ wall, cpu }),
    ...(parts && {
      parts: Object.fromEntries(Object.entries(parts).map(([name, times]) => [name, each(times)])),
    }),
    ...(facts && { facts }),
  };
}

/** What is left of the one without the other, both of the same round. */
export function without(total, part) {
  return { wall: total.wall - part.wall, cpu: total.cpu - part.cpu };
}

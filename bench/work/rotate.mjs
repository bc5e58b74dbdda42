// A round of rotations on Redis, so many in flight, over sessions in turn.

import { createEntry } from '../lib/contestants.mjs';
import { readMaterial } from '../lib/material.mjs';
import { clients } from '../lib/redis.mjs';
import { inFlight } from '../lib/sessions.mjs';
import { createStopwatch } from '../lib/stopwatch.mjs';

export async function prepare({
  port,
  lanes,
  connections,
  sessions,
  others = 0,
  material,
  algorithm,
  ...job
}) {
  const library = clients[job.library];
  const connected = await Promise.all(
    Array.from({ length: connections }, () => library.connect(port)),
  );
  const rotate = await createEntry(job.kind ?? 'rotations', job, {
    library,
    clients: connected,
    client: connected[0],
    material: readMaterial(material, algorithm),
    sessions,
    others,
  });
  let next = 0;
  return async (operations) => {
    const stopwatch = createStopwatch();
    const first = next;
    next += operations;
    stopwatch.start();
    await inFlight(operations, lanes, (at, lane) => rotate((first + at) % sessions, lane));
    stopwatch.stop();
    return stopwatch.read();
  };
}

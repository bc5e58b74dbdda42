// The server of a contestant: one route that answers a little JSON, behind a guard or bare.

import { createEntry } from '../lib/contestants.mjs';
import { readMaterial } from '../lib/material.mjs';

const job = JSON.parse(process.argv[2]);
const guard =
  job.entry && (await createEntry('guards', job, readMaterial(job.material, job.algorithm)));
const orders = { orders: [{ id: 1, state: 'open' }] };

const server = (await createApp()).listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port });
});
process.on('message', () => process.send(process.cpuUsage()));
// The runner is gone, perhaps by a signal.
process.once('disconnect', () => process.exit());

async function createApp() {
  if (job.framework === 'koa') {
    const { default: Koa } = await import('koa');
    const app = new Koa();
    // What it prints of a refusal is not what is measured.
    app.silent = true;
    if (guard) app.use(guard);
    return app.use((ctx) => {
      ctx.body = orders;
    });
  }
  const { default: express } = await import('express');
  const app = express();
  if (guard) app.use(guard);
  return app.get('/orders', (_req, res) => res.json(orders));
}

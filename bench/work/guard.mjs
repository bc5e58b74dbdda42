// A round of a guard: requests are made a handful at a time, then the guard is called with each as the framework does.

import { createEntry } from '../lib/contestants.mjs';
import { createRequestFactory, freshHeaders } from '../lib/fresh-requests.mjs';
import { judgeByGuard, requireHonest } from '../lib/honesty.mjs';
import { readMaterial } from '../lib/material.mjs';
import { oneByOne } from '../lib/one-by-one.mjs';
import { createStopwatch } from '../lib/stopwatch.mjs';

const handful = 500;

export async function prepare(job) {
  const { framework, letsAllPass } = job;
  const material = readMaterial(job.material, job.algorithm);
  const guard = await createEntry('guards', job, material);
  const factory = await createRequestFactory(framework);
  if (!letsAllPass) await requireHonest(judgeByGuard(framework, guard, factory), material);
  const headerAt = freshHeaders(material.tokens);
  const callWith = framework === 'koa' ? callKoa(guard) : callExpress(guard, factory.respond());
  let served = 0;
  return async (operations) => {
    const stopwatch = createStopwatch();
    for (let left = operations; left > 0; left -= handful) {
      const requests = Array.from({ length: Math.min(left, handful) }, () =>
        factory.requestWith(headerAt(served++)),
      );
      const call = callWith(requests);
      stopwatch.start();
      await oneByOne(requests.length, call);
      stopwatch.stop();
    }
    return stopwatch.read();
  };
}

function callExpress(guard, res) {
  return (requests) => (at, done) => {
    guard(requests[at], res, done);
  };
}

function callKoa(guard) {
  const handled = Promise.resolve();
  return (requests) => (at, done) => {
    guard(requests[at], () => {
      done();
      return handled;
    });
  };
}

// A round of a guard: requests are made a handful at a time, then the guard is called with each as the framework does.

import { createEntry } from '../lib/contestants.mjs';
import { createRequestFactory } from '../lib/fresh-requests.mjs';
import { readMaterial } from '../lib/material.mjs';
import { oneByOne } from '../lib/one-by-one.mjs';
import { createStopwatch } from '../lib/stopwatch.mjs';

const handful = 500;

export async function prepare(job) {
  const material = readMaterial(job.material, job.algorithm);
  const { tokens } = material;
  const guard = await createEntry('guards', job, material);
  const { requestAt, respond } = await createRequestFactory(job.framework, tokens);
  const callWith = job.framework === 'koa' ? callKoa(guard) : callExpress(guard, respond());
  let served = 0;
  return async (operations) => {
    const stopwatch = createStopwatch();
    for (let left = operations; left > 0; left -= handful) {
      const requests = Array.from({ length: Math.min(left, handful) }, () => requestAt(served++));
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

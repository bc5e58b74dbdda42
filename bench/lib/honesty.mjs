// A guard that lets everything pass would be the fastest. So each is checked in the process that measures it.

import { freshHeaders, requestWith, respond } from './requests.mjs';

/** @throws Error when the guard refuses a good token or lets one with a flipped bit pass. */
export async function requireHonest(guard, { tokens, forged }) {
  for (const token of tokens) {
    if (!(await passes(guard, token))) throw new Error('a good token was refused');
  }
  if (await passes(guard, forged)) throw new Error('a token with a flipped bit was let through');
}

/** Whether the guard calls `next` without an error. It may also respond, or call `next` with an error. */
function passes(guard, token) {
  return new Promise((resolve) => {
    const res = respond();
    res.end = () => resolve(false);
    guard(requestWith(freshHeaders([token])(0)), res, (error) => resolve(error === undefined));
  });
}

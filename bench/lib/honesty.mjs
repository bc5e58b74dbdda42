// A guard that lets everything pass is the fastest of all. So before anything is measured, in the process that will be
// measured: every good token passes, and one with a flipped bit in its signature does not.

import { createVerify } from '../contestants/raw-crypto.mjs';
import { freshHeaders } from './fresh-requests.mjs';

/** @throws Error naming what was let through or refused. */
export async function requireHonest(judge, { tokens, forged }) {
  for (const token of tokens) {
    if (!(await judge(token))) throw new Error('a good token was refused');
  }
  if (await judge(forged)) throw new Error('a token with a flipped bit was let through');
}

/** Whether a guard calls what is behind it; it may answer, throw, or hand on an error instead. */
export function judgeByGuard(framework, guard, { requestWith, respond }) {
  return (token) => {
    const request = requestWith(headerOf(token));
    return framework === 'koa'
      ? passesKoa(guard, request)
      : passesExpress(guard, request, respond());
  };
}

async function passesKoa(guard, ctx) {
  let passed = false;
  try {
    await guard(ctx, async () => {
      passed = true;
    });
  } catch {
    return false;
  }
  return passed;
}

function passesExpress(guard, req, res) {
  return new Promise((resolve) => {
    res.end = () => resolve(false);
    guard(req, res, (error) => resolve(error === undefined));
  });
}

export function judgeByVerifier(verify) {
  return async (token) => {
    try {
      return Boolean(await verify(headerOf(token)));
    } catch {
      return false;
    }
  };
}

function headerOf(token) {
  return freshHeaders([token])(0);
}

/** A signer signs what raw crypto verifies. */
export async function requireGoodSignature(sign, material) {
  const signed = await sign('u_1');
  const claims = createVerify(material)(signed.accessToken ?? signed);
  if (claims.sub !== 'u_1') throw new Error('the token is for somebody else');
}

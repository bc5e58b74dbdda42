// A round of logins over the memory store, each of another subject, and of signing alone, in turns: what is left is the
// rest of a login.

import { MemorySessionStore } from '@tokenpair/core';

import { createSigning } from '../contestants/tokenpair.mjs';
import { readMaterial } from '../lib/material.mjs';
import { oneByOne } from '../lib/one-by-one.mjs';
import { createIssuer, login } from '../lib/sessions.mjs';
import { createStopwatch, without } from '../lib/stopwatch.mjs';

const handful = 250;

export async function prepare({ material: folder, algorithm }) {
  const material = readMaterial(folder, algorithm);
  const sign = await createSigning(material);
  return async (operations) => {
    const store = new MemorySessionStore();
    const tokens = createIssuer(store, material);
    // The store lays out its memory at its first session.
    await login(tokens, 'u');
    const [total, signing] = [createStopwatch(), createStopwatch()];
    for (let done = 0; done < operations; done += handful) {
      const count = Math.min(handful, operations - done);
      total.start();
      await oneByOne(count, (at, finish) => {
        login(tokens, `u_${done + at}`).then(() => finish(), finish);
      });
      total.stop();
      signing.start();
      await oneByOne(count, (at, finish) => {
        sign(`u_${done + at}`).then(() => finish(), finish);
      });
      signing.stop();
    }
    await store.close();
    const [whole, signed] = [total.read(), signing.read()];
    return { ...whole, parts: { signing: signed, rest: without(whole, signed) } };
  };
}

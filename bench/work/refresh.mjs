// A round of refreshes over the memory store, and of signing alone, in turns. The store may hold many other sessions, and
// the sessions that are refreshed may have rotated often before.

import { MemorySessionStore, refreshTokenPair } from '@tokenpair/core';

import { createSigning } from '../contestants/tokenpair.mjs';
import { readMaterial } from '../lib/material.mjs';
import { oneByOne } from '../lib/one-by-one.mjs';
import { createIssuer, limit, login, newSession } from '../lib/sessions.mjs';
import { createStopwatch, without } from '../lib/stopwatch.mjs';

const handful = 250;

export async function prepare({ material: folder, algorithm, sessions, rotations = 0 }) {
  const material = readMaterial(folder, algorithm);
  const sign = await createSigning(material);
  const store = new MemorySessionStore({ capacity: Math.max(sessions, 100_000) });
  const tokens = createIssuer(store, material);
  const current = [];
  // Those that are refreshed lie scattered among the rest.
  const every = Math.max(1, Math.floor(sessions / 1_000));
  for (let at = 0; at < sessions; at++) {
    if (at % every > 0) await store.create(newSession(`u_${at}`), limit);
    else current.push((await login(tokens, `u_${at}`)).refreshToken);
  }
  const refresh = async (at, presented) => {
    const { refreshToken } = await refreshTokenPair(tokens, presented);
    current[at] = refreshToken;
  };
  for (let times = 0; times < rotations; times++) {
    for (let at = 0; at < current.length; at++) await refresh(at, current[at]);
  }

  let next = 0;
  return async (operations) => {
    const [total, signing] = [createStopwatch(), createStopwatch()];
    for (let left = operations; left > 0;) {
      const count = Math.min(handful, left, current.length);
      left -= count;
      const places = Array.from({ length: count }, () => next++ % current.length);
      const presented = places.map((place) => fresh(current[place]));
      total.start();
      await oneByOne(count, (at, finish) => {
        refresh(places[at], presented[at]).then(() => finish(), finish);
      });
      total.stop();
      signing.start();
      await oneByOne(count, (at, finish) => {
        sign(`u_${places[at]}`).then(() => finish(), finish);
      });
      signing.stop();
    }
    const [whole, signed] = [total.read(), signing.read()];
    return { ...whole, parts: { signing: signed, rest: without(whole, signed) } };
  };
}

// As a body parser hands it over: a string that nobody has hashed yet.
function fresh(text) {
  return Buffer.from(text, 'latin1').latin1Slice();
}

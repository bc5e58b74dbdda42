// A round of refresh tokens that look real and whose tag is wrong, against a store that counts who asks it.

import { MemorySessionStore, refreshTokenPair } from '@tokenpair/core';

import { readMaterial } from '../lib/material.mjs';
import { createRounds } from '../lib/rounds-of-calls.mjs';
import { createIssuer, login } from '../lib/sessions.mjs';

export async function prepare({ material, algorithm }) {
  const { store, calls } = countCalls(new MemorySessionStore());
  const tokens = createIssuer(store, readMaterial(material, algorithm));
  const forged = [];
  for (let at = 0; at < 1_000; at++) {
    forged.push(Buffer.from(forge((await login(tokens, `u_${at}`)).refreshToken), 'latin1'));
  }
  const before = calls();
  const round = createRounds(
    (token) => refreshTokenPair(tokens, token).then(letThrough, requireRefusal),
    (at) => forged[at % forged.length].latin1Slice(),
  );
  return async (operations) => ({
    ...(await round(operations)),
    facts: { storeCalls: calls() - before },
  });
}

function letThrough() {
  throw new Error('a forged refresh token was let through');
}

function requireRefusal(error) {
  if (error.code !== 'refresh_token_invalid') throw error;
}

// Another character in the midst of the tag, so that shape and spelling stay good.
function forge(token) {
  const place = token.length - 10;
  return token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
}

function countCalls(store) {
  let count = 0;
  const counted = ['create', 'rotate', 'get', 'revoke', 'revokeSubject', 'list'].map((name) => [
    name,
    (...args) => {
      count += 1;
      return store[name](...args);
    },
  ]);
  return { store: Object.fromEntries(counted), calls: () => count };
}

// Section `refresh`: how many commands a refresh sends to Redis, one after the other.

import { refreshTokenPair } from '@tokenpair/core';

import { commandsDuring, libraries, withRedis } from '../lib/redis.mjs';
import { createIssuer, login } from '../lib/sessions.mjs';
import { toTable } from '../lib/table.mjs';

const hook = { claims: () => ({ role: 'member' }) };
const cases = [
  { what: 'without a `claims` hook, the session rotates', most: 1 },
  { what: 'without a `claims` hook, soon after a rotation', repeats: true, most: 1 },
  { what: 'with a `claims` hook, the session rotates', issuer: hook },
  { what: 'with a `claims` hook, soon after a rotation', issuer: hook, repeats: true },
  { what: 'with `reuseInterval: 0`', issuer: { reuseInterval: 0 } },
  { what: 'with `scope` in the request', refresh: { scope: 'orders:read' } },
];

export async function run() {
  console.error('refresh: round trips');
  const found = {};
  for (const [library, connect] of Object.entries(libraries)) {
    await withRedis(async (port) => {
      const { client, close } = await connect(port);
      found[library] = [];
      for (const one of cases) found[library].push(await commandsOf(one, client, port));
      close();
    });
  }
  const names = Object.keys(libraries);
  const rows = cases.map(({ what }, at) => [
    what,
    ...names.map((library) => found[library][at].join(', ')),
  ]);
  const targets = names.flatMap((library) =>
    cases.flatMap(({ what, most }, at) =>
      most === undefined
        ? []
        : [
            {
              what: `${library}, ${what}`,
              measured: found[library][at].length,
              most,
              format: String,
            },
          ],
    ),
  );
  return { tables: [toTable(['commands of one refresh', ...names], rows)], targets };
}

async function commandsOf({ issuer, repeats, refresh }, client, port) {
  const tokens = createIssuer(client, issuer);
  // The first use of a script sends its text.
  let { refreshToken } = await login(tokens, 'u_first');
  for (let times = 0; times < 2; times++) {
    ({ refreshToken } = await refreshTokenPair(tokens, refreshToken, refresh));
  }
  ({ refreshToken } = await login(tokens, 'u_1'));
  if (repeats) ({ refreshToken } = await refreshTokenPair(tokens, refreshToken, refresh));
  let pair;
  const commands = await commandsDuring(port, client, async () => {
    pair = await refreshTokenPair(tokens, refreshToken, refresh);
  });
  if (pair.refreshTokenChanged === Boolean(repeats)) throw new Error('not the case to be measured');
  return commands;
}

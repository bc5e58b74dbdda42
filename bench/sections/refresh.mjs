// Section `refresh`: how many commands a refresh sends to Redis, one after the other, and how many the use of its access token.

import { setTimeout as sleep } from 'node:timers/promises';

import { refreshTokenPair, verifyBearer } from '@tokenpair/core';

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
  { what: 'afterwards: 1 000 uses of its access token', uses: 1_000, most: 1 },
];

/** Milliseconds: longer than a report waits for others. */
const reported = 1_000;

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

async function commandsOf({ issuer, repeats, refresh, uses }, client, port) {
  const tokens = createIssuer(client, issuer);
  // The first use of a script sends its text.
  let { refreshToken, accessToken } = await login(tokens, 'u_first');
  await use(tokens, accessToken, 1);
  for (let times = 0; times < 2; times++) {
    ({ refreshToken } = await refreshTokenPair(tokens, refreshToken, refresh));
  }
  ({ refreshToken } = await login(tokens, 'u_1'));
  if (repeats || uses) {
    ({ refreshToken, accessToken } = await refreshTokenPair(tokens, refreshToken, refresh));
  }
  if (uses) return commandsDuring(port, client, () => use(tokens, accessToken, uses));
  let pair;
  const commands = await commandsDuring(port, client, async () => {
    pair = await refreshTokenPair(tokens, refreshToken, refresh);
  });
  if (pair.refreshTokenChanged === Boolean(repeats)) throw new Error('not the case to be measured');
  return commands;
}

async function use({ verifier }, accessToken, times) {
  for (let time = 0; time < times; time++) await verifyBearer(verifier, `Bearer ${accessToken}`);
  await sleep(reported);
}

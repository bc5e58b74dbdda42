// The contestants by file name, and what each offers to a section.

const contestants = [
  'empty',
  'tokenpair',
  'express-jwt',
  'express-oauth2-jwt-bearer',
  'passport-jwt',
  'koa-jwt',
  'jsonwebtoken',
  'jose',
  'fast-jwt',
  'lru-cache',
  'raw-crypto',
  'bare-evalsha',
  'get-del-set',
  'getdel-set',
  'watch-multi',
];

/** @param {'guards' | 'verifiers' | 'largeVerifiers' | 'signers' | 'rotations' | 'logins' |
 * 'keepers'} kind */
export async function entriesOf(kind) {
  const entries = [];
  for (const contestant of contestants) {
    const offered = (await load(contestant))[kind] ?? [];
    for (const { create: _create, ...entry } of offered) entries.push({ contestant, ...entry });
  }
  return entries;
}

/** One entry of a contestant, set up with keys. */
export async function createEntry(kind, { contestant, entry, framework }, material) {
  const offered = (await load(contestant))[kind];
  const found = offered.find((one) => one.name === entry && one.framework === framework);
  return found.create(material);
}

function load(contestant) {
  return import(`../contestants/${contestant}.mjs`);
}

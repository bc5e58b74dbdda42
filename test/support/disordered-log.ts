// A revocation log that gives every entry twice, shuffled, in pages of three.

import type { RevocationLog } from '@tokenpair/core/store';

const entriesPerPage = 3;

/** @param random - from 0 up to 1. */
export function disordered(log: RevocationLog, random: () => number = Math.random): RevocationLog {
  return {
    append: (entry) => log.append(entry),
    async read(issuer, after, limit, options) {
      const page = await log.read(issuer, after, limit, options);
      const twice = page.entries.flatMap((entry) => [entry, entry]);
      const entries = shuffled(twice.slice(0, entriesPerPage), random);
      return { ...page, entries, more: page.more || twice.length > entriesPerPage };
    },
  };
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, rank: random() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

// A revocation log that gives every entry twice, shuffled, in pages of three. No TypeScript: a service in a process of its own uses
// it too.

const entriesPerPage = 3;

/**
 * @param {import('@tokenpair/core/store').RevocationLog} log
 * @param {() => number} [random] - from 0 up to 1.
 * @returns {import('@tokenpair/core/store').RevocationLog}
 */
export function disordered(log, random = Math.random) {
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

/**
 * @template T
 * @param {readonly T[]} list
 * @param {() => number} random
 * @returns {T[]}
 */
function shuffled(list, random) {
  return list
    .map((item) => ({ item, rank: random() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

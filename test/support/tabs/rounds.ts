// What came of hundreds of storms, each with another seed, as one object to compare.

import type { StormReport } from './storm.js';

export interface RoundsReport {
  readonly rounds: number;
  /** Rounds in which a client was signed out, accused or refused for another reason. */
  readonly lost: number;
  /** The seeds of the first of them. */
  readonly seeds: readonly number[];
  /** Codes of what tabs were answered instead, and types of the events, with how often each came. */
  readonly faults: Readonly<Record<string, number>>;
}

/** What {@link sumUp} answers when all is well. */
export function noneLost(rounds: number): RoundsReport {
  return { rounds, lost: 0, seeds: [], faults: {} };
}

export function sumUp(reports: ReadonlyMap<number, StormReport>): RoundsReport {
  const lost: number[] = [];
  const faults: Record<string, number> = {};
  for (const [seed, { refused, accusations, isAlive }] of reports) {
    const names = [
      ...refused.map(({ status, code }) => `${status} ${code}`),
      ...accusations,
      ...(isAlive ? [] : ['session gone']),
    ];
    for (const name of names) faults[name] = (faults[name] ?? 0) + 1;
    if (names.length > 0) lost.push(seed);
  }
  return { rounds: reports.size, lost: lost.length, seeds: lost.slice(0, 10), faults };
}

// Sums up hundreds of storms, each with another seed, in one object to compare.

import { isAccusation, type Round, type StormReport } from './storm.js';

export interface RoundsReport {
  readonly rounds: number;
  /** Rounds in which a client was signed out, accused or refused for another reason. */
  readonly lost: number;
  /** The seeds of the first of them. */
  readonly seeds: readonly number[];
  /** The number of answers by code, and of events by type, in the failed rounds. */
  readonly faults: Readonly<Record<string, number>>;
}

/** A round that has ended, by its seed. */
export interface EndedRound {
  readonly seed: number;
  readonly round: Round;
  readonly report: StormReport;
  /** Whether the session went on after the settle time. */
  readonly isAlive: boolean;
}

/** The answer of {@link sumUp} when no round failed. */
export function noneLost(rounds: number): RoundsReport {
  return { rounds, lost: 0, seeds: [], faults: {} };
}

export function sumUp(ended: readonly EndedRound[]): RoundsReport {
  const lost: number[] = [];
  const faults: Record<string, number> = {};
  for (const { seed, round, report, isAlive } of ended) {
    const accusations = round.events.filter(
      (event) => isAccusation(event) && event.subject === round.subject,
    );
    const names = [
      ...report.refused.map(({ status, code }) => `${status} ${code}`),
      ...accusations.map(({ type }) => type),
      ...(isAlive ? [] : ['session gone']),
    ];
    for (const name of names) faults[name] = (faults[name] ?? 0) + 1;
    if (names.length > 0) lost.push(seed);
  }
  return { rounds: ended.length, lost: lost.length, seeds: lost.slice(0, 10), faults };
}

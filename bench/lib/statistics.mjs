// Medians and spreads of samples.

/** The middle sample, or the mean of the two in the middle. */
export function median(samples) {
  return quantile(samples, 0.5);
}

/** The median and the middle half of the samples. */
export function summarise(samples) {
  return {
    median: median(samples),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
  };
}

/**
 * The ratio of two contestants. Each round of the one is divided by the same round of the other, because what slowed the
 * machine down in that round slowed both down.
 *
 * @param {number[][]} ours - samples by launch and round
 * @param {number[][]} theirs - samples of the same launches and rounds
 * @returns the median, the middle half of all rounds, and the lowest and highest median of a launch: what a process gets at
 * its start stays with it, so launches differ by more than rounds do.
 */
export function compare(ours, theirs) {
  const launches = ours.map((rounds, launch) =>
    rounds.map((sample, round) => sample / theirs[launch][round]),
  );
  const medians = launches.map(median);
  return {
    ...summarise(launches.flat()),
    lowestLaunch: Math.min(...medians),
    highestLaunch: Math.max(...medians),
  };
}

/** The sample below which a part of them lies, between 0 and 1. */
export function quantile(samples, part) {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

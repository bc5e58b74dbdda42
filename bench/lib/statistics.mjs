// What becomes of samples: a figure is the median, with the least and the greatest beside it.

/** @returns {{ median: number, min: number, max: number }} */
export function summarise(samples) {
  const sorted = samples.toSorted((one, other) => one - other);
  return { median: median(sorted), min: sorted[0], max: sorted.at(-1) };
}

/** The middle one, or the mean of the two in the middle. */
export function median(samples) {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** How often the one goes into the other; by medians, since both come from the same rounds. */
export function ratio(one, other) {
  return one.median / other.median;
}

// Figures as Markdown.

/** @param {string[]} head @param {string[][]} rows - the first column is text, the others are aligned right. */
export function toTable(head, rows) {
  const cells = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length), 3));
  const line = (row) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** @param {{ what: string, measured: number, most: number, format: (value: number) => string }[]} targets */
export function targetTable(targets) {
  return toTable(
    ['target', 'at most', 'measured', ''],
    targets.map(({ what, measured, most, format }) => [
      what,
      format(most),
      format(measured),
      // A comparison with NaN is false: what could not be measured is not met.
      measured <= most ? 'met' : 'not met',
    ]),
  );
}

/** Nanoseconds with three digits: `2.24 µs`. */
export function toTime(nanoseconds) {
  return nanoseconds < 1_000 ? `${digits(nanoseconds)} ns` : `${digits(nanoseconds / 1e3)} µs`;
}

/** A ratio below 0.9 as a fraction, `1/5.20`, others as a multiple, `1.04 ×`. */
export function toRatio(value) {
  return value < 0.9 ? `1/${digits(1 / value)}` : `${digits(value)} ×`;
}

/** The median with the middle half of the samples: `2.24 µs (2.10 µs to 2.60 µs)`. */
export function toSpread({ median, low, high }, format) {
  return `${format(median)} (${format(low)} to ${format(high)})`;
}

export function toBytes(value) {
  return `${Math.round(value)} B`;
}

function digits(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

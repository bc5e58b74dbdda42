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

/** Nanoseconds with three digits that count and the unit that suits. */
export function toTime(nanoseconds) {
  if (nanoseconds < 0) return `−${toTime(-nanoseconds)}`;
  if (nanoseconds < 1_000) return `${digits(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${digits(nanoseconds / 1e3)} µs`;
  return nanoseconds < 1e9 ? `${digits(nanoseconds / 1e6)} ms` : `${digits(nanoseconds / 1e9)} s`;
}

/** A median with its bounds: `2.24 µs (2.1–2.6)`. */
export function toSpread({ median, min, max }, format = toTime) {
  return `${format(median)} (${format(min)}–${format(max)})`;
}

export function toRatio(value) {
  return value >= 10 ? `${value.toFixed(0)} ×` : `${value.toFixed(2)} ×`;
}

function digits(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A count with its thousands set apart. */
export function toCount(value) {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** A ratio below one as a part of the whole: `1/5.2`. */
export function toFraction(value) {
  return value < 1 ? `1/${digits(1 / value).replace(/\.0+$/, '')}` : toRatio(value);
}

/** A change: `+12 %`. */
export function toPercent(value) {
  const percent = value * 100;
  const text = Math.abs(percent) >= 10 ? percent.toFixed(0) : percent.toFixed(1);
  return `${percent >= 0 ? '+' : '−'}${text.replace('-', '')} %`;
}

export function toBytes(value) {
  return `${toCount(value)} B`;
}

export function toKilobytes(value) {
  return `${toCount(value / 1_000)} kB`;
}

// Reads duration options.

import { checkOptions, refuseOption } from './options.js';

/** Seconds as a whole number, or text with a unit: `'90s'`, `'15m'`, `'12h'`, `'30d'`, `'2w'`. */
export type Duration = number | string;

const secondsIn: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Reads a duration option as seconds: a whole number, unless `bounds.fractions` is true.
 *
 * Refuses text of digits without a unit, because it could mean seconds or milliseconds.
 *
 * @param bounds - smallest and largest value in seconds. @defaultValue 1 second to 100 years
 * @throws TypeError naming the option when the value is not a duration, or not between `min` and `max`.
 * @throws TypeError `bounds` has an unknown member.
 */
export function toSeconds(
  option: string,
  value: unknown,
  bounds: { min?: number; max?: number; fractions?: boolean } = {},
): number {
  const checked = checkOptions('toSeconds', bounds, ['min', 'max', 'fractions']);
  const { min = 1, max = 100 * 365 * 86_400, fractions = false } = checked;
  const seconds = typeof value === 'string' ? fromText(option, value) : value;
  const isNumber = fractions ? Number.isFinite : Number.isInteger;
  if (typeof seconds !== 'number' || !isNumber(seconds)) {
    return refuseOption(option, `seconds as a number, or text with a unit ('15m')`, value);
  }
  if (seconds < min || seconds > max) {
    return refuseOption(option, `a duration from ${min} to ${max} seconds`, value);
  }
  return seconds;
}

function fromText(option: string, text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    throw new TypeError(
      `${option}: '${text}' could mean ${text} seconds or ${text} milliseconds. ` +
        `Write ${text} or '${text}s' for seconds.`,
    );
  }
  const [, count, unit = ''] = /^(\d{1,9})(.)$/.exec(text) ?? [];
  const seconds = secondsIn[unit];
  return seconds && Number(count) * seconds;
}

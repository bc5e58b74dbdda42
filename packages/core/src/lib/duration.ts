// Reads duration options.

import { checkOptions, refuseOption } from './options.js';

/**
 * Seconds as a whole number, or text with a unit: `'90s'`, `'15m'`, `'12h'`, `'30d'`, `'2w'`. An option that takes fractions of a second
 * says so.
 */
export type Duration = number | string;

/** Milliseconds: since the epoch, or a span of time. */
export type Millis = number;

const secondsIn: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Reads a duration option as seconds: a whole number, unless `bounds.fractions` is true.
 *
 * Refuses text of digits without a unit, because it could mean seconds or milliseconds.
 *
 * @param bounds - `min`, `max`: smallest and largest value in seconds. `maxNumber`: a larger number, but not text, is refused as
 * probably milliseconds; with it, also a round number of milliseconds that is not a round number of seconds, 30 000 for example.
 * @defaultValue 1 second to 100 years
 * @throws TypeError naming the option when the value is not a duration, or not between `min` and `max`.
 * @throws TypeError `bounds` has an unknown member.
 */
export function toSeconds(
  option: string,
  value: unknown,
  bounds: { min?: number; max?: number; maxNumber?: number; fractions?: boolean } = {},
): number {
  const checked = checkOptions('toSeconds', bounds, ['min', 'max', 'maxNumber', 'fractions']);
  const { min = 1, max = 100 * 365 * 86_400, maxNumber = max, fractions = false } = checked;
  const seconds = typeof value === 'string' ? fromText(option, value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) {
    return refuseOption(option, `seconds as a number, or text with a unit ('15m')`, value);
  }
  if (!fractions && !Number.isInteger(seconds)) {
    return refuseOption(option, 'whole seconds, without a fraction', value);
  }
  const isDoubtful =
    seconds > maxNumber || (checked.maxNumber !== undefined && isInMilliseconds(seconds));
  if (typeof value === 'number' && isDoubtful) {
    refuseNumber(option, value, { min, max, maxNumber, fractions });
  }
  if (seconds < min || seconds > max) {
    return refuseOption(option, `a duration from ${min} to ${max} seconds`, value);
  }
  return seconds;
}

// `30 * 60 * 1000` is whole minutes in milliseconds; as seconds it is 20 days and 20 hours, which a person writes in another way.
// `30 * 1000` is whole seconds in milliseconds; as seconds it is 8 hours and 20 minutes.
function isInMilliseconds(value: number): boolean {
  const isMinutes = value >= 60_000 && value % 60_000 === 0 && value % 43_200 !== 0;
  return isMinutes || (value >= 10_000 && value % 1_000 === 0 && value % 900 !== 0);
}

// `15 * 60 * 1000` is the usual way to write 15 minutes in milliseconds.
function refuseNumber(
  option: string,
  value: number,
  {
    min,
    max,
    maxNumber,
    fractions,
  }: Readonly<Record<'min' | 'max' | 'maxNumber', number> & { fractions: boolean }>,
): void {
  const seconds = value / 1_000;
  const isWhole = Number.isInteger(seconds);
  const canBeMilliseconds = (isWhole || fractions) && seconds >= min && seconds <= max;
  if (canBeMilliseconds) {
    const otherwise =
      value <= max && Number.isInteger(value) ? `, or '${value}s' if it is seconds` : '';
    const asText = isWhole ? ` or '${seconds}s'` : '';
    throw new TypeError(
      `${option}: ${value} looks like milliseconds, but a number is seconds here. Write ${seconds}${asText}${otherwise}.`,
    );
  }
  if (value > max) return;
  refuseOption(
    option,
    `at most ${maxNumber} as a number of seconds, because a larger one is probably milliseconds; write '${value}s' if it is seconds`,
    value,
  );
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

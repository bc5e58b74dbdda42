import { toSeconds } from '../../../packages/core/src/lib/duration.js';

describe('a duration', () => {
  it.each<[unknown, number]>([
    [1, 1],
    [900, 900],
    ['1s', 1],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['2w', 1_209_600],
    ['007s', 7],
  ])('of %p is %i seconds', (value, seconds) => {
    expect(toSeconds('lifetime', value)).toBe(seconds);
  });

  it.each(['900', '0', '1', '86400'])(
    'of the bare digits %p is refused with both of its readings',
    (text) => {
      expect(() => toSeconds('lifetime', text)).toThrow(TypeError);
      expect(() => toSeconds('lifetime', text)).toThrow(
        new RegExp(`^lifetime: .*${text} seconds or ${text} milliseconds`),
      );
    },
  );

  it.each<[unknown]>([
    [''],
    ['s'],
    ['m15'],
    ['15 m'],
    [' 15m'],
    ['15m '],
    ['15m\n'],
    ['15M'],
    ['15min'],
    ['15 minutes'],
    ['1h30m'],
    ['1.5h'],
    ['-15m'],
    ['+15m'],
    ['1e3s'],
    ['0x10s'],
    ['15ms'],
    ['15y'],
    ['1_000s'],
    ['٣s'],
    ['1234567890s'],
    ['Infinitys'],
    ['constructor'],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [-1],
    [0],
    [null],
    [undefined],
    [true],
    [10n],
    [['15m']],
    [{ minutes: 15 }],
    [new Date(0)],
  ])('of %p is refused, and the error names the option', (value) => {
    expect(() => toSeconds('lifetime', value)).toThrow(TypeError);
    expect(() => toSeconds('lifetime', value)).toThrow(/^lifetime\b/);
  });

  it('must lie between its bounds, both inclusive', () => {
    const bounds = { min: 0, max: 300 };
    expect(toSeconds('tolerance', 0, bounds)).toBe(0);
    expect(toSeconds('tolerance', '0s', bounds)).toBe(0);
    expect(toSeconds('tolerance', '5m', bounds)).toBe(300);
    for (const value of [-1, 301, '301s', '6m', '1d']) {
      expect(() => toSeconds('tolerance', value, bounds)).toThrow(/^tolerance\b.*0 to 300/);
    }
  });

  it('is at least a second and at most a hundred years by default', () => {
    expect(toSeconds('lifetime', 100 * 365 * 86_400)).toBe(3_153_600_000);
    expect(() => toSeconds('lifetime', 100 * 365 * 86_400 + 1)).toThrow(/^lifetime\b/);
    expect(() => toSeconds('lifetime', '0s')).toThrow(/^lifetime\b/);
    expect(() => toSeconds('lifetime', '999999999w')).toThrow(/^lifetime\b/);
  });
});

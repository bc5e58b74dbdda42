// The benchmark itself: its arithmetic, and that nobody is measured who lets a forged token pass. What it measures is for
// people to judge, so no time is looked at here.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { figureTable } from '../../bench/lib/figures.mjs';
import { oneByOne } from '../../bench/lib/one-by-one.mjs';
import { median, ratio, summarise } from '../../bench/lib/statistics.mjs';
import { without } from '../../bench/lib/stopwatch.mjs';
import { toFraction, toPercent, toTable, toTime } from '../../bench/lib/table.mjs';
import { atLeast, atMost } from '../../bench/lib/targets.mjs';

const root = join(__dirname, '../..');

/** Runs an ES module of the benchmark. */
async function runInBench(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    maxBuffer: 1e7,
  });
  return stdout;
}

describe('a figure', () => {
  it('is the sample in the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
  });

  it('has the least and the greatest sample beside it, by size and not by spelling', () => {
    expect(summarise([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  it('cannot be made of no samples', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('goes into another by the medians', () => {
    const one = { median: 6, min: 1, max: 99 };
    expect(ratio(one, { median: 2, min: 2, max: 2 })).toBe(3);
  });

  it('without a part is what is left of both clocks', () => {
    expect(without({ wall: 10, cpu: 8 }, { wall: 4, cpu: 1 })).toEqual({ wall: 6, cpu: 7 });
  });
});

describe('a target', () => {
  it('of at most so much is met at the bound and missed above it', () => {
    expect(atMost('x', 1.25, 1.25, String)).toEqual({
      what: 'x',
      target: '≤ 1.25',
      measured: '1.25',
      met: true,
    });
    expect(atMost('x', 1.26, 1.25, String).met).toBe(false);
  });

  it('of at least so much is met at the bound and missed below it', () => {
    expect(atLeast('x', 0.8, 0.8, String).met).toBe(true);
    expect(atLeast('x', 0.79, 0.8, String).met).toBe(false);
  });

  it('is not met by what could not be measured', () => {
    expect(atMost('x', Number.NaN, 1, String).met).toBe(false);
    expect(atLeast('x', Number.NaN, 1, String).met).toBe(false);
  });
});

describe('a table', () => {
  it('aligns its columns, text left and figures right', () => {
    expect(
      toTable(
        ['', 'CPU'],
        [
          ['ours', '1 ns'],
          ['a peer', '12.5 µs'],
        ],
      ),
    ).toBe(
      [
        '|        |     CPU |',
        '| ------ | ------: |',
        '| ours   |    1 ns |',
        '| a peer | 12.5 µs |',
      ].join('\n'),
    );
  });

  it('sets each figure against those that are asked for', () => {
    const [ours, peer] = [300, 1_200].map((time) => ({ median: time, min: time, max: time }));
    const rows = figureTable({
      figures: [
        { name: 'ours', cpu: ours, wall: ours },
        { name: 'peer', cpu: peer, wall: peer },
      ],
      against: ['ours', 'peer'],
    }).split('\n');
    expect(rows[2]).toMatch(/^\| ours .* 1\.00 × \|\s+0\.25 × \|$/);
    expect(rows[3]).toMatch(/^\| peer .* 4\.00 × \|\s+1\.00 × \|$/);
  });

  it.each([
    [0.5, '0.50 ns'],
    [999, '999 ns'],
    [1_000, '1.00 µs'],
    [14_123, '14.1 µs'],
    [2_500_000, '2.50 ms'],
    [-1_500, '−1.50 µs'],
  ])('shows %d nanoseconds as %s', (nanoseconds, text) => {
    expect(toTime(nanoseconds)).toBe(text);
  });

  it('shows a small ratio as a fraction, and one above it as a multiple', () => {
    expect([1 / 80, 0.2, 1.5].map((value) => toFraction(value))).toEqual(['1/80', '1/5', '1.50 ×']);
  });

  it('shows a change with its sign', () => {
    expect([0.123, -0.05].map((value) => toPercent(value))).toEqual(['+12 %', '−5.0 %']);
  });
});

describe('operations one by one', () => {
  it('start when the one before is done, whether that is at once or later', async () => {
    const log: string[] = [];
    await oneByOne(4, (at, done) => {
      log.push(`start ${at}`);
      const finish = () => {
        log.push(`end ${at}`);
        done();
      };
      if (at % 2 === 0) finish();
      else setImmediate(finish);
    });
    expect(log).toEqual([0, 1, 2, 3].flatMap((at) => [`start ${at}`, `end ${at}`]));
  });

  it('end with what one of them has failed with', async () => {
    const failure = new Error('refused');
    await expect(oneByOne(2, (_at, done) => done(failure))).rejects.toBe(failure);
  });
});

describe('the contestants', () => {
  interface Verdict {
    readonly kind: 'guards' | 'verifiers' | 'signers';
    readonly name: string;
    readonly algorithm: string;
    readonly problem: string | null;
  }
  let verdicts: readonly Verdict[];

  beforeAll(async () => {
    const lines = (await runInBench('bench/check.mjs')).trim().split('\n');
    verdicts = lines.map((line) => JSON.parse(line) as Verdict);
  }, 60_000);

  it('let good tokens through and refuse one with a flipped bit, but for the empty guard', () => {
    const dishonest = verdicts.filter(({ problem }) => problem !== null);
    expect(new Set(dishonest.map(({ name }) => name))).toEqual(new Set(['empty guard']));
    expect(new Set(dishonest.map(({ problem }) => problem))).toEqual(
      new Set(['a token with a flipped bit was let through']),
    );
  });

  it.each([
    ['guards', ['tokenpair', 'express-jwt, KeyObject', 'koa-jwt, KeyObject', 'raw node:crypto']],
    ['verifiers', ['tokenpair', 'jose', 'jsonwebtoken, KeyObject', 'raw node:crypto']],
    ['signers', ['tokenpair, inside issueTokenPair', 'jose', 'jsonwebtoken, KeyObject']],
  ])('in %s are ours, peers and the limit, under every algorithm', (kind, names) => {
    for (const algorithm of ['HS256', 'RS256', 'ES256']) {
      const there = verdicts.filter((one) => one.kind === kind && one.algorithm === algorithm);
      expect(there.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    }
  });
});

describe('docs/performance.md', () => {
  it('is what the runner makes of the results that are kept', async () => {
    const script = `import { renderPage } from './bench/lib/page.mjs';
      process.stdout.write(await renderPage());`;
    const page = await runInBench('--input-type=module', '-e', script);
    expect(page).toBe(await readFile(join(root, 'docs/performance.md'), 'utf8'));
  }, 60_000);
});

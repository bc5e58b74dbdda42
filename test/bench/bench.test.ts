// The benchmark itself: its arithmetic, that it refuses to measure a guard which lets a forged token pass, and that every
// section runs. No test looks at a time.

import { execFile } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { requireHonest } from '../../bench/lib/honesty.mjs';
import { oneByOne } from '../../bench/lib/one-by-one.mjs';
import { compare, median, summarise } from '../../bench/lib/statistics.mjs';
import { targetTable, toRatio, toTable, toTime } from '../../bench/lib/table.mjs';
import { describePostgres } from '../support/postgres-server.js';
import { hasRedisServer } from '../support/redis-server.js';

async function runBench(...args: readonly string[]): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['bench/run.mjs', ...args, '--quick'], {
    cwd: join(__dirname, '../..'),
    timeout: 280_000,
  });
  return stdout;
}

describe('a median', () => {
  it('is the sample in the middle, by size and not by spelling, or the mean of the two in the middle', () => {
    expect(median([9, 100, 10])).toBe(10);
    expect(median([9, 1, 5, 7])).toBe(6);
  });

  it('comes with the bounds of the middle half', () => {
    expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('cannot be made of no samples', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a ratio of two contestants', () => {
  it('compares rounds of the same turn, so a machine that slows down changes nothing', () => {
    expect(compare([[1, 1_000, 10]], [[2, 2_000, 20]])).toMatchObject({ low: 0.5, high: 0.5 });
    // The medians alone would give 2 / 4.
    expect(compare([[1, 9, 2]], [[4, 9, 1]])).toMatchObject({ median: 1 });
  });

  it('shows how far the medians of the launches lie apart', () => {
    const ours = [
      [1, 1, 9],
      [3, 3, 3],
    ];
    const theirs = [
      [1, 1, 1],
      [1, 1, 1],
    ];
    expect(compare(ours, theirs)).toMatchObject({
      median: 3,
      lowestLaunch: 1,
      highestLaunch: 3,
    });
  });
});

describe('a table', () => {
  it('aligns its columns, text left and figures right', () => {
    const rows = [
      ['ours', '1 ns'],
      ['a peer', '12.5 µs'],
    ];
    expect(toTable(['', 'CPU'], rows).split('\n')).toEqual([
      '|        |     CPU |',
      '| ------ | ------: |',
      '| ours   |    1 ns |',
      '| a peer | 12.5 µs |',
    ]);
  });

  it.each([
    [1.1, 'met'],
    [1.11, 'not met'],
    [Number.NaN, 'not met'],
  ])('of targets says of %d, where 1.1 is allowed: %s', (measured, verdict) => {
    const table = targetTable([{ what: 'x', measured, most: 1.1, format: String }]);
    expect(table.split('\n').at(-1)).toMatch(new RegExp(`\\| +${verdict} \\|$`));
  });

  it.each([
    [0.5, '0.500 ns'],
    [999, '999 ns'],
    [14_123, '14.1 µs'],
  ])('shows %d nanoseconds as %s', (nanoseconds, text) => {
    expect(toTime(nanoseconds)).toBe(text);
  });

  it('shows a small ratio as a fraction, and one of about 1 or more as a multiple', () => {
    expect([1 / 184, 0.2, 0.95, 1.5].map((value) => toRatio(value))).toEqual([
      '1/184',
      '1/5.00',
      '0.950 ×',
      '1.50 ×',
    ]);
  });
});

describe('operations one by one', () => {
  it('start when the one before is done, at once or later', async () => {
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

  it('reject with the error of the one that failed', async () => {
    const failure = new Error('refused');
    await expect(oneByOne(2, (_at, done) => done(failure))).rejects.toBe(failure);
  });
});

describe('a contestant', () => {
  const material = { tokens: ['good'], forged: 'forged' };
  type Next = (error?: unknown) => void;
  const guardThatAccepts =
    (accepts: (header: string | undefined) => boolean) =>
    (req: IncomingMessage, res: ServerResponse, next: Next) => {
      if (accepts(req.headers.authorization)) next();
      else res.end();
    };

  it('is measured when it lets good tokens pass and refuses the forged one', async () => {
    const honest = guardThatAccepts((header) => header === 'Bearer good');
    await expect(requireHonest(honest, material)).resolves.toBeUndefined();
  });

  it.each([
    ['lets everything pass', () => true],
    ['refuses everything', () => false],
  ])('is not measured when it %s', async (_what, accepts) => {
    await expect(requireHonest(guardThatAccepts(accepts), material)).rejects.toThrow(Error);
  });
});

describe('the benchmark', () => {
  it('measures the guards of all contestants, each of which refuses a forged token, under every algorithm', async () => {
    const output = await runBench('guard');
    for (const algorithm of ['HS256', 'RS256', 'ES256']) {
      expect(output).toContain(`tokenpair / fast-jwt, cache: 10 000 (${algorithm})`);
      expect(output).toContain(`tokenpair / express-jwt, KeyObject (${algorithm})`);
      expect(output).toContain(`tokenpair, cache: false / passport-jwt, KeyObject (${algorithm})`);
    }
    expect(output).not.toContain('NaN');
  }, 300_000);

  it('names the sections when it is asked for an unknown one', async () => {
    await expect(runBench('speed')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('guard, refresh, memory, revocations, postgres'),
    });
  }, 60_000);
});

// With a REDIS_URL there need not be a program to start.
(hasRedisServer() ? describe : describe.skip)('the benchmark, on a Redis that it starts', () => {
  it('counts what a refresh sends to Redis: one command, or two with a claims hook', async () => {
    const output = await runBench('refresh');
    expect(output).toMatch(
      /without a `claims` hook, the session rotates +\| +EVALSHA +\| +EVALSHA \|/,
    );
    expect(output).toMatch(
      /with a `claims` hook, the session rotates +(\| +EVALSHA, EVALSHA ){2}\|/,
    );
  }, 300_000);

  it('measures the bytes of sessions and of cached tokens', async () => {
    const output = await runBench('memory');
    expect(output).toMatch(/subject UUID, sessions per subject: 5 +(\| +\d+ B ){3}\|/);
    expect(output).toMatch(/A cached access token: \d+ B\./);
  }, 300_000);
});

describePostgres('the benchmark, on a Postgres that it starts', () => {
  it('measures the rate of rotations and the size of sessions', async () => {
    const output = await runBench('postgres');
    expect(output).toMatch(/a rotation +\| +\d+\/s/);
    expect(output).toMatch(/HOT updates among the rotations: \d+\.\d %/);
    expect(output).toMatch(/1000 sessions, 5 per subject +(\| +\d+ B ){5}\|/);
    expect(output).not.toContain('NaN');
  }, 300_000);
});

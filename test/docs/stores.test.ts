// Holds docs/stores.md against the contract and the SQLite example, and runs its statements for Postgres.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  findPostgres,
  startPostgres,
  type PostgresServer,
  type PostgresSession,
} from '../support/postgres-server.js';

const root = join(__dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');

describe('the page for authors of stores', () => {
  it('shows the contract as it is', async () => {
    const [contract = ''] = await readFences('ts');
    const source = await read('packages/core/src/store/session-store.ts');
    expect(withoutComments(contract)).toBe(withoutComments(source));
  });

  it('shows parts of the SQLite example as they are', async () => {
    const parts = await readFences('typescript');
    const source = await read('examples/your-own-store/src/sqlite-session-store.ts');
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.filter((part) => !source.includes(part))).toEqual([]);
  });
});

const programs = findPostgres();

// Like the failures of Redis: without the server there is nothing to show.
(programs === undefined ? describe.skip : describe)('the statements for Postgres', () => {
  let server: PostgresServer;
  let mine: PostgresSession;
  let other: PostgresSession;
  let statements: string[];

  beforeAll(async () => {
    statements = await readFences('sql');
    server = await startPostgres(programs ?? '');
    [mine, other] = [server.connect(), server.connect()];
    await mine.query(statements[0] ?? '');
    for (const session of [mine, other]) await prepare(session);
  }, 60_000);

  afterAll(() => server.close());

  beforeEach(async () => {
    await mine.query('DELETE FROM tokenpair_session');
    await mine.query(`INSERT INTO tokenpair_session SELECT 's', '"o"', 1, 'h1', 'state', now, 'data',
      60000, now + 120000, now, 0 FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) t`);
  });

  it('swap a record that fits, and change only what is named', async () => {
    expect(
      await swap(mine, `1, 'h1', NULL, NULL, NULL, 2, 'h2', 'next', NULL, NULL, NULL`),
    ).toEqual([['t', '2', 'h2', 'data']]);
    expect(
      await swap(mine, `NULL, NULL, NULL, 'data', NULL, NULL, NULL, NULL, 'more', NULL, NULL`),
    ).toEqual([['t', '2', 'h2', 'more']]);
  });

  it.each([
    ['another hash', `1, 'h9', NULL, NULL, NULL`],
    ['other data', `NULL, NULL, NULL, 'other', NULL`],
    ['another confirmed generation', 'NULL, NULL, 1, NULL, NULL'],
    ['an age that is not reached', `1, 'h1', NULL, NULL, 30000`],
  ])('answer a conflict with the record for %s', async (_what, expected) => {
    const next = `2, 'h2', 'next', NULL, NULL, NULL`;
    expect(await swap(mine, `${expected}, ${next}`)).toEqual([['f', '1', 'h1', 'data']]);
  });

  it('answer nothing for a session that does not exist or has ended', async () => {
    await mine.query('UPDATE tokenpair_session SET rotated_at = rotated_at - 60000');
    expect(await swap(mine, rotation(1))).toEqual([]);
    await mine.query('DELETE FROM tokenpair_session');
    expect(await swap(mine, rotation(1))).toEqual([]);
  });

  it('confirm the greater number, and none too far ahead', async () => {
    expect(await confirmed(3)).toBe('0');
    expect(await confirmed(2)).toBe('2');
    expect(await confirmed(1)).toBe('2');
  });

  it('raise a number and answer the greater one', async () => {
    const raised: unknown[] = [];
    for (const value of [0, 5, 3, 0, 7]) {
      const [row] = await other.query(`EXECUTE raise('a', ${value})`);
      raised.push(row?.[0]);
    }
    expect(raised).toEqual(['0', '5', '5', '5', '7']);
  });

  it('show the loser of a race the record of the winner', async () => {
    expect(await loserSees(() => swap(other, rotation(1)))).toEqual([['f', '2', 'h2', 'data']]);
  });

  it('fall into the trap when the conflict is read from the snapshot', async () => {
    expect(await loserSees(trapped)).toEqual([['f', '1']]);
  });

  const confirmed = async (generation: number) => {
    await mine.query(`EXECUTE confirm('s', ${generation})`);
    return (await mine.query('SELECT confirmed FROM tokenpair_session'))[0]?.[0];
  };

  const trapped = async () => {
    const rows = await other.query(`EXECUTE trap('s', 1, 'h1', 2, 'h2', 'next')`);
    return rows.map(([swapped = '', , , generation = '']) => [swapped, generation]);
  };

  /** What another connection is answered that tries the same rotation before the winner's transaction ends. */
  async function loserSees(attempt: () => Promise<unknown>): Promise<unknown> {
    await mine.query('BEGIN');
    await swap(mine, rotation(1));
    const answer = attempt();
    let isWaiting = false;
    while (!isWaiting) {
      const [row] = await mine.query('SELECT count(*) FROM pg_locks WHERE NOT granted');
      isWaiting = row?.[0] === '1';
    }
    await mine.query('COMMIT');
    return answer;
  }

  async function prepare(session: PostgresSession): Promise<void> {
    const [, trap = '', swapping = '', confirming = '', raising = ''] = statements;
    await session.query(`PREPARE trap AS ${trap}`);
    await session.query(`PREPARE swap AS ${swapping}`);
    await session.query(`PREPARE confirm AS ${confirming}`);
    await session.query(`PREPARE raise (text, bigint) AS ${raising}`);
  }
});

const rotation = (generation: number) =>
  `${generation}, 'h${generation}', NULL, NULL, NULL, ${generation + 1}, 'h${generation + 1}', 'next', NULL, NULL, NULL`;

/** Swapped, generation, hash and data of each row. */
async function swap(session: PostgresSession, values: string): Promise<string[][]> {
  const rows = await session.query(`EXECUTE swap('s', ${values})`);
  return rows.map(([swapped = '', , , generation = '', hash = '', , , data = '']) => [
    swapped,
    generation,
    hash,
    data,
  ]);
}

async function readFences(language: string): Promise<string[]> {
  const text = await read('docs/stores.md');
  const fences = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
  return [...fences].map(([, code = '']) => code);
}

function withoutComments(code: string): string {
  return code
    .replaceAll(/\/\*\*.*?\*\/|\/\/.*?$/gms, '')
    .replaceAll(/^export /gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

// Runs the suite for session stores on the SQLite store of examples/your-own-store.

import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createTestClock, describeSessionStore } from '@tokenpair/testing';

import { SqliteSessionStore } from '../../examples/your-own-store/src/sqlite-session-store.js';

interface Sqlite {
  readonly Database: new (file: string) => ConstructorParameters<typeof SqliteSessionStore>[0];
}

const example = join(__dirname, '../../examples/your-own-store');
const { Database } = createRequire(join(example, 'package.json'))('node-sqlite3-wasm') as Sqlite;

describeSessionStore('your-own-store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'your-own-store-'));
  const connect = () => {
    const database = new Database(join(folder, 'sessions.db'));
    // Faster: the test data need not survive a power cut.
    database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY');
    return database;
  };
  const [mine, another, outsider] = [connect(), connect(), connect()];
  const clock = createTestClock();
  return {
    store: new SqliteSessionStore(mine, clock.now),
    another: () => new SqliteSessionStore(another, clock.now),
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
    garble: (sessionId) => {
      outsider.run("UPDATE sessions SET record = 'gone fishing' WHERE id = ?", sessionId);
    },
    // An open transaction of another connection blocks the store.
    hang: () => {
      outsider.exec('BEGIN EXCLUSIVE');
      return () => outsider.exec('ROLLBACK');
    },
    close: () => {
      for (const connection of [mine, another, outsider]) connection.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('your-own-store', () => {
  it('shows a whole store in fewer than 130 lines', async () => {
    const text = await readFile(join(example, 'src/sqlite-session-store.ts'), 'utf8');
    expect(text.split('\n').length - 1).toBeLessThan(130);
  });
});

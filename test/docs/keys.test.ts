// Runs the code of docs/keys.md and docs/refresh.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';

import * as core from '@tokenpair/core';
import {
  confirmGeneration,
  issueTokenPair,
  verifyBearer,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import supertest from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { runRecipe } from '../support/recipe.js';

const program = join(__dirname, '../../packages/cli/dist/bin.js');

const keygen = (...args: string[]) => execFileSync(process.execPath, [program, 'keygen', ...args]);
const kidOf = (token: string) => JSON.parse(atob(token.split('.')[0] ?? '')).kid as string;

describe('the code for keys', () => {
  let folder: string;
  let file: string;
  const modules = {
    '@tokenpair/core': core,
    'node:fs': { readFileSync: () => readFileSync(file) },
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-page-'));
    file = join(folder, 'tokenpair.keys.json');
    keygen('--out', file);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the file of keygen, and takes rotated keys at a signal without a sign-out', async () => {
    const { tokens } = await runRecipe<{ tokens: TokenIssuer }>('keys.md', {
      under: 'Making keys',
      modules,
      exported: ['tokens'],
    });
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const before = process.listeners('SIGHUP');
    const lines = jest.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await runRecipe('keys.md', {
        under: 'The life of a signing key',
        given: { tokens },
        modules,
        exported: ['readFileSync'],
      });
      keygen('--rotate', '--file', file);
      process.emit('SIGHUP', 'SIGHUP');
      expect(lines.mock.calls.flat().join('\n')).toMatch(/remove the key after that/);
    } finally {
      for (const listener of process.listeners('SIGHUP')) {
        if (!before.includes(listener)) process.off('SIGHUP', listener);
      }
      jest.restoreAllMocks();
    }
    await expect(
      verifyBearer(tokens.verifier, `Bearer ${pair.accessToken}`),
    ).resolves.toBeDefined();
    const next = await core.refreshTokenPair(tokens, pair.refreshToken);
    expect(kidOf(next.accessToken)).not.toBe(kidOf(pair.accessToken));
  });
});

describe('the code for refreshes', () => {
  it('confirms a use that another server saw', async () => {
    const { tokens, calls } = createTestIssuer();
    const { app } = await runRecipe<{ app: RequestListener }>('refresh.md', {
      under: 'Servers without the session store',
      given: { tokens },
      modules: { '@tokenpair/core': core },
      exported: ['app'],
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { status } = await supertest(app).post('/uses').send({ access_token: accessToken });
    expect(status).toBe(204);
    expect(calls).toContain('confirm');
    // The recipe says what the function says.
    await expect(confirmGeneration(tokens, accessToken)).resolves.toBeUndefined();
  });

  it('refreshes for a browser', async () => {
    const { tokens } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { pair } = await runRecipe<{ pair: TokenPair }>('refresh.md', {
      under: 'Servers that refresh for a browser',
      given: { tokens, cookie: refreshToken },
      modules: { '@tokenpair/core': core },
      exported: ['pair'],
    });
    expect(pair.accessToken).toMatch(/^ey/);
  });
});

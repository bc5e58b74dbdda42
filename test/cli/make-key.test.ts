import { join } from 'node:path';

import { runInChild } from '../support/run-in-child.js';

const makeKey = join(__dirname, '../../packages/cli/src/make-key.ts');

// The key that waits for ever is one in a few thousand: what this would not catch today, it catches tomorrow.
it('makes keys without end, and none of them waits for the collector of garbage', async () => {
  const script = `
    const { makeSigningKey } = require(${JSON.stringify(makeKey)});
    let made = 0;
    for (; made < 2_000; made += 1) {
      makeSigningKey({ algorithm: 'ES256', state: 'current', now: 0, bits: 0, kid: '1' });
    }
    process.stdout.write(String(made));
  `;
  // Little room, so that it is cleared often.
  const env = { NODE_OPTIONS: '--max-semi-space-size=1' };
  const { exitCode, stdout, stderr } = await runInChild(script, env);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '2000', stderr: '' });
}, 30_000);

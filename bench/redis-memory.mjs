// Bytes that a session takes in Redis, over 100 000 sessions of 96 bytes of metadata: one and five to a subject, with
// short subjects and with UUIDs, new and after ten refreshes. Starts a redis-server of its own; build first.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../test/package.json', import.meta.url));
const { createTokenIssuer, issueTokenPair, refreshTokenPair } = require('@tokenpair/core');
const { RedisSessionStore } = require('@tokenpair/redis');
const { createClient } = require('redis6');

const sessions = Number(process.env.SESSIONS ?? 100_000);
const most = 500;

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const free = server.address().port;
    server.close(() => resolve(free));
  });
});
const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
const redis = spawn('redis-server', settings.map(String), { stdio: 'ignore' });
const client = createClient({ url: `redis://127.0.0.1:${port}` });
client.on('error', () => {}); // until the server is up
await client.connect();

const tokens = createTokenIssuer({
  issuer: 'https://api.example.com',
  audience: 'https://api.example.com',
  keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
  refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
  store: new RedisSessionStore({ client }),
  deadline: 60,
});
// 96 bytes as JSON.
const metadata = {
  device: 'iPhone 17',
  app: '4.12.0 (2026-11)',
  ip: '203.0.113.42',
  city: 'Berlin',
  x: '.'.repeat(6),
};

const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);

const subjects = {
  'u_<number>': (number) => `u_${number}`,
  UUID: (number) => `6f1c9a52-3d0b-4e8e-9b57-${String(number).padStart(12, '0')}`,
};

async function measure(perSubject, kind) {
  await client.flushAll();
  const before = await usedMemory();
  let pairs = [];
  for (let done = 0; done < sessions; done += 500) {
    pairs = await Promise.all(
      Array.from({ length: 500 }, (_, at) =>
        issueTokenPair(tokens, {
          subject: subjects[kind](Math.floor((done + at) / perSubject)),
          scope: 'orders:read',
          metadata,
        }),
      ),
    );
  }
  const bytes = ((await usedMemory()) - before) / sessions;
  const sample = pairs.at(-1);
  const record = async () => {
    const id = sample.sessionId;
    const key = `tp:{${id.slice(0, 16)}}${id.slice(16)}`;
    return { length: await client.strLen(key), bytes: await client.memoryUsage(key) };
  };
  const fresh = await record();
  let { refreshToken } = sample;
  for (let times = 0; times < 10; times++) {
    ({ refreshToken } = await refreshTokenPair(tokens, refreshToken));
  }
  const old = await record();
  console.log(
    `${perSubject} per subject, ${kind}: ${bytes.toFixed(0)} bytes a session ` +
      `(record ${fresh.length} characters, key and record ${fresh.bytes} bytes; after ten refreshes ${old.length} and ${old.bytes})`,
  );
  return bytes;
}

try {
  console.log(
    `${sessions} sessions, ${JSON.stringify(metadata).length} bytes of metadata, scope 'orders:read'`,
  );
  for (const kind of Object.keys(subjects)) {
    await measure(1, kind);
    const bytes = await measure(5, kind);
    if (kind === 'u_<number>' && bytes > most) {
      console.error(`more than ${most} bytes a session`);
      process.exitCode = 1;
    }
  }
} finally {
  client.destroy();
  redis.kill();
}

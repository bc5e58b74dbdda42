// A Redis of the benchmark's own, and the two clients, asked for raw commands in the way of each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { createClient } from 'redis';

/** Starts a server on a free port, without persistence; `stop` ends it. */
async function startRedis() {
  const port = await freePort();
  const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', settings.map(String), { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const end = () => server.kill();
  process.once('exit', end);
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error('redis-server has ended at once');
    await sleep(20);
  }
  return {
    port,
    async stop() {
      process.off('exit', end);
      end();
      await ended;
    },
  };
}

export const clients = {
  'node-redis': {
    async connect(port) {
      const client = createClient({ url: `redis://127.0.0.1:${port}` });
      client.on('error', (error) => console.error(error));
      return client.connect();
    },
    send: (client, args) => client.sendCommand(args),
    close: (client) => client.destroy(),
    /** A client for the store that goes through `send` of ours. */
    over: (send) => ({ sendCommand: (args) => send(args) }),
  },
  ioredis: {
    async connect(port) {
      const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
      await client.connect();
      return client;
    },
    send: (client, args) => client.call(...args),
    close: (client) => client.disconnect(),
    over: (send) => ({ call: (...args) => send(args) }),
  },
};

/**
 * The commands that a server gets from its clients while `act` runs, by name: each is a round trip when one waits for
 * the other. What scripts do inside is not among them.
 */
export async function commandsDuring(port, act) {
  const monitor = connect(port, '127.0.0.1');
  let heard = '';
  monitor.setEncoding('latin1').on('data', (text) => (heard += text));
  monitor.write('MONITOR\r\n');
  while (!heard.startsWith('+OK')) await sleep(5);
  await act();
  await sleep(100);
  monitor.destroy();
  return [...heard.matchAll(/^\+[\d.]+ \[\d+ (?!lua\])[^\]]+\] "(\w+)"/gm)].map(([, name]) => name);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(String(answer).startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a server for as long as `act` runs. */
export async function withRedis(act) {
  const redis = await startRedis();
  try {
    return await act(redis);
  } finally {
    await redis.stop();
  }
}

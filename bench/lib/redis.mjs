// A Redis server that belongs to the benchmark, and clients of both libraries.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { createClient } from 'redis';

export const libraries = {
  'node-redis': async (port) => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    client.on('error', (error) => console.error(error));
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  ioredis: async (port) => {
    const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};

/** Starts a server on a free port, without persistence, and ends it when `act` is done. */
export async function withRedis(act) {
  const port = await freePort();
  const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', settings.map(String), { stdio: 'ignore' });
  const end = () => server.kill();
  process.once('exit', end);
  try {
    // Rejects when there is no redis-server to start.
    await once(server, 'spawn');
    while (!(await answers(port))) {
      if (server.exitCode !== null) throw new Error('redis-server ended before it answered');
      await sleep(20);
    }
    return await act(port);
  } finally {
    process.off('exit', end);
    if (server.pid !== undefined && server.exitCode === null) {
      end();
      await once(server, 'exit');
    }
  }
}

/**
 * The names of the commands that clients send while `act` runs. What a script does inside Redis is not among them. When
 * each command waits for the answer to the one before, their number is the number of round trips.
 */
export async function commandsDuring(port, client, act) {
  const monitor = connect(port, '127.0.0.1');
  let heard = '';
  monitor.setEncoding('latin1').on('data', (text) => (heard += text));
  const hears = async (pattern) => {
    while (!pattern.test(heard)) await once(monitor, 'data');
  };
  try {
    monitor.write('MONITOR\r\n');
    await hears(/^\+OK/);
    await act();
    // Redis reports commands in their order, so all commands of `act` come before this one. Clients differ in its case.
    await client.ping();
    await hears(/"ping"/i);
  } finally {
    monitor.destroy();
  }
  const commands = heard.matchAll(/^\+[\d.]+ \[\d+ (?!lua\])[^\]]+\] "(\w+)"/gm);
  return [...commands].map(([, name]) => name.toUpperCase()).filter((name) => name !== 'PING');
}

export async function freePort() {
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

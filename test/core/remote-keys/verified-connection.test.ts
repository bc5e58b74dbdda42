// Connections of key sets over TLS: which are used, and for which host.

import { once } from 'node:events';
import { Agent, type AgentOptions } from 'node:https';
import { connect as connectPlainly, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, createServer, type ConnectionOptions } from 'node:tls';

import { remoteKeySet } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { TunnelAgent } from '../../support/connect-proxy.js';
import { ask } from '../../support/key-source.js';
import {
  otherHostCertificate,
  testCertificate,
  testCertificateKey,
} from '../../support/test-certificate.js';
import {
  closeAll,
  closeLater,
  keySet,
  loaded,
  loadFrom,
  refused,
  ResumingAgent,
  secretHeader,
  startIssuer,
  startProxy,
  useElsewhere,
} from '../../support/tls-key-set.js';

afterEach(closeAll);

const acceptAnyHost = () => undefined;
const lax: AgentOptions = { rejectUnauthorized: false };

describe('a certificate counts only for the host in the URL', () => {
  it.each<[string, AgentOptions]>([
    ['an agent that accepts any host', { checkServerIdentity: acceptAnyHost }],
    ['an agent that names another host', { servername: 'other.example.test' }],
  ])('although %s was given', async (_what, options) => {
    const server = await startIssuer(otherHostCertificate);
    for (const keepAlive of [false, true]) {
      const agent = closeLater(new Agent({ ...options, ca: testCertificate, keepAlive }));
      await expect(loadFrom(server, { agent })).resolves.toEqual(refused);
    }
    expect(server.received()).toBe('');
  });

  it('although a header names another host', async () => {
    const server = await startIssuer(otherHostCertificate);
    const keys = remoteKeySet(`https://127.0.0.1:${server.port}/jwks`, {
      ca: testCertificate,
      headers: { Host: 'other.example.test' },
    });
    await expect(ask(keys, 'k1')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(server.received()).toBe('');
  });
});

describe('a connection', () => {
  it.each<[string, (port: number) => Promise<Agent>]>([
    ['an agent', async () => new Agent()],
    ['an agent that keeps connections', async () => new Agent({ keepAlive: true })],
    ['an agent that would accept a worse one', async () => new Agent(lax)],
    [
      'an agent that would accept a worse one and keeps it',
      async () => new Agent({ ...lax, keepAlive: true }),
    ],
    [
      'an agent that has been there before',
      async (port) => {
        const agent = new Agent({ keepAlive: true, ca: testCertificate });
        await useElsewhere(agent, port);
        return agent;
      },
    ],
    ['an agent for a proxy', async () => new TunnelAgent((await startProxy()).port)],
    [
      'an agent for a proxy that keeps connections',
      async () => new TunnelAgent((await startProxy()).port, { keepAlive: true }),
    ],
    [
      'an agent that waits for the handshake',
      async () =>
        new (class extends Agent {
          override createConnection(
            options: ConnectionOptions,
            callback?: (error: Error | null, stream: Duplex) => void,
          ): undefined {
            const socket = connect(options, () => callback?.(null, socket));
          }
        })(),
    ],
  ])('to a verified server carries every load, by %s', async (_what, createAgent) => {
    const server = await startIssuer(testCertificate);
    const agent = closeLater(await createAgent(server.port));
    await expect(loadFrom(server, { agent, ca: testCertificate })).resolves.toEqual(loaded);
    expect(server.countRequests('/jwks')).toBe(3);
    expect(server.received().split(secretHeader['X-Api-Key'])).toHaveLength(4);
    // What is resumed, Node does not verify again.
    expect(server.resumptions.filter(Boolean)).toEqual([]);
  });

  it('is used again when the agent keeps it', async () => {
    const server = await startIssuer(testCertificate);
    const agent = closeLater(new Agent({ keepAlive: true, ca: testCertificate }));
    await expect(loadFrom(server, { agent })).resolves.toEqual(loaded);
    expect(server.resumptions).toHaveLength(1);
  });

  it('without TLS is refused before anything is sent to it', async () => {
    const server = await startIssuer(testCertificate);
    const agent = closeLater(
      new (class extends Agent {
        override createConnection(options: { readonly port?: number }) {
          return connectPlainly(options.port as number, '127.0.0.1');
        }
      })(),
    );
    await expect(loadFrom(server, { agent, ca: testCertificate })).resolves.toEqual(refused);
    expect(server.received()).toBe('');
  });

  it('that resumes a session is refused, and the reason says what to do', async () => {
    const server = await startIssuer(testCertificate);
    const agent = closeLater(new ResumingAgent({ ca: testCertificate }));
    await useElsewhere(agent, server.port);
    const keys = remoteKeySet(`https://127.0.0.1:${server.port}/jwks`, { agent });
    await expect(ask(keys, 'k1')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message: expect.stringMatching(/resumes? .*full handshake/) },
    });
    expect(server.countRequests('/jwks')).toBe(0);
  });

  it('that was refused is closed, and the agent does not keep it', async () => {
    const server = await startIssuer(otherHostCertificate);
    const agent = closeLater(new Agent({ ...lax, keepAlive: true, ca: testCertificate }));
    await expect(loadFrom(server, { agent })).resolves.toEqual(refused);
    // One that stays makes this wait until the test has timed out.
    while (Object.keys(agent.sockets).length > 0) await new Promise(setImmediate);
    expect(agent.freeSockets).toEqual({});
  });

  it('that ends while the agent returns it is a failed load, not an uncaught exception', async () => {
    const server = await startIssuer(testCertificate);
    const agent = closeLater(new Agent({ keepAlive: true, ca: testCertificate }));
    const clock = createTestClock();
    const keys = remoteKeySet(`https://127.0.0.1:${server.port}/jwks`, { agent, clock: clock.now });
    await ask(keys, 'k1');
    while (Object.keys(agent.freeSockets).length === 0) await new Promise(setImmediate);
    clock.advance(30);
    const answer = ask(keys, 'unknown');
    for (const socket of Object.values(agent.sockets).flat()) socket?.destroy();
    await expect(answer).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message: expect.stringMatching(/closed the connection$/) },
    });
    expect(server.resumptions).toHaveLength(1);
  });

  it('to a server that answers before the request is refused like any other', async () => {
    const body = JSON.stringify(keySet);
    const server = createServer({ cert: otherHostCertificate, key: testCertificateKey });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const agent = closeLater(new Agent({ ...lax, ca: testCertificate }));
    const keys = remoteKeySet(`https://127.0.0.1:${port}/jwks`, { agent });
    await expect(ask(keys, 'k1')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    server.close();
  });
});

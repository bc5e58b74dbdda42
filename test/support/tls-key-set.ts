// Loads key sets over TLS several times, with agents that keep TLS checks or weaken them.

import { once } from 'node:events';
import { Agent, request, type AgentOptions } from 'node:https';
import { connect, type ConnectionOptions, type SecureVersion, type TLSSocket } from 'node:tls';

import { remoteKeySet, type KeySource, type RemoteKeySetOptions } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { startConnectProxy, type ConnectProxy } from './connect-proxy.js';
import { ask } from './key-source.js';
import { createKeyPair } from './keys.js';
import { startTlsServer, type TlsServer } from './tls-server.js';

const { publicKey, privateKey } = createKeyPair('ES256');
export { privateKey };
export const keySet = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }],
};
/** Sent with every load, to a server that was verified. */
export const secretHeader = { 'X-Api-Key': 's3cret-header' };

export const refused = Array(3).fill('temporarily_unavailable');
export const loaded = Array(3).fill('loaded');

const open: { close(): Promise<void> }[] = [];
const agents: Agent[] = [];

/** Closes the servers and agents that the functions below created. */
export async function closeAll(): Promise<void> {
  for (const agent of agents.splice(0)) agent.destroy();
  await Promise.all(open.splice(0).map((server) => server.close()));
}

/** Starts an issuer with metadata and a key set. */
export async function startIssuer(cert: string, maxVersion?: SecureVersion): Promise<TlsServer> {
  const issuer = () => `https://127.0.0.1:${server.port}`;
  const server: TlsServer = await startTlsServer(
    (path) =>
      path.startsWith('/.well-known') ? { issuer: issuer(), jwks_uri: `${issuer()}/jwks` } : keySet,
    cert,
    maxVersion,
  );
  open.push(server);
  return server;
}

export async function startProxy(): Promise<ConnectProxy> {
  const proxy = await startConnectProxy();
  open.push(proxy);
  return proxy;
}

export function closeLater<A extends Agent>(agent: A): A {
  agents.push(agent);
  return agent;
}

/** Loads a key set three times, 30 seconds apart. Answers `loaded` or the code of the error for each load. */
export async function loadThrice(
  create: (options: RemoteKeySetOptions) => KeySource,
  options: RemoteKeySetOptions,
): Promise<string[]> {
  const clock = createTestClock();
  const keys = create({
    ...options,
    headers: secretHeader,
    clock: clock.now,
    onEvent: () => {},
  });
  const outcomes: string[] = [];
  while (outcomes.length < 3) {
    outcomes.push(
      await ask(keys, 'unknown').then(
        () => 'loaded',
        (error: { readonly code: string }) => error.code,
      ),
    );
    clock.advance(30);
  }
  return outcomes;
}

export function loadFrom(server: TlsServer, options: RemoteKeySetOptions): Promise<string[]> {
  const url = `https://127.0.0.1:${server.port}/jwks`;
  return loadThrice((all) => remoteKeySet(url, all), options);
}

/** Another part of the application uses the agent for the same server, so that there is a session to resume. */
export async function useElsewhere(
  agent: Agent,
  port: number,
  options: AgentOptions = {},
): Promise<void> {
  const call = request({ host: '127.0.0.1', port, path: '/elsewhere', agent, ...options }).end();
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  // A kept connection returns to the pool one turn later.
  await new Promise(setImmediate);
}

/** Makes its own TLS connections, and resumes the last TLS session. */
export class ResumingAgent extends Agent {
  #session: Buffer | undefined;

  override createConnection(options: ConnectionOptions): TLSSocket {
    const socket = connect({ ...options, session: this.#session });
    return socket.on('session', (session: Buffer) => {
      this.#session = session;
    });
  }
}

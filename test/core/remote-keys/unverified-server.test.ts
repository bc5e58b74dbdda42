// Servers whose certificate is not good, and agents that do not mind: nothing is sent, and no answer counts.

import { Agent, type AgentOptions } from 'node:https';
import type { SecureVersion } from 'node:tls';

import {
  createTokenVerifier,
  discover,
  discoveredKeySet,
  remoteKeySet,
  verifyBearer,
  type RemoteKeySetOptions,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { TunnelAgent } from '../../support/connect-proxy.js';
import { forge, signerFor } from '../../support/forge.js';
import { runInChild } from '../../support/run-in-child.js';
import {
  expiredCertificate,
  otherHostCertificate,
  testCertificate,
} from '../../support/test-certificate.js';
import {
  closeAll,
  closeLater,
  loadFrom,
  loadThrice,
  privateKey,
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

const unverified: [string, string, RemoteKeySetOptions][] = [
  ['signs itself', testCertificate, {}],
  ['is for another host', otherHostCertificate, { ca: testCertificate }],
  ['has expired', expiredCertificate, { ca: testCertificate }],
];

const carelessAgents: [string, () => Agent][] = [
  ['does not verify', () => new Agent(lax)],
  ['does not verify and keeps connections', () => new Agent({ ...lax, keepAlive: true })],
  ['does not verify and keeps no session', () => new Agent({ ...lax, maxCachedSessions: 0 })],
  [
    'verifies nothing, by two options',
    () => new Agent({ ...lax, checkServerIdentity: acceptAnyHost, keepAlive: true }),
  ],
  ['makes and resumes its own connections', () => new ResumingAgent(lax)],
  [
    'makes and resumes its own connections, and keeps them',
    () => new ResumingAgent({ ...lax, keepAlive: true }),
  ],
];

describe.each(unverified)('a server whose certificate %s', (_what, certificate, options) => {
  describe.each<[SecureVersion]>([['TLSv1.2'], ['TLSv1.3']])('over %s', (version) => {
    it.each(carelessAgents)(
      'is sent nothing and never believed, by an agent that %s',
      async (_which, createAgent) => {
        const server = await startIssuer(certificate, version);
        const agent = closeLater(createAgent());
        await expect(loadFrom(server, { ...options, agent })).resolves.toEqual(refused);
        expect(server.received()).toBe('');
      },
    );

    it.each(carelessAgents)(
      'is sent nothing and never believed, by an agent that %s and has been there before',
      async (_which, createAgent) => {
        const server = await startIssuer(certificate, version);
        const agent = closeLater(createAgent());
        await useElsewhere(agent, server.port, options as AgentOptions);
        await useElsewhere(agent, server.port, options as AgentOptions);
        await expect(loadFrom(server, { ...options, agent })).resolves.toEqual(refused);
        expect(server.countRequests('/jwks')).toBe(0);
        expect(server.received()).not.toContain(secretHeader['X-Api-Key']);
      },
    );
  });

  it('gets no request and its keys are never used, through a proxy', async () => {
    const server = await startIssuer(certificate);
    const proxy = await startProxy();
    const agent = closeLater(new TunnelAgent(proxy.port, { ...lax, keepAlive: true }));
    await expect(loadFrom(server, { ...options, agent })).resolves.toEqual(refused);
    expect(server.received()).toBe('');
    expect(proxy.tunnels).toHaveLength(3);
  });

  it('gets no request and its keys are never used, by a process that verifies nothing', async () => {
    const server = await startIssuer(certificate);
    const { stdout, stderr } = await runInChild(
      `const { Agent } = require('node:https');
      const tls = require('node:tls');
      // Reads the environment by itself, as nothing else is said.
      class OwnAgent extends Agent {
        createConnection({ rejectUnauthorized, ...options }) {
          const socket = tls.connect({ ...options, session: this.session });
          return socket.on('session', (session) => { this.session = session; });
        }
      }
      (async () => {
        for (const agent of [undefined, new Agent(), new Agent({ keepAlive: true }), new OwnAgent()]) {
          let now = 1e12;
          const options = { ...${JSON.stringify({ ...options, headers: secretHeader })}, agent, clock: () => now, onEvent: () => {} };
          const keys = core.remoteKeySet('https://127.0.0.1:${server.port}/jwks', options);
          for (let load = 0; load < 3; load += 1, now += 30_000) {
            try {
              await keys.find('unknown');
              console.log('loaded');
            } catch ({ code }) {
              console.log(code);
            }
          }
        }
      })();`,
      { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
    );
    expect(stdout.trim().split('\n')).toEqual(Array(12).fill('temporarily_unavailable'));
    expect(stderr).toBe('');
    expect(server.received()).toBe('');
  }, 30_000);

  it('gets no request and its keys are never used, when a key set is discovered', async () => {
    const server = await startIssuer(certificate);
    const issuer = `https://127.0.0.1:${server.port}`;
    const agent = closeLater(new Agent({ ...lax, keepAlive: true }));
    const outcomes = await loadThrice((all) => discoveredKeySet(issuer, all), {
      ...options,
      agent,
    });
    expect(outcomes).toEqual(refused);
    for (let call = 0; call < 2; call += 1) {
      await expect(discover(issuer, { ...options, agent })).rejects.toMatchObject({ status: 503 });
    }
    expect(server.received()).toBe('');
  });
});

describe('a forged token', () => {
  it('is refused at every load of the forger’s key set', async () => {
    const server = await startIssuer(otherHostCertificate);
    const clock = createTestClock();
    const verifier = createTokenVerifier({
      issuer: 'https://id.example.com',
      audience: 'https://api.example.com',
      clock: clock.now,
      onEvent: () => {},
      keys: remoteKeySet(`https://127.0.0.1:${server.port}/jwks`, {
        agent: closeLater(new Agent({ ...lax, ca: testCertificate })),
        clock: clock.now,
        onEvent: () => {},
      }),
    });
    for (let load = 0; load < 3; load += 1) {
      const now = Math.floor(clock.now() / 1_000);
      const token = forge({
        header: { alg: 'ES256', typ: 'at+jwt', kid: 'k1' },
        payload: {
          iss: 'https://id.example.com',
          aud: 'https://api.example.com',
          sub: 'admin',
          iat: now,
          exp: now + 60,
        },
        signer: signerFor('ES256', privateKey),
      });
      await expect(
        verifyBearer(verifier, { headers: { authorization: `Bearer ${token}` } }),
      ).rejects.toMatchObject({ code: 'temporarily_unavailable' });
      clock.advance(30);
    }
    expect(server.received()).toBe('');
  });
});

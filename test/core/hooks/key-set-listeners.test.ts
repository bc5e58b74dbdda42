import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import {
  createTokenVerifier,
  loadedKeySet,
  verifyBearer,
  type TokenpairEvent,
} from '@tokenpair/core';

import { audienceName, issuerName } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

const { token } = createTestVerifier();
const failing = () => Promise.reject(new Error('down'));

function verifierOf(
  keys: ReturnType<typeof loadedKeySet>,
  onEvent?: (event: TokenpairEvent) => void,
) {
  return createTokenVerifier({ issuer: issuerName, audience: audienceName, keys, onEvent });
}

describe('a key set that cannot be loaded', () => {
  it('is heard by the verifier that uses it', async () => {
    const events: TokenpairEvent[] = [];
    const verifier = verifierOf(loadedKeySet(failing), (event) => events.push(event));
    await expect(verifyBearer(verifier, `Bearer ${token()}`)).rejects.toMatchObject({
      status: 503,
    });
    expect(events).toMatchObject([{ type: 'keys.unavailable', source: 'loadedKeySet' }]);
  });

  it('is heard once by each listener: verifiers, the set itself and the channel', async () => {
    const heard: unknown[][] = [[], [], [], []];
    const listen = (index: number) => (event: unknown) => void heard[index]?.push(event);
    const [own, one, two, channel] = [listen(0), listen(1), listen(2), listen(3)];
    const keys = loadedKeySet(failing, { onEvent: own });
    const verifier = verifierOf(keys, one);
    for (const listener of [two, two, own]) verifierOf(keys, listener);
    subscribe('tokenpair', channel);
    try {
      await verifyBearer(verifier, `Bearer ${token()}`).catch(() => {});
    } finally {
      unsubscribe('tokenpair', channel);
    }
    expect(heard.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(new Set(heard.flat()).size).toBe(1);
  });

  it('is heard by the verifier of several issuers', async () => {
    const events: TokenpairEvent[] = [];
    const verifier = createTokenVerifier({
      issuers: [
        { issuer: issuerName, audience: audienceName, keys: loadedKeySet(failing) },
        { issuer: 'https://other.test', audience: audienceName, keys: loadedKeySet(failing) },
      ],
      onEvent: (event) => events.push(event),
    });
    await verifyBearer(verifier, `Bearer ${token()}`).catch(() => {});
    await verifyBearer(verifier, `Bearer ${token({ iss: 'https://other.test' })}`).catch(() => {});
    expect(events.map(({ type }) => type)).toEqual(['keys.unavailable', 'keys.unavailable']);
  });
});

import { randomBytes } from 'node:crypto';

import { loadedKeySet, type LoadKeys } from '@tokenpair/core';

import { createTestLoader, publicKey } from '../../support/key-loader.js';
import { ask, atHand } from '../../support/key-source.js';
import { createTestKey } from '../../support/keys.js';

const unavailable = { code: 'temporarily_unavailable', status: 503 };
const a = publicKey('a');
const load: LoadKeys = async () => [a];

describe('the keys that an application loads', () => {
  it('may be for any algorithm', async () => {
    const algorithms = ['HS256', 'RS256', 'PS384', 'ES512', 'EdDSA', 'Ed25519'] as const;
    const { source } = createTestLoader(
      algorithms.map((algorithm) => createTestKey(algorithm, algorithm).verification),
    );
    for (const algorithm of algorithms) {
      await expect(ask(source, algorithm)).resolves.toMatchObject({ algorithm });
      expect(source.algorithms.has(algorithm)).toBe(true);
    }
    expect(source.algorithms.has('none')).toBe(false);
  });

  it('may be returned without a promise', async () => {
    const loader = createTestLoader([]);
    loader.answer = () => [a];
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
  });

  it.each<[string, () => unknown]>([
    [
      'a throw',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['a rejection', async () => Promise.reject(new TypeError('broken'))],
    ['nothing', async () => undefined],
    ['no key', async () => []],
    ['a key that is not in an array', async () => a],
    ['two keys of one kid', async () => [a, publicKey('a')]],
    ['a private key', async () => [createTestKey('ES256', 'a').signing]],
    ['a key of an algorithm that it is not for', async () => [{ ...a, algorithm: 'RS256' }]],
    ['a secret that is too short', async () => [{ kid: 'a', algorithm: 'HS256', secret: 'x' }]],
  ])('are not changed by a load that returns %s', async (_what, answer) => {
    const loader = createTestLoader([a]);
    const good = loader.answer;
    loader.answer = answer;
    const cause = expect.any(TypeError);
    await expect(ask(loader.source, 'a')).rejects.toMatchObject({ ...unavailable, cause });
    loader.answer = good;
    loader.clock.advance(2);
    const known = await ask(loader.source, 'a');
    loader.answer = answer;
    loader.clock.advance(600);
    atHand(loader.source, 'a');
    await loader.settle();
    expect(atHand(loader.source, 'a')).toBe(known);
    expect(loader.events).toMatchObject([
      { type: 'keys.unavailable', cause },
      { type: 'keys.unavailable', cause },
    ]);
  });

  it('do not appear in the event of a failed load', async () => {
    const secret = randomBytes(8).toString('hex');
    const loader = createTestLoader([{ kid: 'a', algorithm: 'HS256', secret }]);
    await expect(ask(loader.source, 'a')).rejects.toMatchObject(unavailable);
    const [event] = loader.events;
    expect(String((event as { cause?: unknown }).cause)).toMatch(/secret/);
    expect(String((event as { cause?: unknown }).cause)).not.toContain(secret);
  });

  it('are loaded as often as the options say', async () => {
    const loader = createTestLoader([a], { refreshInterval: '5s' });
    await ask(loader.source, 'a');
    loader.answer = async () => [publicKey('b')];
    loader.clock.advance(5);
    atHand(loader.source, 'a');
    await loader.settle();
    expect(atHand(loader.source, 'a')).toBeUndefined();
    expect(atHand(loader.source, 'b')).toMatchObject({ kid: 'b' });
  });
});

describe('the options of keys that are loaded', () => {
  it.each<[string, object | null]>([
    ['refreshInterval', { refreshInterval: 0 }],
    ['refreshInterval', { refreshInterval: '2d' }],
    ['refreshInterval', { refreshInterval: '600' }],
    ['refreshInterval', { refreshInterval: null }],
    ['cooldown', { cooldown: 0 }],
    ['cooldown', { cooldown: 601 }],
    ['cooldown', { cooldown: 11, refreshInterval: 10 }],
    ['staleFor', { staleFor: -1 }],
    ['staleFor', { staleFor: '8d' }],
    ['deadline', { deadline: 0 }],
    ['deadline', { deadline: 61 }],
    ['onEvent', { onEvent: 'log' }],
    ['clock', { clock: 5 }],
    ['maxAge', { maxAge: 5 }],
    ['options', null],
  ])('are checked at once: %s', (name, options) => {
    expect(() => loadedKeySet(load, options as never)).toThrow(TypeError);
    expect(() => loadedKeySet(load, options as never)).toThrow(name);
  });

  it('may be left out', () => {
    expect(() => loadedKeySet(load)).not.toThrow();
    expect(() => loadedKeySet([a] as never)).toThrow(/^load must be a function/);
  });
});

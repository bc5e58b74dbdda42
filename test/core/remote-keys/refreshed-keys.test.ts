import { createPublicKey, type KeyObject } from 'node:crypto';

import { TemporarilyUnavailableError, type KeySource, type TokenpairEvent } from '@tokenpair/core';

import { createTestLoader, publicKey } from '../../support/key-loader.js';
import { ask, atHand } from '../../support/key-source.js';
import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';

const unavailable = { code: 'temporarily_unavailable', status: 503 };
const down = new Error('down');
const fail = () => Promise.reject(down);
const a = publicKey('a');
const b = publicKey('b');

/** Looks up unknown kids. */
const askForUnknown = (source: KeySource, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => codeOf(ask(source, `unknown-${index}`))));

describe('keys that are loaded', () => {
  it('are not loaded before one is looked up', async () => {
    const { source, loads, settle } = createTestLoader([a]);
    await settle();
    expect(loads).toHaveLength(0);
    await expect(ask(source, 'a')).resolves.toMatchObject({ kid: 'a', algorithm: 'ES256' });
    expect(loads).toHaveLength(1);
  });

  it('are loaded once for all first requests', async () => {
    const { source, loads, hold } = createTestLoader([a, b]);
    const release = hold();
    const answers = ['a', 'b', 'c', 'a'].map((kid) => ask(source, kid));
    release();
    const found = await Promise.all(answers);
    expect(found.map((key) => key?.kid)).toEqual(['a', 'b', undefined, 'a']);
    expect(loads).toHaveLength(1);
  });

  it('are returned without a promise once they are loaded', async () => {
    const { source } = createTestLoader([a]);
    const first = await ask(source, 'a');
    expect(atHand(source, 'a')).toBe(first);
  });

  it.each(['A', 'a ', '', 'a\0', '__proto__', 'constructor', 'toString'])(
    'are found by their exact kid, which %j is not',
    async (kid) => {
      const { source } = createTestLoader([a]);
      await ask(source, 'a');
      await expect(ask(source, kid)).resolves.toBeUndefined();
    },
  );

  it('cannot be changed from outside', () => {
    expect(Object.isFrozen(createTestLoader([a]).source)).toBe(true);
  });
});

describe('an unknown kid', () => {
  it('starts no load during the cooldown, nor do a thousand of them', async () => {
    const { source, loads, clock } = createTestLoader([a]);
    await ask(source, 'a');
    for (const seconds of [0, 1, 28.999]) {
      clock.advance(seconds);
      expect(new Set(await askForUnknown(source, 1_000))).toEqual(new Set(['ok']));
    }
    expect(loads).toHaveLength(1);
    expect(atHand(source, 'unknown')).toBeUndefined();
  });

  it('starts one load after the cooldown and waits for it, and so do a thousand of them', async () => {
    const { source, loads, clock, hold } = createTestLoader([a]);
    await ask(source, 'a');
    clock.advance(30);
    const release = hold();
    const outcomes = askForUnknown(source, 1_000);
    release();
    expect(new Set(await outcomes)).toEqual(new Set(['ok']));
    expect(loads).toHaveLength(2);
    await askForUnknown(source, 1_000);
    expect(loads).toHaveLength(2);
  });

  it('is found if it has been published in the meantime', async () => {
    const loader = createTestLoader([a]);
    await ask(loader.source, 'a');
    loader.answer = async () => [a, b];
    await expect(ask(loader.source, 'b')).resolves.toBeUndefined();
    loader.clock.advance(30);
    await expect(ask(loader.source, 'b')).resolves.toMatchObject({ kid: 'b' });
    expect(atHand(loader.source, 'b')).toMatchObject({ kid: 'b' });
  });

  it('never delays a known key, however long the load takes', async () => {
    const { source, clock, hold, loads } = createTestLoader([a]);
    const known = await ask(source, 'a');
    const release = hold();
    clock.advance(30);
    const outcomes = askForUnknown(source, 1_000);
    expect(atHand(source, 'a')).toBe(known);
    clock.advance(30);
    expect(atHand(source, 'a')).toBe(known);
    expect(loads).toHaveLength(2);
    release();
    await outcomes;
  });

  it('causes at most one load per cooldown, also while every load fails', async () => {
    const loader = createTestLoader([a]);
    const { source, clock, loads } = loader;
    const known = await ask(source, 'a');
    loader.answer = fail;
    for (let second = 0; second < 300; second += 1) {
      clock.advance(1);
      await askForUnknown(source, 10);
      expect(atHand(source, 'a')).toBe(known);
    }
    expect(loads).toHaveLength(1 + 10);
  });

  it('is answered with 503 when the last load failed', async () => {
    const loader = createTestLoader([a]);
    await ask(loader.source, 'a');
    loader.answer = fail;
    loader.clock.advance(30);
    await expect(ask(loader.source, 'b')).rejects.toMatchObject({ ...unavailable, cause: down });
    // Nor inside the cool-down, when nothing is asked again.
    await expect(ask(loader.source, 'b')).rejects.toMatchObject({ ...unavailable, cause: down });
    expect(loader.loads).toHaveLength(2);
    loader.answer = async () => [a];
    loader.clock.advance(30);
    await expect(ask(loader.source, 'b')).resolves.toBeUndefined();
  });
});

describe('keys older than the refresh interval', () => {
  it('are loaded again in the background and stay in use meanwhile', async () => {
    const { source, loads, clock, settle } = createTestLoader([a]);
    const known = await ask(source, 'a');
    clock.advance(599.999);
    expect(atHand(source, 'a')).toBe(known);
    expect(loads).toHaveLength(1);
    clock.advance(0.001);
    for (let count = 0; count < 100; count += 1) expect(atHand(source, 'a')).toBe(known);
    expect(loads).toHaveLength(2);
    await settle();
    expect(atHand(source, 'a')).toBe(known);
    expect(loads).toHaveLength(2);
  });

  it('are the same objects after a load that returns them again', async () => {
    const loader = createTestLoader([a, b]);
    const [keyA, keyB] = [await ask(loader.source, 'a'), await ask(loader.source, 'b')];
    const copy = createPublicKey(
      (a as { publicKey: KeyObject }).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    loader.answer = async () => [b, { ...a, publicKey: copy }, publicKey('c')];
    loader.clock.advance(600);
    atHand(loader.source, 'a');
    await loader.settle();
    expect(atHand(loader.source, 'a')).toBe(keyA);
    expect(atHand(loader.source, 'b')).toBe(keyB);
    expect(atHand(loader.source, 'c')).toMatchObject({ kid: 'c' });
  });

  it.each<[string, object]>([
    ['other material', createTestKey('RS256', 'a').verification],
    ['material of another kind', publicKey('a')],
    ['another algorithm', { algorithm: 'PS256' }],
    ['another state', { state: 'retiring' }],
  ])('are new objects when a kid has %s', async (_what, changes) => {
    const key = createTestKey('RS256', 'a').verification;
    const loader = createTestLoader([key]);
    const before = await ask(loader.source, 'a');
    loader.answer = async () => [{ ...key, ...changes }];
    loader.clock.advance(600);
    expect(atHand(loader.source, 'a')).toBe(before);
    await loader.settle();
    const after = atHand(loader.source, 'a');
    expect(after).toMatchObject({ kid: 'a' });
    expect(after).not.toBe(before);
  });

  it('are refused from the first load that does not return them', async () => {
    const loader = createTestLoader([a, b]);
    const known = await ask(loader.source, 'b');
    loader.answer = async () => [a];
    loader.clock.advance(600);
    expect(atHand(loader.source, 'b')).toBe(known);
    await loader.settle();
    expect(atHand(loader.source, 'b')).toBeUndefined();
    expect(atHand(loader.source, 'a')).toMatchObject({ kid: 'a' });
  });

  it('are not used before a load when no load started for twice the interval', async () => {
    const loader = createTestLoader([a, b]);
    await ask(loader.source, 'b');
    loader.answer = async () => [a];
    loader.clock.advance(1_200);
    const release = loader.hold();
    const answers = ['b', 'a', 'b'].map((kid) => ask(loader.source, kid));
    release();
    const found = await Promise.all(answers);
    expect(found.map((key) => key?.kid)).toEqual([undefined, 'a', undefined]);
    expect(loader.loads).toHaveLength(2);
  });

  it('are used after such a pause if the load fails, and then at once', async () => {
    const loader = createTestLoader([a]);
    const known = await ask(loader.source, 'a');
    loader.answer = fail;
    loader.clock.advance(1_200);
    await expect(ask(loader.source, 'a')).resolves.toBe(known);
    expect(atHand(loader.source, 'a')).toBe(known);
    expect(loader.loads).toHaveLength(2);
  });
});

describe('keys that fail to load', () => {
  it('leave the former keys in use for an hour after the interval, then requests get 503', async () => {
    const loader = createTestLoader([a]);
    const known = await ask(loader.source, 'a');
    loader.answer = fail;
    loader.clock.advance(600);
    for (let minute = 0; minute < 60; minute += 1) {
      expect(atHand(loader.source, 'a')).toBe(known);
      await loader.settle();
      loader.clock.advance(60);
    }
    await expect(ask(loader.source, 'a')).rejects.toMatchObject({ ...unavailable, cause: down });
    loader.answer = async () => [a];
    loader.clock.advance(2);
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
  });

  it('are loaded once per cooldown, and the next good load replaces them', async () => {
    const loader = createTestLoader([a]);
    await ask(loader.source, 'a');
    loader.answer = fail;
    loader.clock.advance(600);
    for (let second = 0; second < 60; second += 1) {
      atHand(loader.source, 'a');
      await loader.settle();
      loader.clock.advance(1);
    }
    expect(loader.loads).toHaveLength(3);
    loader.answer = async () => [a, b];
    atHand(loader.source, 'a');
    await loader.settle();
    expect(loader.loads).toHaveLength(4);
    expect(atHand(loader.source, 'b')).toMatchObject({ kid: 'b' });
  });

  it('give 503, at once for two seconds and then after another load', async () => {
    const loader = createTestLoader([a]);
    loader.answer = fail;
    const outcomes = await Promise.all(
      ['a', 'b', 'a'].map((kid) => codeOf(ask(loader.source, kid))),
    );
    expect(outcomes).toEqual(Array(3).fill('temporarily_unavailable'));
    loader.clock.advance(1.999);
    expect(() => atHand(loader.source, 'a')).toThrow(TemporarilyUnavailableError);
    expect(loader.loads).toHaveLength(1);
    loader.answer = async () => [a];
    loader.clock.advance(0.001);
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
    expect(loader.loads).toHaveLength(2);
  });

  it('are not used after the interval when staleFor is 0', async () => {
    const loader = createTestLoader([a], { refreshInterval: 10, staleFor: 0 });
    const known = await ask(loader.source, 'a');
    loader.clock.advance(9.999);
    expect(atHand(loader.source, 'a')).toBe(known);
    loader.answer = fail;
    loader.clock.advance(0.001);
    await expect(ask(loader.source, 'a')).rejects.toMatchObject(unavailable);
  });

  it('are reported once per load, with the cause and without a key', async () => {
    const loader = createTestLoader([a]);
    loader.answer = fail;
    await Promise.all([codeOf(ask(loader.source, 'a')), codeOf(ask(loader.source, 'b'))]);
    await codeOf(ask(loader.source, 'a'));
    expect(loader.events).toEqual<TokenpairEvent[]>([
      { type: 'keys.unavailable', time: expect.any(Number), source: 'loadedKeySet', cause: down },
    ]);
  });

  it('fail in the same way when a listener throws', async () => {
    const loader = createTestLoader([a], {
      onEvent: () => {
        throw new Error('listener');
      },
    });
    loader.answer = fail;
    await expect(ask(loader.source, 'a')).rejects.toMatchObject({ ...unavailable, cause: down });
    loader.answer = async () => [a];
    loader.clock.advance(2);
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
  });

  it('pass on the cause of an AuthError', async () => {
    const loader = createTestLoader([a]);
    loader.answer = () => Promise.reject(new TemporarilyUnavailableError({ cause: down }));
    await expect(ask(loader.source, 'a')).rejects.toMatchObject({ ...unavailable, cause: down });
  });
});

describe('a load', () => {
  it('that takes longer than the deadline has failed, and its signal is aborted', async () => {
    const loader = createTestLoader([a], { deadline: 0.02 });
    loader.answer = () => new Promise(() => {});
    await expect(ask(loader.source, 'a')).rejects.toMatchObject(unavailable);
    expect(loader.loads.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('that resolves after the deadline is ignored', async () => {
    for (const late of [async () => [a], fail]) {
      const loader = createTestLoader([a], { deadline: 0.02 });
      const release = loader.hold();
      loader.answer = late;
      await expect(ask(loader.source, 'a')).rejects.toMatchObject(unavailable);
      release();
      await loader.settle();
      expect(() => atHand(loader.source, 'a')).toThrow(TemporarilyUnavailableError);
    }
  });

  it('that resolves in time does not have its signal aborted', async () => {
    const { source, loads } = createTestLoader([a]);
    await ask(source, 'a');
    expect(loads.map((signal) => signal.aborted)).toEqual([false]);
  });

  it('dates its keys from its start', async () => {
    const loader = createTestLoader([a]);
    const release = loader.hold();
    const first = ask(loader.source, 'a');
    loader.clock.advance(4);
    release();
    await first;
    loader.clock.advance(596);
    atHand(loader.source, 'a');
    expect(loader.loads).toHaveLength(2);
  });
});

describe('the clock of a key source', () => {
  it.each([-3_600, -86_400 * 365])('may go back by %d seconds', async (seconds) => {
    const loader = createTestLoader([a]);
    const known = await ask(loader.source, 'a');
    loader.clock.advance(300);
    expect(atHand(loader.source, 'a')).toBe(known);
    loader.clock.advance(seconds);
    expect(atHand(loader.source, 'a')).toBe(known);
    loader.answer = fail;
    loader.clock.advance(299.999);
    atHand(loader.source, 'a');
    expect(loader.loads).toHaveLength(1);
    loader.clock.advance(0.001);
    atHand(loader.source, 'a');
    expect(loader.loads).toHaveLength(2);
    await loader.settle();
    for (let minute = 0; minute < 60; minute += 1) {
      expect(atHand(loader.source, 'a')).toBe(known);
      await loader.settle();
      loader.clock.advance(60);
    }
    await expect(ask(loader.source, 'a')).rejects.toMatchObject(unavailable);
  });

  it('may go back while nothing could be loaded', async () => {
    const loader = createTestLoader([a]);
    loader.answer = fail;
    await codeOf(ask(loader.source, 'a'));
    loader.clock.advance(-3_600);
    expect(() => atHand(loader.source, 'a')).toThrow(TemporarilyUnavailableError);
    loader.answer = async () => [a];
    loader.clock.advance(2);
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
  });

  it('may return nonsense: requests get 503 until it recovers', async () => {
    const loader = createTestLoader([a]);
    const known = await ask(loader.source, 'a');
    const now = loader.clock.now();
    loader.clock.set(Number.NaN);
    expect(() => atHand(loader.source, 'a')).toThrow(TemporarilyUnavailableError);
    loader.clock.set(now);
    expect(atHand(loader.source, 'a')).toBe(known);
  });

  it('may return nonsense when a load fails', async () => {
    const loader = createTestLoader([a]);
    const now = loader.clock.now();
    const release = loader.hold();
    loader.answer = fail;
    const first = ask(loader.source, 'a');
    loader.clock.set(Number.NaN);
    release();
    await expect(first).rejects.toMatchObject({ ...unavailable, cause: down });
    loader.clock.set(now);
    loader.answer = async () => [a];
    loader.clock.advance(2);
    await expect(ask(loader.source, 'a')).resolves.toMatchObject({ kid: 'a' });
  });
});

import { MemorySessionStore } from '@tokenpair/core';
import { createTestClock, describeSessionStore, type StoreUnderTest } from '@tokenpair/testing';

import { PlainData, PlainStore } from '../support/plain-store.js';

interface Collected {
  readonly name: string;
  readonly run: () => Promise<void>;
}

function collect(
  makeStore: () => StoreUnderTest,
  notShown: Parameters<typeof describeSessionStore>[2] = {},
): { readonly titles: string[]; readonly cases: Collected[] } {
  const titles: string[] = [];
  const cases: Collected[] = [];
  const it = (name: string, run: () => Promise<void>) => cases.push({ name, run });
  describeSessionStore('mine', makeStore, {
    describe: (title, define) => {
      titles.push(title);
      define();
    },
    it,
    ...notShown,
  });
  return { titles, cases };
}

const find = (cases: readonly Collected[], text: string) => {
  const found = cases.find(({ name }) => name.includes(text));
  if (!found) throw new Error(`no case says ${text}`);
  return found;
};

const plain = (advance = true): StoreUnderTest => {
  const clock = createTestClock();
  const data = new PlainData();
  const now = advance ? clock.now : Date.now;
  return {
    store: new PlainStore(data, now),
    another: () => new PlainStore(data, now),
    advance: advance ? (milliseconds) => clock.advance(milliseconds / 1_000) : undefined,
  };
};

/** A store where every read takes longer than the shortest lifetimes, as on a busy machine. */
function slowly(): StoreUnderTest {
  const under = plain(false);
  const { store } = under;
  const get = store.get.bind(store);
  store.get = async (sessionId) => {
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    return get(sessionId);
  };
  return under;
}

describe('describeSessionStore', () => {
  it('starts the title of its tests with the name', () => {
    expect(collect(plain).titles[0]).toBe('mine as a session store');
  });

  it('creates no store before a test runs, and one for each test', async () => {
    const makeStore = jest.fn(plain);
    const { cases } = collect(makeStore);
    expect(makeStore).not.toHaveBeenCalled();
    await find(cases, 'is final').run();
    await find(cases, 'is final').run();
    expect(makeStore).toHaveBeenCalledTimes(2);
  });

  it('omits the cases declared in notShown, and names them with the reason in its title', () => {
    const whole = collect(plain).cases.map(({ name }) => name);
    const { titles, cases } = collect(plain, { notShown: { hang: 'it calls no server' } });
    const shown = cases.map(({ name }) => name);
    expect(whole.filter((name) => !shown.includes(name))).toEqual([
      'answers 503 in time when nothing answers it, whatever is asked',
      'has done the whole of a swap that was not answered, or nothing of it',
    ]);
    expect(titles[0]).toBe('mine as a session store (not shown: hang, since it calls no server)');
  });

  it.each([
    ['garble', 'rejects with 503 for a garbled record'],
    ['hang', 'answers 503 in time'],
    ['another', 'lets one of 60 parallel callers through'],
  ])('fails the cases that need %s when it is neither given nor declared', async (hook, name) => {
    const { cases } = collect(() => ({ ...plain(), another: undefined }));
    await expect(find(cases, name).run()).rejects.toThrow(
      new RegExp(`returned no '${hook}'.*notShown`),
    );
  });

  it('closes both stores and then their resources, even when a case fails', async () => {
    const closed: string[] = [];
    const makeStore = (): StoreUnderTest => {
      // In real time a case may run again on another store.
      const { now, advance } = createTestClock();
      const store = new MemorySessionStore({ capacity: 10, clock: now });
      const other = new MemorySessionStore({ capacity: 10, clock: now });
      store.close = async () => void closed.push('store');
      other.close = async () => void closed.push('another');
      return {
        store,
        another: () => other,
        advance: (milliseconds) => advance(milliseconds / 1_000),
        close: () => void closed.push('rest'),
      };
    };
    const { cases } = collect(makeStore);
    await expect(find(cases, 'sees at once what another').run()).rejects.toThrow('equal');
    expect(closed).toEqual(['store', 'another', 'rest']);
  });

  it('waits in real time for a store whose clock cannot be moved', async () => {
    const { cases } = collect(() => plain(false));
    const ends = cases.filter(({ name }) =>
      /^comes|^is postponed|^is brought|^is moved|^takes it out|^makes room/.test(name),
    );
    expect(ends).toHaveLength(15);
    await Promise.all(ends.map(({ run }) => run()));
  });

  it('repeats a case with longer lifetimes when the machine was too slow for short ones', async () => {
    const makeStore = jest.fn(slowly);
    await find(collect(makeStore).cases, 'comes when it was idle too long').run();
    expect(makeStore.mock.calls.length).toBeGreaterThan(1);
  });

  it('fails a store that never expires a session, also in real time', async () => {
    class Elephant extends PlainStore {
      override endOf() {
        return Number.POSITIVE_INFINITY;
      }
    }
    const { cases } = collect(() => ({ store: new Elephant(new PlainData(), Date.now) }));
    await expect(find(cases, 'comes when it was idle too long').run()).rejects.toThrow(/has ended/);
  });

  it('throws a TypeError that says what to pass when there is no global describe and it', () => {
    const { describe: before } = globalThis;
    Reflect.set(globalThis, 'describe', undefined);
    try {
      expect(() => describeSessionStore('mine', plain)).toThrow(
        new TypeError(
          'describeSessionStore found no global describe and it: pass those of your test runner as options',
        ),
      );
    } finally {
      Reflect.set(globalThis, 'describe', before);
    }
  });
});

// Plausible mistakes, made in the sources of the client: each must break the story that is named with it.

import { createSourceCopy, type Replacement } from '../support/source-copy.js';
import { elapse, rest, setTimeByHand } from '../support/set-time.js';
import { createModel, json, lifetime, type ClientPackage, type Model } from './model.js';

const loadClient = createSourceCopy<ClientPackage>('client');

const outcome = (call: Promise<unknown>) =>
  call.then(
    (value) => (value instanceof Response ? value.status : 'resolved'),
    (error: { code?: string }) => error.code,
  );

const stories: Readonly<Record<string, (model: Model) => Promise<void>>> = {
  async "Ada's late answer does not reach Grace"(model) {
    const tab = model.open();
    await signIn(model, tab, 'ada');
    const call = outcome(model.call(tab));
    await rest(3);
    const late = model.steps.findIndex(({ what }) => what === 'api');
    const signedIn = model.signIn(tab, 'grace');
    await rest(3);
    await model.step(late + 1);
    while (model.steps.length > 1) await model.step(1);
    await signedIn;
    await model.run();
    expect(await call).toBe('session_changed');
  },
  async 'an access token is used after its pair is stored'(model) {
    const tab = model.open();
    await signIn(model, tab, 'ada');
    await elapse(lifetime + 1);
    const call = outcome(model.call(tab));
    await rest(3);
    await model.step(0);
    await model.step(0);
    await model.step(0);
    expect(model.steps.map(({ what }) => what)).toEqual(['set']);
    await model.run();
    expect(await call).toBe(200);
  },
  async 'a pair that could not be stored is not used, and not lost'(model) {
    const tab = model.open();
    await signIn(model, tab, 'ada');
    await elapse(lifetime + 1);
    model.breaks = new Set(['set']);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const call = outcome(model.call(tab));
      await model.run();
      expect(await call).toBe('storage');
    }
    model.breaks = new Set();
    const call = outcome(model.call(tab));
    await model.run();
    expect(await call).toBe(200);
    expect(model.count.refresh).toBe(1);
  },
  async 'an API that refuses every token causes one refresh'(model) {
    const tab = model.open();
    await signIn(model, tab, 'ada');
    for (let call = 0; call < 5; call += 1) {
      for (let answer = 0; answer < 2; answer += 1) {
        model.apiAnswers.push(json(401, { code: 'token_invalid', action: 'login' }));
      }
      const called = outcome(model.call(tab));
      await model.run();
      expect(await called).toBe(401);
      model.apiAnswers.length = 0;
    }
    expect(model.count.refresh).toBe(1);
    expect(tab.client.session().status).toBe('signed-in');
  },
  async 'a portal signs no user out'(model) {
    const tab = model.open();
    await signIn(model, tab, 'ada');
    await elapse(lifetime + 1);
    const call = outcome(model.call(tab));
    await rest(3);
    await model.step(0);
    await model.step(0, 'html');
    await elapse(1);
    await model.run();
    expect(await call).toBe(200);
    expect(tab.client.session().status).toBe('signed-in');
  },
  async 'a late answer does not undo the sign-out of another process'(model) {
    const [one, other] = [model.open(), model.open({ channel: false })];
    await signIn(model, one, 'ada');
    const started = other.client.start();
    await model.run();
    await started;
    const call = outcome(model.call(other));
    await rest(3);
    await model.step(0);
    // The refresh of the other process is under way.
    expect(model.steps.map(({ what }) => what)).toEqual(['mount']);
    await model.step(0, 'late');
    const out = model.signOut(one);
    await rest(3);
    while (model.steps.length > 1) await model.step(1);
    await model.run();
    await out;
    await call;
    expect(model.text).toBeUndefined();
    expect(other.client.session().status).toBe('signed-out');
  },
  async 'the landing page of a login by redirect believes no other tab'(model) {
    const old = model.open();
    await signIn(model, old, 'ada');
    await signIn(model, model.open({ channel: false }), 'grace');
    const landing = model.open();
    const started = landing.client.start({ fresh: true });
    await rest(3);
    // Ada's tab tells its token while the landing page waits for the mount.
    model.broadcast({ type: 'who' });
    await model.run();
    expect(await started).toMatchObject({ sessionId: expect.stringContaining('grace') as string });
    expect(landing.states).toHaveLength(1);
    expect(old.client.session()).toEqual(landing.client.session());
  },
  async 'a login in one tab holds the refresh of the other back'(model) {
    const [one, other] = [model.open(), model.open()];
    await signIn(model, one, 'ada');
    await elapse(lifetime + 1);
    const call = outcome(model.call(other));
    await rest(3);
    await model.step(0);
    expect(other.refreshing).toBe(1);
    const signedIn = model.signIn(one, 'grace');
    await rest(3);
    expect(other.refreshing).toBe(0);
    await model.run();
    await signedIn;
    await model.run();
    expect(await call).toBe('session_changed');
    expect(other.client.session()).toEqual(one.client.session());
  },
};

async function signIn(model: Model, tab: ReturnType<Model['open']>, user: string): Promise<void> {
  const signedIn = model.signIn(tab, user);
  await model.run();
  await signedIn;
  await elapse(1);
}

interface Mutant {
  readonly story: keyof typeof stories;
  readonly replace: readonly Replacement[];
}

const change = (file: string, from: string, to: string): Replacement => ({ file, from, to });

const mutants: Readonly<Record<string, Mutant>> = {
  'the epoch is not compared': {
    story: "Ada's late answer does not reach Grace",
    replace: [
      change('request.ts', 'if (session.epoch !== epoch) {', 'if (session.epoch < 0) {'),
      change('request.ts', `if (session.epoch !== epoch) throw`, 'if (session.epoch < 0) throw'),
    ],
  },
  'set is not awaited': {
    story: 'an access token is used after its pair is stored',
    replace: [
      change('vault.ts', 'await storage.set(JSON.stringify', 'void storage.set(JSON.stringify'),
    ],
  },
  'a pair that could not be stored is forgotten': {
    story: 'a pair that could not be stored is not used, and not lost',
    replace: [change('refresh.ts', 'session.unsaved = received;', 'void received;')],
  },
  'a pair that could not be stored is used': {
    story: 'a pair that could not be stored is not used, and not lost',
    replace: [
      change(
        'refresh.ts',
        'found = await vault.replace(presented, pair, signal);',
        `found = await vault.replace(presented, pair, signal).catch(() => 'mine' as const);`,
      ),
    ],
  },
  'places that refuse every token are not remembered': {
    story: 'an API that refuses every token causes one refresh',
    replace: [change('request.ts', 'stubborn.set(place, now());', '')],
  },
  'HTML is taken for login': {
    story: 'a portal signs no user out',
    replace: [
      change(
        'refresh.ts',
        `if (isNone || refusal?.action === 'login') {`,
        `if (isNone || !refusal) {`,
      ),
    ],
  },
  'there is no guard before the write': {
    story: 'a late answer does not undo the sign-out of another process',
    replace: [change('vault.ts', `if (!token) return 'gone';`, `if (!token) return 'mine';`)],
  },
  'fresh is ignored': {
    story: 'the landing page of a login by redirect believes no other tab',
    replace: [change('ready.ts', 'session.isFresh = true;', '')],
  },
  'pause is ignored': {
    story: 'a login in one tab holds the refresh of the other back',
    replace: [
      change(
        'create-client.ts',
        `if (type === 'pause') pause();`,
        `if (type === 'pause') resume();`,
      ),
    ],
  },
};

beforeEach(setTimeByHand);
afterEach(() => {
  jest.useRealTimers();
});

async function tell(story: string, source: ClientPackage): Promise<void> {
  const model = createModel(source);
  await stories[story]?.(model);
  for (const { client } of model.tabs) client.close();
  expect(model.faults).toEqual([]);
}

describe('a story is true', () => {
  it.each(Object.keys(stories))('%s', async (story) => {
    await expect(tell(story, loadClient())).resolves.toBeUndefined();
  });
});

describe('a story is no longer true when', () => {
  it.each(Object.entries(mutants))('%s', async (_, { story, replace }) => {
    await expect(tell(story, loadClient(replace))).rejects.toBeInstanceOf(Error);
  });
});

it('every story finds a mistake', () => {
  const used = new Set(Object.values(mutants).map(({ story }) => story));
  expect(Object.keys(stories).filter((name) => !used.has(name))).toEqual([]);
});

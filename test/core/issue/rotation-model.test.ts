// Rotation against a model: under any concurrency, honest clients stay signed in and thieves do not.
//
// The first half compares every answer with a model of one screen. The second half lets calls interleave at every
// step to the store and back, and checks what must hold in any order.

import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  isAuthError,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  type TokenIssuer,
  type TokenPair,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTestClock, type TestClock } from '@tokenpair/testing';
import { interleave, type Weather } from '../../support/interleaved-store.js';
import { createTestIssuer } from '../../support/issuer.js';

type HookKind = 'no hook' | 'a hook' | 'a hook that sometimes throws';

const hooks: readonly HookKind[] = ['no hook', 'a hook', 'a hook that sometimes throws'];
const settings = [0, 30].flatMap((seconds) => hooks.map((hook) => [seconds, hook] as const));

/** Milliseconds for the runs of one property, and for making a failure small. */
const timeLimit = 10_000;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const idleLifetime = 30 * day * 1_000;
const absoluteLifetime = 90 * day * 1_000;

interface World {
  readonly tokens: TokenIssuer;
  /** The same issuer, for calls under such conditions. */
  tokensUnder(weather: Weather): TokenIssuer;
  readonly clock: TestClock;
  readonly memory: MemorySessionStore;
  readonly events: readonly TokenpairEvent[];
  /** Swaps by session, with the time of the last one, counted in the store. */
  readonly swaps: ReadonlyMap<string, { readonly count: number; readonly at: number }>;
}

function createWorld(seconds: number, hook: HookKind, turn: () => Promise<void>): World {
  const clock = createTestClock();
  const memory = new MemorySessionStore({ capacity: 1_000, clock: clock.now });
  const swaps = new Map<string, { count: number; at: number }>();
  const net = interleave(memory, turn, (sessionId, { outcome }) => {
    if (outcome !== 'swapped') return;
    const count = (swaps.get(sessionId)?.count ?? 0) + 1;
    swaps.set(sessionId, { count, at: clock.now() });
  });
  const optionsUnder = (weather: Weather) => {
    const claims = async () => {
      await net.hook(weather);
      return { role: 'user' };
    };
    return { store: net.under(weather), ...(hook !== 'no hook' && { claims }) };
  };
  const { tokens, events, another } = createTestIssuer({
    ...optionsUnder({}),
    clock: clock.now,
    reuseInterval: seconds,
  });
  const others = new Map<string, TokenIssuer>();
  function tokensUnder(weather: Weather): TokenIssuer {
    const name = JSON.stringify(weather);
    const made = others.get(name) ?? another(optionsUnder(weather));
    others.set(name, made);
    return made;
  }
  return { tokens, tokensUnder, clock, memory, events, swaps };
}

type Refusal = 'refresh_token_invalid' | 'refresh_pending' | 'temporarily_unavailable';
type Outcome = TokenPair | Refusal;

const refusals: readonly unknown[] = [
  'refresh_token_invalid',
  'refresh_pending',
  'temporarily_unavailable',
];

async function outcomeOf(call: Promise<TokenPair>): Promise<Outcome> {
  try {
    return await call;
  } catch (error) {
    const code = isAuthError(error) ? error.code : undefined;
    if (refusals.includes(code)) return code as Refusal;
    throw error;
  }
}

function present(world: World, token: string, weather: Weather): Promise<Outcome> {
  return outcomeOf(refreshTokenPair(world.tokensUnder(weather), token));
}

function isPair(outcome: Outcome): outcome is TokenPair {
  return typeof outcome !== 'string';
}

const anyWeather = fc.record({
  resend: fc.boolean(),
  fault: fc.oneof(
    { weight: 8, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('down' as const, 'reply lost' as const),
  ),
  hookFails: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
});

// ---------------------------------------------------------------------------------------------------------------------

/** Everything that the model knows about a session. It makes no difference between a client and a thief. */
interface ModelSession {
  readonly subject: string;
  readonly sessionId: string;
  /** Refresh tokens that were handed out, by generation. */
  readonly tokens: Map<number, string>;
  readonly expiresAt: number;
  generation: number;
  rotatedAt: number;
  isRevoked: boolean;
}

const anyCommand = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('present' as const),
      session: fc.nat(3),
      /** How many generations behind the newest one that was handed out. */
      back: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.constant(1) },
        fc.nat(4),
      ),
      weather: anyWeather,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      seconds: fc.constantFrom(0, 1, 29, 30, 31, 60, 61, 5 * minute, hour, 29 * day, 31 * day),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('login' as const), user: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('logout' as const),
      session: fc.nat(3),
      back: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('logout all' as const),
      user: fc.nat(1),
      keep: fc.option(fc.nat(3)),
    }),
  },
);

type Command = typeof anyCommand extends fc.Arbitrary<infer T> ? T : never;

async function runCommands(seconds: number, hook: HookKind, commands: readonly Command[]) {
  const world = createWorld(seconds, hook, () => Promise.resolve());
  const { tokens, clock, memory, events } = world;
  const sessions: ModelSession[] = [];
  const isLive = (session: ModelSession) =>
    !session.isRevoked &&
    clock.now() < Math.min(session.rotatedAt + idleLifetime, session.expiresAt);
  const pick = (index: number) => sessions.toReversed()[index % Math.max(1, sessions.length)];

  async function login(user: number) {
    const subject = `user ${user}`;
    const pair = await issueTokenPair(tokens, { subject });
    sessions.push({
      subject,
      sessionId: pair.sessionId,
      tokens: new Map([[1, pair.refreshToken]]),
      expiresAt: clock.now() + absoluteLifetime,
      generation: 1,
      rotatedAt: clock.now(),
      isRevoked: false,
    });
  }

  /** What the decision table answers to a token of some generation, and what changes. */
  function predict(session: ModelSession, generation: number, weather: Weather): string {
    const unavailable = 'temporarily_unavailable';
    const swapsFirst = hook === 'no hook' && seconds > 0;
    const failing = hook === 'a hook that sometimes throws' && weather.hookFails === true;
    if (weather.fault === 'down') return unavailable;
    if (!isLive(session)) {
      return swapsFirst && weather.fault === 'reply lost' ? unavailable : 'invalid';
    }
    const age = clock.now() - session.rotatedAt;
    const isUnsettled = seconds > 0 && age <= 2 * seconds * 1_000;
    const isCurrent = generation === session.generation;
    const isPredecessor = generation === session.generation - 1;
    const rotates = isCurrent && !(isUnsettled && generation > 1);
    // If the first command is the rotation, the caller learns only that its answer was lost.
    if (weather.fault === 'reply lost' && swapsFirst && !rotates) return unavailable;
    if (!isCurrent && !(isPredecessor && isUnsettled)) {
      session.isRevoked = true;
      return weather.fault === 'reply lost' ? unavailable : 'invalid';
    }
    if (isPredecessor && age > seconds * 1_000) return 'refresh_pending';
    if (failing) return unavailable;
    if (!rotates) return isCurrent ? 'the same token' : 'pair';
    session.generation += 1;
    session.rotatedAt = clock.now();
    return weather.fault === 'reply lost' ? unavailable : 'pair';
  }

  for (const command of commands) {
    if (command.type === 'wait') clock.advance(command.seconds);
    else if (command.type === 'login') await login(command.user);
    else if (command.type === 'present') {
      const session = pick(command.session);
      if (session === undefined) continue;
      const newest = Math.max(...session.tokens.keys());
      const known = [...session.tokens.keys()].filter((one) => one <= newest - command.back);
      const generation = Math.max(1, ...known);
      const token = session.tokens.get(generation) as string;
      const weather =
        hook === 'a hook that sometimes throws'
          ? command.weather
          : { ...command.weather, hookFails: false };
      const expected = predict(session, generation, weather);
      const outcome = await present(world, token, weather);
      if (!isPair(outcome)) {
        assert.equal(outcome, expected === 'invalid' ? 'refresh_token_invalid' : expected);
        continue;
      }
      assert.equal(outcome.sessionId, session.sessionId);
      if (expected === 'the same token') {
        assert.deepEqual([outcome.refreshToken, outcome.refreshTokenChanged], [token, false]);
        continue;
      }
      assert.deepEqual([expected, outcome.refreshTokenChanged], ['pair', true]);
      // Every caller that gets a generation gets the same text of it.
      assert.equal(
        session.tokens.get(generation + 1) ?? outcome.refreshToken,
        outcome.refreshToken,
      );
      session.tokens.set(generation + 1, outcome.refreshToken);
    } else if (command.type === 'logout') {
      const session = pick(command.session);
      if (session === undefined) continue;
      const all = [...session.tokens.values()];
      const refreshToken = all[Math.max(0, all.length - 1 - command.back)] as string;
      assert.equal(await revokeSession(tokens, { refreshToken }), isLive(session));
      session.isRevoked = true;
    } else {
      const subject = `user ${command.user}`;
      const except = command.keep === null ? undefined : pick(command.keep)?.sessionId;
      const ended = sessions.filter(
        (one) => one.subject === subject && one.sessionId !== except && isLive(one),
      );
      const ids = await revokeSubject(tokens, subject, { except });
      assert.deepEqual(ids.toSorted(), ended.map(({ sessionId }) => sessionId).toSorted());
      for (const session of ended) session.isRevoked = true;
    }

    const records = await Promise.all(sessions.map(({ sessionId }) => memory.get(sessionId)));
    assert.deepEqual(
      records.map((record) => record?.generation),
      sessions.map((session) => (isLive(session) ? session.generation : undefined)),
    );
  }

  for (const { sessionId, isRevoked } of sessions) {
    const reused = events.filter(
      (event) => event.type === 'refresh.reused' && event.sessionId === sessionId,
    );
    assert.ok(reused.length <= (isRevoked ? 1 : 0));
  }
  await memory.close();
}

describe.each(settings)(
  'rotation at a reuse interval of %i s with %s, call by call',
  (seconds, hook) => {
    it('answers every call as the model does, and leaves the same record as the model', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyCommand, { minLength: 1, maxLength: 40, size: 'max' }),
          (commands) => runCommands(seconds, hook, [{ type: 'login', user: 0 }, ...commands]),
        ),
        { numRuns: 60, interruptAfterTimeLimit: timeLimit },
      );
    }, 60_000);
  },
);

// ---------------------------------------------------------------------------------------------------------------------

/**
 * An honest client: several tabs over one cookie jar.
 *
 * What is promised to it, and therefore asserted: it is never signed out, provided that
 * - all tabs that refresh at one moment have read the jar at that moment, so that between a request and its answer the
 *   session moves on once at most (an access token lives longer than a request takes);
 * - an answer that was lost is asked for again within the reuse interval (later it takes recovery, which is closed
 *   because nobody reports a use), and the
 *   clock of the store does not jump by more than that meanwhile;
 * - at an interval of 0, it has neither raced nor lost an answer: with this setting every second use counts as reuse;
 * - no thief was faster, it was not logged out and its session has not expired.
 */
interface Client {
  readonly name: string;
  readonly subject: string;
  jar: string;
  session: Session;
  /** Since when a lost answer is outstanding. */
  unanswered: number | undefined;
}

interface Session {
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly createdAt: number;
  /** Every refresh token that went over the wire, for thieves to copy. */
  readonly wire: string[];
  readonly generationOf: Map<string, number>;
  readonly tokenOf: Map<number, string>;
  /** Whether the promise above applies to the client. */
  isSafe: boolean;
  /** Whether an answer has said that the session ended. */
  hasEnded: boolean;
}

const anyAction = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      type: fc.constant('refresh' as const),
      client: fc.nat(2),
      isLost: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
      weather: anyWeather,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('thief' as const),
      client: fc.nat(2),
      /** Which copy, counted back from the newest. */
      copy: fc.nat(5),
      weather: anyWeather,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('logout' as const),
      client: fc.nat(2),
      copy: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('logout all' as const), client: fc.nat(2) }),
  },
);

const anyRound = fc.record({
  actions: fc.array(anyAction, { minLength: 1, maxLength: 5, size: 'max' }),
  jump: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 1, 10) },
    { weight: 2, arbitrary: fc.constantFrom(30, 31, 61, 5 * minute, hour) },
    fc.constantFrom(29 * day, 31 * day, -5, -2 * minute),
  ),
});

type Round = typeof anyRound extends fc.Arbitrary<infer T> ? T : never;
type Action = Round['actions'][number];

async function runRounds(
  seconds: number,
  hook: HookKind,
  scheduler: fc.Scheduler,
  rounds: readonly Round[],
) {
  let isCalm = true;
  const world = createWorld(seconds, hook, () =>
    isCalm ? Promise.resolve() : scheduler.schedule(Promise.resolve()),
  );
  const { tokens, clock, memory, events, swaps } = world;
  const everySession: Session[] = [];
  const clients: Client[] = [];
  for (const [name, subject] of [
    ['phone', 'ada'],
    ['laptop', 'ada'],
    ['desk', 'alan'],
  ] as const) {
    clients.push({ name, subject, unanswered: undefined, ...(await signIn(subject)) });
  }

  async function signIn(subject: string): Promise<Pick<Client, 'jar' | 'session'>> {
    const pair = await issueTokenPair(tokens, { subject });
    const session: Session = {
      sessionId: pair.sessionId,
      createdAt: clock.now(),
      expiresAt: clock.now() + absoluteLifetime,
      wire: [pair.refreshToken],
      generationOf: new Map([[pair.refreshToken, 1]]),
      tokenOf: new Map([[1, pair.refreshToken]]),
      isSafe: true,
      hasEnded: false,
    };
    everySession.push(session);
    return { jar: pair.refreshToken, session };
  }

  const stateOf = ({ sessionId, createdAt }: Session) => {
    const { count, at } = swaps.get(sessionId) ?? { count: 0, at: createdAt };
    return { generation: 1 + count, rotatedAt: at };
  };
  const isOver = (session: Session) =>
    clock.now() >= Math.min(stateOf(session).rotatedAt + idleLifetime, session.expiresAt);

  /** Older than the predecessor, or the predecessor after the settle time. */
  function isOutOfTurn(session: Session, token: string): boolean {
    const { generation, rotatedAt } = stateOf(session);
    const behind = generation - (session.generationOf.get(token) as number);
    const isLate = seconds === 0 || Math.abs(clock.now() - rotatedAt) > 2 * seconds * 1_000;
    return behind > 1 || (behind === 1 && isLate);
  }

  function noteAnswer(session: Session, sent: string, outcome: Outcome): void {
    if (!isPair(outcome)) return;
    if (!outcome.refreshTokenChanged) {
      assert.equal(outcome.refreshToken, sent);
      return;
    }
    const generation = (session.generationOf.get(sent) as number) + 1;
    // One generation has one text: the same token always gets the same successor.
    assert.equal(session.tokenOf.get(generation) ?? outcome.refreshToken, outcome.refreshToken);
    session.tokenOf.set(generation, outcome.refreshToken);
    session.generationOf.set(outcome.refreshToken, generation);
    if (!session.wire.includes(outcome.refreshToken)) session.wire.push(outcome.refreshToken);
  }

  async function mustBeGone(session: Session): Promise<void> {
    session.hasEnded = true;
    assert.equal(await memory.get(session.sessionId), undefined);
  }

  function mayHookFail(weather: Weather): boolean {
    return hook === 'a hook that sometimes throws' && weather.hookFails === true;
  }

  /** Prepares an action at the beginning of a round; the function it returns runs among the others. */
  function prepare(action: Action, all: readonly Action[]): () => Promise<void> {
    const client = clients[action.client] as Client;
    const { session } = client;
    const copyOf = (back: number) =>
      session.wire[Math.max(0, session.wire.length - 1 - back)] as string;

    if (action.type === 'logout') {
      session.isSafe = false;
      const refreshToken = copyOf(action.copy);
      return async () => {
        await revokeSession(tokens, { refreshToken });
        await mustBeGone(session);
      };
    }

    if (action.type === 'logout all') {
      const theirs = everySession.filter((one) =>
        clients.some(({ subject, session: held }) => held === one && subject === client.subject),
      );
      for (const one of theirs) one.isSafe = false;
      return async () => {
        await revokeSubject(tokens, client.subject);
        for (const one of theirs) await mustBeGone(one);
      };
    }

    const weather = { ...action.weather, hookFails: mayHookFail(action.weather) };

    if (action.type === 'thief') {
      const token = copyOf(action.copy);
      const mustEndIt = isOutOfTurn(session, token) && !isOver(session);
      session.isSafe = false;
      return async () => {
        const hadEnded = session.hasEnded;
        const outcome = await present(world, token, weather);
        noteAnswer(session, token, outcome);
        if (hadEnded || mustEndIt) assert.equal(isPair(outcome), false);
        if (mustEndIt && outcome === 'refresh_token_invalid') await mustBeGone(session);
        if (weather.fault === 'none' && mustEndIt) assert.equal(outcome, 'refresh_token_invalid');
      };
    }

    const token = client.jar;
    const isRace = all.some(
      (other) => other !== action && other.type === 'refresh' && other.client === action.client,
    );
    const mayMissAnswer = action.isLost || weather.fault === 'reply lost';
    if (isOver(session) || (seconds === 0 && (isRace || mayMissAnswer))) session.isSafe = false;
    if (mayMissAnswer) client.unanswered ??= clock.now();
    return async () => {
      const hadEnded = session.hasEnded;
      const outcome = await present(world, token, weather);
      noteAnswer(session, token, outcome);
      if (hadEnded) assert.equal(isPair(outcome), false);
      if (session.isSafe) assert.notEqual(outcome, 'refresh_token_invalid');
      if (weather.fault === 'none' && !weather.hookFails) {
        assert.notEqual(outcome, 'temporarily_unavailable');
      }
      if (isPair(outcome) && !action.isLost) client.jar = outcome.refreshToken;
    };
  }

  /** A client that waits for an answer asks again before the interval ends. */
  async function askAgain(client: Client): Promise<void> {
    const { session, jar } = client;
    client.unanswered = undefined;
    if (!session.isSafe) return;
    const outcome = await present(world, jar, {});
    noteAnswer(session, jar, outcome);
    assert.ok(isPair(outcome), 'a client that asks again in time is signed out');
    client.jar = outcome.refreshToken;
  }

  const broken: string[] = [];
  for (const { actions, jump } of rounds) {
    isCalm = false;
    const started = actions.map((action) => prepare(action, actions));
    const running = started.map(async (start) => {
      await scheduler.schedule(Promise.resolve());
      await start();
    });
    await scheduler.waitFor(Promise.all(running));
    isCalm = true;

    for (const session of everySession) {
      const record = await memory.get(session.sessionId);
      if (session.hasEnded && record) broken.push('an ended session is back');
      if (session.isSafe && !isOver(session) && !record) broken.push('an honest session is gone');
      // One live generation: there are as many generations as swaps, and never two texts of one.
      if (record && record.generation !== stateOf(session).generation) {
        broken.push('a generation was lost, or won without a swap');
      }
      if (new Set(session.tokenOf.values()).size !== session.tokenOf.size) {
        broken.push('two generations share a refresh token');
      }
    }
    assert.deepEqual(broken, []);
    for (const client of clients) {
      // A jar with the current token of the session waits for no answer.
      if (client.session.generationOf.get(client.jar) === stateOf(client.session).generation) {
        client.unanswered = undefined;
      }
      const since = client.unanswered;
      if (since !== undefined && Math.abs(clock.now() + jump * 1_000 - since) > seconds * 1_000) {
        await askAgain(client);
      }
    }
    const anyOver = everySession.some((session) => !session.hasEnded && isOver(session));
    // An ended session stays ended: if a clock could revive one, no thief would be needed.
    if (jump > 0 || !anyOver) clock.advance(jump);
    for (const client of clients) {
      if (isOver(client.session)) client.session.isSafe = false;
      if ((await memory.get(client.session.sessionId)) === undefined) {
        Object.assign(client, await signIn(client.subject), { unanswered: undefined });
      }
    }
  }

  for (const client of clients) if (client.session.isSafe) await askAgain(client);
  for (const session of everySession.filter(({ hasEnded }) => hasEnded)) {
    for (const token of session.wire) {
      if (isPair(await present(world, token, {}))) broken.push('a token of an ended session works');
    }
  }
  const reused = events.filter((event) => event.type === 'refresh.reused');
  if (new Set(reused.map(({ sessionId }) => sessionId)).size !== reused.length) {
    broken.push('one reuse was told twice');
  }
  assert.deepEqual(broken, []);
  // In this model no key has leaked and no store loses writes.
  const types = new Set(events.map(({ type }) => type));
  assert.ok(!types.has('refresh.forged_with_valid_tag') && !types.has('session.rolled_back'));
  await memory.close();
}

describe.each(settings)(
  'rotation at a reuse interval of %i s with %s, interleaved',
  (seconds, hook) => {
    it('signs no honest client out, ends a session that a thief uses out of turn and revives no session', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(anyRound, { minLength: 1, maxLength: 40, size: 'max' }),
          (scheduler, rounds) => runRounds(seconds, hook, scheduler, rounds),
        ),
        { numRuns: 50, interruptAfterTimeLimit: timeLimit },
      );
    }, 60_000);

    it('creates one generation for 200 parallel refreshes of one token', async () => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), async (scheduler) => {
          const world = createWorld(seconds, hook, () => scheduler.schedule(Promise.resolve()));
          const { tokens, memory, events, swaps } = world;
          const pair = await scheduler.waitFor(issueTokenPair(tokens, { subject: 'ada' }));
          const outcomes = await scheduler.waitFor(
            Promise.all(Array.from({ length: 200 }, () => present(world, pair.refreshToken, {}))),
          );
          const given = outcomes.filter(isPair).map(({ refreshToken }) => refreshToken);
          const reused = events.filter(({ type }) => type === 'refresh.reused');

          expect(swaps.get(pair.sessionId)?.count).toBe(1);
          expect(new Set(given).size).toBe(1);
          // At an interval of 0 every second use counts as reuse: it ends the session, once.
          expect(given.length).toBe(seconds === 0 ? 1 : 200);
          expect(reused.length).toBe(seconds === 0 ? 1 : 0);
          const record = await memory.get(pair.sessionId);
          expect(record?.generation).toBe(seconds === 0 ? undefined : 2);
          await memory.close();
        }),
        { numRuns: 3 },
      );
    }, 60_000);
  },
);

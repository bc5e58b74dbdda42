// One session of the real issuer in a world where everything can go wrong: an owner with tabs over one cookie jar, a thief, an
// operator, key changes, a store that can forget, and time. Each method is one step. After each step the promises are checked:
//
//  (a) An honest client is never signed out or taken for a thief, and after a while it can refresh again.
//  (b) A thief and the owner are not both served again and again, and the owner is not shut out alone. Only the current token
//      and its predecessors are good; a late predecessor only while nothing shows that its successor arrived.
//  (c) A session that has ended is not served.
//  (d) No update is lost.
//  (f) The refresh key alone makes no token. (g) Tokens from before a step-up never get its level.

import { createHash, createHmac, randomBytes } from 'node:crypto';

import type { TokenIssuer, TokenPair, TokenpairEvent } from '@tokenpair/core';
import type { SessionSnapshot, SessionStore } from '@tokenpair/core/store';
import { createTestClock } from '@tokenpair/testing';

import { audienceName, issuerName } from '../issuer.js';
import { createTestKey } from '../keys.js';
import { derivedKey } from '../refresh-token-by-hand.js';
import { Caller, currentCaller, type Fault, type Place } from './caller.js';
import type { Core } from './core-copy.js';
import { openReplayedStore, type OpenSessionStore, type StoreCommand } from './replayed-store.js';

export interface SessionWorldSettings {
  readonly core: Core;
  readonly tabs: number;
  /** Opens an empty store with this clock. @defaultValue the memory store of `core` */
  readonly openStore?: OpenSessionStore | undefined;
  /** Whether there is a claims hook, which every refresh asks before it writes. @defaultValue true */
  readonly hook?: boolean;
  /** Seconds. @defaultValue 30 */
  readonly reuseInterval?: number;
  /** Whether the use of the first access token was reported. @defaultValue true */
  readonly isConfirmedAtFirst?: boolean;
  /** Whether every use is reported at once. @defaultValue false */
  readonly reportsAtOnce?: boolean;
  /** Whether the owner is a browser behind server code that uses a token before the browser stores it. @defaultValue false */
  readonly relay?: boolean;
  /** How many tokens the thief can copy. @defaultValue 0 */
  readonly copies?: number;
  /** Thief and owner do not refresh within one settle time. Then they are served in turns this many times at most. */
  readonly mostTurns?: number | undefined;
}

/** A broken promise. */
export class BrokenPromise extends Error {}

interface Tab {
  call: Caller<TokenPair> | undefined;
  /** The token that was sent; the empty text for a step-up. */
  sent: string;
  since: number;
  isUsed: boolean;
}

/** What was true when a command of a call was executed. */
interface Look {
  readonly session: SessionSnapshot;
  readonly hasEnded: boolean;
  readonly seenInUse: number;
  readonly isPastRecovery: boolean;
}

type Who = 'owner' | 'thief';

/** A refresh or a step-up, and what it has seen of the store. */
interface Call {
  readonly who: Who;
  readonly presented: string;
  readonly looks: Look[];
  readonly events: TokenpairEvent[];
  /** Whether the session had ended when the call last went on without a command. */
  hasOutlived: boolean;
}

export const second = 1_000;
export const hour = 3_600 * second;
const recovery = 24 * hour;

/** A tab sends nothing, or waits for the server, or its answer is under way. */
export type TabState = 'idle' | 'waiting' | 'answered';

export type SessionWorld = Awaited<ReturnType<typeof openSessionWorld>>;

export async function openSessionWorld(settings: SessionWorldSettings) {
  const { core, hook = true, reuseInterval = 30, isConfirmedAtFirst = true } = settings;
  const { reportsAtOnce = false, relay = false, mostTurns } = settings;
  const interval = reuseInterval * second;
  const settleTime = 2 * interval;
  const clock = createTestClock();
  const open: OpenSessionStore =
    settings.openStore ??
    ((now) => new core.MemorySessionStore({ clock: now, capacity: 100, sweepInterval: '1d' }));
  const store = await openReplayedStore(open, clock);
  const calls = new Map<Caller<unknown>, Call>();
  const [keyA, keyB] = [randomBytes(32), randomBytes(32)];
  let keys: 'A' | 'BA' | 'B' = 'A';

  const tokens: TokenIssuer = core.createTokenIssuer({
    issuer: issuerName,
    audience: audienceName,
    keys: [createTestKey('HS256', 'test').signing],
    refreshKeys: [{ kid: '1', secret: keyA }],
    clockTolerance: 0,
    clock: clock.now,
    deadline: '1h',
    idleLifetime: '90d',
    absoluteLifetime: '365d',
    reuseInterval,
    store: watchedStore(),
    onEvent: (event) => calls.get(currentCaller() as Caller<unknown>)?.events.push(event),
    ...(hook && { claims: askHook }),
  });

  let jar: string | undefined;
  let sessionId = '';
  const tabs: Tab[] = Array.from({ length: settings.tabs }, () => idleTab());
  /** Calls that no tab waits for any more; they may still go on. */
  const abandoned: Caller<TokenPair>[] = [];
  /** By generation, the access token that was received. */
  const received = new Map<number, string>();
  const stepUps = new Set<string>();
  const thief = { copies: settings.copies ?? 0, holds: [] as string[] };
  const updates = { running: [] as Caller<unknown>[], acknowledged: 0 };
  let ended: '' | 'reuse' | 'operator' = '';
  let seenInUse = 0;
  /** By hash, when a predecessor was first exchanged. */
  const exchanged = new Map<string, number>();
  let isExcused = false;
  let movedBy: Who = 'owner';
  let turns = '';
  let failovers = 0;
  const journal: string[] = [];

  // ---- what the issuer is given -------------------------------------------------------------------------------------------

  async function askHook(_subject: string, { reason }: { readonly reason: string }) {
    const caller = reason === 'issue' ? undefined : currentCaller();
    const fault = await caller?.pause('hook');
    if (fault === 'fails') throw new Error('the user database is down');
    const call = caller && calls.get(caller);
    if (call !== undefined) call.hasOutlived = ended !== '';
    return { role: 'user' };
  }

  function watchedStore(): SessionStore {
    const names = ['create', 'get', 'swap', 'confirm', 'revoke', 'revokeOwner', 'list'] as const;
    const methods = names.map((name) => [name, (...args: readonly unknown[]) => send(name, args)]);
    return { ...Object.fromEntries(methods), raise: async () => 0 } as SessionStore;
  }

  async function send(command: StoreCommand, args: readonly unknown[]): Promise<unknown> {
    const caller = currentCaller();
    const fault = await caller?.pause(placeOf(command));
    if (fault === 'fails') throw new Error('connection refused');
    if (fault === 'sent twice') await execute(command, args);
    const answer = await execute(command, args);
    if ((await caller?.pause('answer')) === 'fails') throw new Error('connection reset');
    return answer;
  }

  async function execute(command: StoreCommand, args: readonly unknown[]): Promise<unknown> {
    const call = calls.get(currentCaller() as Caller<unknown>);
    const before = command === 'create' ? undefined : await peek();
    const answer = await store.execute(command, args);
    if (command === 'confirm' && before !== undefined) {
      const generation = args[1] as number;
      if (generation <= before.generation + 1) seenInUse = Math.max(seenInUse, generation);
    }
    if (command === 'revoke' && answer === true) ended = call === undefined ? 'operator' : 'reuse';
    // A client that comes after the recovery window is refused, also when it never learns of the first refusal.
    if (command === 'revoke' && call?.looks.at(-1)?.isPastRecovery === true) isExcused = true;
    const session = sessionOf(answer);
    if (call === undefined || session === undefined) return answer;
    const isMoved = before !== undefined && session.secretHash !== before.secretHash;
    if (isMoved) noteExchange(call, before, session);
    call.hasOutlived = false;
    call.looks.push({
      session,
      hasEnded: ended !== '',
      seenInUse,
      isPastRecovery: isPastRecovery(call.presented),
    });
    return answer;
  }

  function noteExchange(call: Call, before: SessionSnapshot, after: SessionSnapshot): void {
    movedBy = call.who;
    const spent = call.presented === '' ? before.secretHash : hashOf(call.presented);
    if (!exchanged.has(spent)) exchanged.set(spent, clock.now());
    forgetExchanges(after);
  }

  function forgetExchanges({ state }: SessionSnapshot): void {
    for (const hash of exchanged.keys()) if (!state.includes(hash)) exchanged.delete(hash);
  }

  function peek(): Promise<SessionSnapshot | undefined> {
    return store.execute('get', [sessionId]) as Promise<SessionSnapshot | undefined>;
  }

  // ---- the promises -------------------------------------------------------------------------------------------------------

  function breaks(promise: string, what: string): never {
    throw new BrokenPromise(`(${promise}) ${what}\n  ${journal.join('\n  ')}`);
  }

  const isHonest = () => thief.holds.length === 0 && ended !== 'operator' && !isExcused;

  function isPastRecovery(token: string | undefined): boolean {
    const since = token && exchanged.get(hashOf(token));
    return typeof since === 'number' && clock.now() - since > recovery;
  }

  /** Checks what a call came to, when it has ended. */
  async function checkResult(caller: Caller<TokenPair>): Promise<void> {
    const call = calls.get(caller);
    const { result } = caller;
    if (call === undefined || result === undefined) return;
    if ('value' in result) return checkServed(call, result.value);
    const code = codeOf(result.error);
    if (code === 'refresh_pending' || code === 'temporarily_unavailable') return;
    if (code !== 'refresh_token_invalid') throw result.error;
    if (call.looks.at(-1)?.isPastRecovery === true) isExcused = true;
    if (call.who === 'thief') return;
    const isAccused = call.events.some(({ type }) => type === 'refresh.reused');
    if (isAccused && isHonest()) breaks('a', 'an honest client is taken for a thief');
    if (turns !== '' && failovers === 0 && (await peek()) !== undefined) {
      breaks('b', 'the owner is shut out, and the session goes on with the thief');
    }
  }

  function checkServed(call: Call, pair: TokenPair): void {
    const { presented, looks, events, hasOutlived } = call;
    const last = looks.at(-1);
    if (last === undefined) return breaks('c', 'a refresh is served without the store');
    if (last.hasEnded || hasOutlived) breaks('c', 'a session that has ended is served');
    if (presented === '') {
      stepUps.add(pair.refreshToken);
      return;
    }
    const isLeveled = claimOf(pair.accessToken, 'acr') === levelOfStepUp;
    if (isLeveled && !stepUps.has(presented)) {
      breaks('g', 'a token from before the step-up gets its level');
    }
    const hash = hashOf(presented);
    const isOfTurn =
      hashOf(pair.refreshToken) === last.session.secretHash &&
      (pair.refreshToken === presented || parentHashOf(pair.refreshToken) === hash);
    if (!isOfTurn) breaks('b', 'a token is good that is neither current nor a predecessor');
    const judged = looks.at(-2) ?? last;
    const isRedone = events.some((event) => 'how' in event && event.how === 'redone');
    if (judged.session.secretHash !== hash && isLate(judged.session) && !isRedone) {
      const what = 'a late predecessor is good';
      if (last.seenInUse > generationOf(presented))
        breaks('b', `${what} though its successor was seen in use`);
      if (last.seenInUse === 0) breaks('b', `${what} in a session whose use was never seen`);
      if (last.isPastRecovery) breaks('b', `${what} after the recovery window`);
    }
    if (stepUps.has(presented)) stepUps.add(pair.refreshToken);
  }

  const isLate = ({ asOf, rotatedAt }: SessionSnapshot) => Math.abs(asOf - rotatedAt) > settleTime;

  /** From the thief's first success on, counts for whom the session moves on. */
  function count(who: Who, { events, looks, presented }: Call): void {
    if (who === 'owner' && turns === '') return;
    const judged = looks.at(-2) ?? looks.at(-1);
    const movesOn = events.some(
      (event) => 'how' in event && ['rotated', 'recovered', 'redone'].includes(event.how),
    );
    const isLatePredecessor =
      judged !== undefined &&
      judged.session.secretHash !== hashOf(presented) &&
      isLate(judged.session);
    const letter = who === 'thief' ? 'T' : 'O';
    if ((!movesOn && !isLatePredecessor) || turns.endsWith(letter)) return;
    turns += letter;
    // A failover can put both back on one token, once each.
    if (mostTurns !== undefined && turns.length > mostTurns + 2 * failovers) {
      breaks('b', `owner and thief are both served again and again: ${turns}`);
    }
  }

  async function checkUpdates(): Promise<void> {
    const session = await peek();
    if (session === undefined || failovers > 0) return;
    const { meta } = JSON.parse(session.data) as { readonly meta: { readonly updates?: number } };
    if ((meta.updates ?? 0) !== updates.acknowledged) {
      breaks('d', `${updates.acknowledged} updates were made, and ${meta.updates ?? 0} are left`);
    }
  }

  // ---- steps --------------------------------------------------------------------------------------------------------------

  async function note(what: string): Promise<void> {
    journal.push(what);
    await checkUpdates();
  }

  function comesTooSoon(who: Who, session: SessionSnapshot | undefined): boolean {
    if (mostTurns === undefined) return false;
    const isUnsettled = session !== undefined && !isLate(session) && movedBy !== who;
    return isUnsettled || (who === 'thief' && tabs.some(({ call }) => call !== undefined));
  }

  function prepare(who: Who, presented: string, ask: () => Promise<TokenPair>) {
    const caller = new Caller(ask);
    calls.set(caller, {
      who,
      presented,
      looks: [],
      events: [],
      hasOutlived: false,
    });
    return caller;
  }

  function occupy(tab: Tab, sent: string, call: Caller<TokenPair>): void {
    Object.assign(tab, { sent, call, since: clock.now(), isUsed: false });
  }

  async function receive(pair: TokenPair): Promise<void> {
    received.set(claimOf(pair.accessToken, 'gen') as number, pair.accessToken);
    if (reportsAtOnce) await core.confirmGeneration(tokens, pair.accessToken);
  }

  const free = (tab: Tab) => Object.assign(tab, idleTab());

  const steps = {
    /** A tab reads the jar and sends its token, unless the user proves the password in another tab. */
    async send(index: number) {
      const tab = tabs[index];
      const token = jar;
      if (tab === undefined || tab.call !== undefined || token === undefined) return;
      if (tabs.some(({ call, sent }) => call !== undefined && sent === '')) return;
      if (comesTooSoon('owner', await peek())) return;
      const ask = () => core.refreshTokenPair(tokens, token, relay ? { relay } : {});
      occupy(tab, token, prepare('owner', token, ask));
      await note(`tab ${index + 1} sends generation ${generationOf(token)}`);
    },

    /** The user proves the password again in a tab while no other tab waits for an answer. */
    async stepUp(index: number) {
      const tab = tabs[index];
      const isQuiet = tabs.every(({ call }) => call === undefined);
      if (tab === undefined || !isQuiet || (await peek()) === undefined) return;
      const caller = prepare('owner', '', () =>
        core.reauthenticated(tokens, { sessionId }, { acr: levelOfStepUp }),
      );
      occupy(tab, '', caller);
      await caller.stepTo(hook ? 'hook' : 'swap');
      await note(`tab ${index + 1}: the user proves the password again`);
    },

    /** The call of a tab goes on to the next place where it waits, to this place or to its end. */
    async goOn(index: number, to?: Place | 'end', fault?: Fault) {
      const call = tabs[index]?.call;
      if (call === undefined || call.result !== undefined) return;
      if (to === undefined) await call.step(fault);
      else await call.stepTo(to === 'end' ? undefined : to, fault);
      const how = call.result === undefined ? `waits: ${call.place}` : describeResult(call.result);
      await note(`the server goes on for tab ${index + 1}${fault ? `, ${fault}` : ''}: ${how}`);
      await checkResult(call);
    },

    /** The request or the answer of a tab is lost. The server may still go on with a request that it has looked at. */
    async lose(index: number, serverGoesOn = false) {
      const tab = tabs[index];
      if (tab?.call === undefined) return;
      const hasLooked = (calls.get(tab.call)?.looks.length ?? 0) > 0;
      if (serverGoesOn && hasLooked && mostTurns === undefined) abandoned.push(tab.call);
      await note(`tab ${index + 1} gets no answer`);
      free(tab);
    },

    /** The server goes on with a call that no tab waits for. */
    async goOnAbandoned(to?: 'end', fault?: Fault) {
      const call = abandoned.find(({ result }) => result === undefined);
      if (call === undefined) return;
      await (to === 'end' ? call.stepTo(undefined, fault) : call.step(fault));
      const how = call.result === undefined ? `waits: ${call.place}` : describeResult(call.result);
      await note(`the server goes on for nobody: ${how}`);
      await checkResult(call);
    },

    /** Through a relay, the access token is used before the browser stores the pair. */
    async use(index: number) {
      const tab = tabs[index];
      if (!relay || tab?.call?.result === undefined || tab.isUsed) return;
      if ('value' in tab.call.result) await receive(tab.call.result.value);
      tab.isUsed = true;
      await note(`the relay uses the access token for tab ${index + 1}`);
    },

    /** The answer reaches a tab, and the browser stores what is new in it. */
    async store(index: number) {
      const tab = tabs[index];
      const call = tab?.call;
      if (tab === undefined || call?.result === undefined) return;
      if ('value' in call.result) {
        const { refreshToken, refreshTokenChanged } = call.result.value;
        if (refreshTokenChanged) jar = refreshToken;
        await note(
          `tab ${index + 1} stores ${refreshTokenChanged ? nameOf(refreshToken) : 'nothing'}`,
        );
        const about = calls.get(call);
        if (about !== undefined && tab.sent !== '') count('owner', about);
        await receive(call.result.value);
      } else if (codeOf(call.result.error) === 'refresh_token_invalid') {
        await note(`tab ${index + 1} is signed out`);
        jar = undefined;
        if (isHonest()) breaks('a', 'an honest client is signed out');
      }
      free(tab);
    },

    /** A verifier reports the use of a generation whose access token was received. */
    async confirm(generation: number) {
      const accessToken = received.get(generation);
      if (accessToken === undefined) return;
      await core.confirmGeneration(tokens, accessToken);
      await note(`generation ${generation} is seen in use`);
    },

    /** The thief copies a token from the jar or from the wire. */
    async copy(index: number) {
      const answers = tabs.flatMap(({ call, sent }) => {
        const result = call?.result;
        return result && 'value' in result ? [sent, result.value.refreshToken] : [sent];
      });
      const all = [...new Set([jar ?? '', ...answers])].filter((token) => token !== '');
      const token = all[index % Math.max(1, all.length)];
      if (token === undefined || thief.copies === 0) return;
      thief.copies -= 1;
      thief.holds.push(token);
      await note(`the thief copies ${nameOf(token)}`);
    },

    /** The thief presents one of the tokens that he holds, the oldest of which is the first. */
    async present(pick: (holds: readonly string[]) => string | undefined) {
      const token = pick(thief.holds);
      if (token === undefined || comesTooSoon('thief', await peek())) return;
      const caller = prepare('thief', token, () => core.refreshTokenPair(tokens, token));
      await caller.stepTo();
      await note(`the thief presents ${nameOf(token)}: ${describeResult(caller.result)}`);
      await checkResult(caller);
      if (caller.result === undefined || !('value' in caller.result)) return;
      const pair = caller.result.value;
      if (!thief.holds.includes(pair.refreshToken)) thief.holds.push(pair.refreshToken);
      count('thief', calls.get(caller) as Call);
      await receive(pair);
    },

    /** Somebody with the first refresh key, and without a token, forges one of this distance from the current generation. */
    async forge(distance: number) {
      const session = await peek();
      const generation = (session?.generation ?? 0) + distance;
      if (session === undefined || generation < 1) return;
      const token = forge(keyA, sessionId, generation);
      const caller = prepare('thief', token, () => core.refreshTokenPair(tokens, token));
      await caller.stepTo();
      await note(`a forged token of generation ${generation}: ${describeResult(caller.result)}`);
      if (caller.result !== undefined && 'value' in caller.result) {
        breaks('f', 'a forged token is served');
      }
      // Below the current generation only the tag can be checked: there the key can end a session, and no more.
      const hasEnded = (await peek()) === undefined;
      if (hasEnded && distance >= 0) breaks('f', 'a forged token ends the session');
      if (hasEnded) ended = 'operator';
    },

    /** An operator reads the session to change it. */
    async startUpdate() {
      const caller = new Caller<unknown>(() =>
        core.updateSession(tokens, sessionId, ({ metadata }) => ({
          metadata: { ...metadata, updates: Number(metadata['updates'] ?? 0) + 1 },
        })),
      );
      await caller.stepTo('swap');
      if (caller.result === undefined) updates.running.push(caller);
      await note('an operator reads the session to change it');
    },

    /** An operator writes the change. */
    async finishUpdate(index = 0) {
      const [caller] = updates.running.splice(index % Math.max(1, updates.running.length), 1);
      if (caller === undefined) return;
      await caller.stepTo();
      const { result } = caller;
      if (result !== undefined && 'value' in result && result.value !== undefined) {
        updates.acknowledged += 1;
      }
      await note('an operator writes the change');
    },

    /** Logout, ban, eviction or the end of all sessions of the subject. */
    async end() {
      if ((await peek()) === undefined) return;
      await core.revokeSession(tokens, { sessionId });
      await note('the session is ended');
    },

    /** A new refresh key becomes active, and then the old one is removed. */
    async changeKey() {
      if (keys === 'B') return;
      const [a, b] = [
        { kid: '1', secret: keyA },
        { kid: '2', secret: keyB },
      ];
      keys = keys === 'A' ? 'BA' : 'B';
      tokens.replaceRefreshKeys(keys === 'BA' ? [b, a] : [b]);
      await note(`the refresh keys are ${keys}`);
    },

    /** The primary dies; the replica lacks the last writes. */
    async failOver(pick: (most: number) => number = (most) => most) {
      failovers += 1;
      await store.failOver(interval / 2, pick);
      const session = await peek();
      // A lost report makes recovery more lenient, and a lost exchange lets its window begin anew. A lost end cannot be repaired
      // inside a store.
      seenInUse = session?.confirmed ?? seenInUse;
      if (session !== undefined) forgetExchanges(session);
      ended = '';
      await note(`the store fails over to generation ${session?.generation}`);
    },

    /** Time passes, as far as no refresh takes longer than half a reuse interval; if it does, its tab gives up. */
    async wait(milliseconds: number, gives: 'up' | 'time' | 'up, and the server goes on' = 'up') {
      const busy = tabs.filter(({ call }) => call !== undefined);
      const longest = Math.min(...busy.map(({ since }) => since + interval / 2 - clock.now()));
      const time = gives === 'time' ? Math.min(milliseconds, longest) : milliseconds;
      if (time > longest) {
        for (const [index, { call, since }] of tabs.entries()) {
          if (call !== undefined && since + interval / 2 < clock.now() + time) {
            await steps.lose(index, gives === 'up, and the server goes on');
          }
        }
      }
      clock.advance(time / second);
      await note(`${time / second} s pass`);
    },
  };

  /** Lets every answer arrive, waits, and checks that an honest client can refresh again. */
  async function rest(): Promise<void> {
    for (const index of tabs.keys()) {
      await steps.goOn(index, 'end');
      await steps.store(index);
    }
    while (updates.running.length > 0) await steps.finishUpdate();
    await steps.wait(settleTime + second);
    const token = jar;
    if (token === undefined || !isHonest() || isPastRecovery(token)) return;
    if ((await peek()) === undefined && failovers === 0 && ended === '') {
      breaks('a', 'the session of an honest client is gone');
    }
    const caller = prepare('owner', token, () => core.refreshTokenPair(tokens, token));
    await caller.stepTo();
    await note(`the next refresh, with ${nameOf(token)}: ${describeResult(caller.result)}`);
    if (caller.result === undefined || !('value' in caller.result)) {
      breaks('a', 'an honest client cannot refresh any more');
    }
    await checkResult(caller);
  }

  async function close(): Promise<void> {
    const all = [...calls.keys(), ...updates.running];
    for (const caller of all)
      if (caller.hasStarted) while (!caller.result) await caller.step('fails');
    await store.close();
  }

  const first = await core.issueTokenPair(tokens, { subject: 'ada' });
  ({ sessionId } = first);
  jar = first.refreshToken;
  received.set(1, first.accessToken);
  if (isConfirmedAtFirst) await core.confirmGeneration(tokens, first.accessToken);
  store.keep();
  function tabsThat(are: TabState): readonly number[] {
    return tabs.flatMap((tab, index) => (stateOf(tab) === are ? [index] : []));
  }

  return { ...steps, rest, close, tabsThat };
}

// ---- helpers ----------------------------------------------------------------------------------------------------------------

const levelOfStepUp = 'phr';

const idleTab = (): Tab => ({ call: undefined, sent: '', since: 0, isUsed: false });

function stateOf({ call }: Tab): TabState {
  if (call === undefined) return 'idle';
  return call.result === undefined ? 'waiting' : 'answered';
}

function placeOf(command: StoreCommand): Place {
  const known = ['get', 'swap', 'confirm', 'revoke'] as const;
  return known.find((name) => name === command) ?? 'other';
}

function sessionOf(answer: unknown): SessionSnapshot | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const session = 'session' in answer ? answer.session : answer;
  const isSession = typeof session === 'object' && session !== null && 'secretHash' in session;
  return isSession ? (session as SessionSnapshot) : undefined;
}

function describeResult(result: Caller<TokenPair>['result']): string {
  if (result === undefined) return 'nothing';
  return 'value' in result ? nameOf(result.value.refreshToken) : String(codeOf(result.error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The generation of a refresh token. */
export const generationOf = (token: string) => bytesOf(token).readUInt32BE(32);
const bytesOf = (token: string) => Buffer.from(token.slice('tpr_'.length), 'base64url');

const hashOf = (token: string) => hashOfSecret(bytesOf(token).subarray(36, 52));
const parentHashOf = (token: string) => hashOfSecret(bytesOf(token).subarray(52, 68));
/** `g3 a7f2`: the generation and the beginning of the secret's hash. */
const nameOf = (token: string) => `g${generationOf(token)} ${hashOf(token).slice(0, 4)}`;

function hashOfSecret(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest().toString('base64url', 0, 16);
}

function claimOf(accessToken: string, name: string): unknown {
  const [, payload = ''] = accessToken.split('.');
  return Reflect.get(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object, name);
}

/** A token under a good tag, whose secrets are guessed. */
function forge(secret: Uint8Array, sessionId: string, generation: number): string {
  const head = Buffer.alloc(68);
  head.set([1, 0x1e]);
  head.set(Buffer.from(sessionId, 'base64url'), 4);
  head.writeUInt32BE(generation, 32);
  head.set(randomBytes(32), 36);
  const tag = createHmac('sha256', derivedKey(secret, 'mac', issuerName))
    .update(head)
    .digest();
  return `tpr_${Buffer.concat([head, tag.subarray(0, 16)]).toString('base64url')}`;
}

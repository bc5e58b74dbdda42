// Refreshes the access token: one refresh at a time, which all callers share.

import type { Answer } from './answer.js';
import { ClientError } from './client-error.js';
import type { PostToMount } from './mount.js';
import type { CheckedOptions } from './options.js';
import { secondsLeft, toAccessToken, type Received, type Session } from './session.js';
import type { Tabs } from './tabs.js';
import { ignore, sleep, startTimer, tell, unlessAborted, within } from './time.js';
import type { Refusal } from './types.js';
import type { Found, Stored, Vault } from './vault.js';

/** The server relies on this bound: a later answer would be stored after the session has gone on. */
const attemptSeconds = 10;

/** Seconds before each repetition. The first ones are dense: a lost answer is given again for a short time only. */
const delays = [0.3, 1, 2, 4, 8] as const;

export interface Refresher {
  /** Waits for the refresh under way, or for a new one. Resolves also when the session has ended. */
  readonly refresh: () => Promise<void>;
  /**
   * Interrupts the refresh under way and lets none begin until it is released.
   *
   * @param grace - seconds in which the request may end by itself before it is aborted. Its answer is dropped.
   */
  hold(grace?: number): Hold;
  /** Stores a pair and then puts it into use. Keeps it unused when it cannot be stored. */
  keep(received: Received, signal: AbortSignal): Promise<unknown>;
  /** The page goes away: lets the browser get the cookie of the refresh under way. */
  leave(): void;
  /** Sends the access token to the other tabs. */
  announce(): void;
}

interface Hold {
  readonly release: () => void;
  /** Resolves when no request of a refresh is under way. */
  readonly quiet: Promise<unknown> | undefined;
}

interface Flight {
  readonly life: AbortController;
  /** Of the attempt under way. */
  attempt?: AbortController;
  /** Resolves when the request of the attempt has ended or is aborted. */
  request?: Promise<unknown>;
  /** Seconds that the request may go on after the attempt was interrupted. */
  grace: number;
  /** Instant until which it sleeps because the server wants it, in milliseconds of `performance`. */
  sleepsUntil: number;
  refusal?: Refusal | undefined;
  readonly waiters: Set<() => void>;
  done: Promise<void>;
}

/** What an attempt has led to, if the refresh is not done: what to do before the next one. */
interface Failure {
  /** Absent: the next attempt follows at once. */
  readonly cause?: string;
  readonly refusal?: Refusal | undefined;
}

/** The next attempt follows at once. */
const again: Failure = {};

export function createRefresher(
  options: CheckedOptions,
  session: Session,
  vault: Vault,
  post: PostToMount,
  tabs: Tabs,
  closing: AbortSignal,
): Refresher {
  const { isCookie, wait, sendAccessToken } = options;
  const path = isCookie ? '/refresh?optional' : '/refresh';
  const holds = new Set<Promise<unknown>>();
  let flight: Flight | undefined;

  closing.addEventListener('abort', () => {
    // No caller waits that long. The attempt under way keeps what it gets: without it, the next start would look like a theft.
    if (flight) doze(flight, Infinity);
    flight?.life.abort();
  });
  session.onEpoch = () => {
    flight?.life.abort();
    flight?.attempt?.abort();
    flight = undefined;
  };

  async function refresh(): Promise<void> {
    if (closing.aborted) throw new ClientError('unavailable');
    const mine = (flight ??= depart());
    const end = performance.now() + wait * 1_000;
    return within(
      wait,
      (control) => {
        const look = () => mine.sleepsUntil > end && control.abort();
        mine.waiters.add(look);
        look();
        return mine.done;
      },
      () => {
        throw new ClientError(
          'unavailable',
          mine.refusal,
          holds.size > 0 && 'a login is under way',
        );
      },
    );
  }

  function depart(): Flight {
    const mine: Flight = {
      life: new AbortController(),
      sleepsUntil: 0,
      grace: 0,
      waiters: new Set(),
    } as never;
    mine.done = fly(mine)
      .catch((error: unknown) => {
        if (!mine.life.signal.aborted) throw error;
        throw new ClientError(closing.aborted ? 'unavailable' : 'session_changed');
      })
      .finally(() => {
        if (flight === mine) flight = undefined;
      });
    mine.done.catch(ignore);
    return mine;
  }

  async function fly(mine: Flight): Promise<void> {
    const { access } = session;
    const { signal } = mine.life;
    let failure: Failure = {};
    for (let attempt = 0; attempt <= delays.length; attempt += 1) {
      if (failure.cause) await rest(mine, attempt, failure);
      await unlessAborted(isOnline(), signal);
      while (holds.size > 0) await unlessAborted(Promise.all(holds), signal);
      // A login has brought it meanwhile.
      if (session.access && access !== session.access && !session.unsaved) return;
      // What is late is dropped.
      const next = await within<Failure | undefined>(
        attemptSeconds,
        (control) => {
          mine.attempt = control;
          return attemptOnce(mine, control.signal);
        },
        () => again,
      );
      if (!next) return;
      failure = next;
      // Interrupted for a login: this was no attempt.
      if (holds.size > 0) attempt -= 1;
    }
    throw new ClientError('unavailable', failure.refusal, failure.cause);
  }

  async function rest(mine: Flight, attempt: number, { refusal, cause }: Failure): Promise<void> {
    const asked = refusal?.retry_after ?? 0;
    const seconds =
      asked > 0
        ? Math.min(asked, 60)
        : (delays[attempt - 1] as number) * (0.75 + Math.random() / 2);
    tell(options.onEvent, { type: 'retry', path: '/refresh', attempt, wait: seconds, cause });
    mine.refusal = refusal;
    if (refusal) doze(mine, performance.now() + seconds * 1_000);
    await sleep(seconds, mine.life.signal, true);
    mine.sleepsUntil = 0;
  }

  /** Callers that cannot wait as long hear it at once. */
  function doze(mine: Flight, until: number): void {
    mine.sleepsUntil = until;
    for (const look of mine.waiters) look();
  }

  async function attemptOnce(mine: Flight, signal: AbortSignal): Promise<Failure | undefined> {
    // A change of the session that this refresh brings does not abort it.
    const land = () => {
      if (flight === mine) flight = undefined;
      session.isFresh = false;
    };
    if (session.unsaved) return keep(session.unsaved, signal, land);
    const presented = await vault.read();
    if (signal.aborted) return again;
    if (!presented) {
      land();
      session.signedOut('elsewhere');
      return undefined;
    }
    let answer: Answer;
    try {
      answer = await ask(mine, presented, signal);
    } catch {
      return { cause: 'no answer' };
    }
    if (signal.aborted) return again;
    const { pair, refusal, cause, json } = answer;
    if (pair) return keep(session.receive(pair, presented), signal, land);
    const isNone = isCookie && json['code'] === 'refresh_token_missing';
    if (isNone || refusal?.action === 'login') {
      const found = await vault.replace(presented, undefined, signal);
      if (signal.aborted || found === 'other') return again;
      land();
      session.signedOut(found === 'gone' ? 'elsewhere' : 'ended');
      return undefined;
    }
    if (!refusal || refusal.action === 'retry') return { cause, refusal };
    throw new ClientError('misconfigured', refusal, cause);
  }

  function ask(mine: Flight, presented: Stored, signal: AbortSignal): Promise<Answer> {
    const control = new AbortController();
    const request = send(presented, control.signal);
    mine.request = unlessAborted(request, control.signal).catch(ignore);
    mine.grace = 0;
    signal.addEventListener('abort', () => {
      if (mine.grace > 0) startTimer(() => control.abort(), mine.grace);
      else control.abort();
    });
    return unlessAborted(request, signal);
  }

  async function send({ refresh_token }: Stored, signal: AbortSignal): Promise<Answer> {
    const parameters = { refresh_token };
    const access_token = sendAccessToken ? session.access?.token : undefined;
    const answer = await post(path, { ...parameters, access_token }, { signal });
    // It says nothing about the refresh token.
    return access_token !== undefined && answer.refusal?.code === 'token_pair_mismatch'
      ? post(path, parameters, { signal })
      : answer;
  }

  async function keep(
    received: Received,
    signal: AbortSignal,
    land: () => void = ignore,
  ): Promise<Failure | undefined> {
    const { pair, presented, since, number } = received;
    const { epoch } = session;
    let found: Found;
    try {
      found = await vault.replace(presented, pair, signal);
    } catch (error) {
      if (epoch === session.epoch && !signal.aborted) session.unsaved = received;
      throw error;
    }
    if (signal.aborted) return again;
    if (found === 'other') {
      session.unsaved = undefined;
      return again;
    }
    land();
    if (found === 'gone') session.signedOut('elsewhere');
    else {
      const id = pair.session_id ?? presented?.session_id ?? session.id() ?? '';
      const access = toAccessToken(pair.access_token, pair.expires_in, since, number);
      session.signedIn(id, access, pair.refresh_expires_in);
      announce();
    }
    return undefined;
  }

  function announce(): void {
    const { access } = session;
    const session_id = session.id();
    if (!access || session_id === undefined) return;
    const left = secondsLeft(access);
    const expires = left === Infinity ? {} : { expires_in: left };
    tabs.send({ type: 'token', access_token: access.token, session_id, ...expires });
  }

  return {
    refresh,
    keep,
    announce,
    hold(grace = 0) {
      let resolve: () => void;
      const held = new Promise<void>((done) => {
        resolve = done;
      });
      holds.add(held);
      if (flight) flight.grace = grace;
      flight?.attempt?.abort();
      return {
        quiet: flight?.request,
        release() {
          holds.delete(held);
          resolve();
        },
      };
    },
    leave() {
      if (flight && isCookie) post(path, {}, { keepalive: true }).catch(ignore);
    },
  };
}

/** `navigator.onLine` is often true without a connection; only `false` says something. */
async function isOnline(): Promise<void> {
  if ((globalThis as { navigator?: Navigator }).navigator?.onLine !== false) return;
  await new Promise((resolve) => {
    addEventListener('online', resolve, { once: true });
  });
}

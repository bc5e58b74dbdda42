// Lives many days: a user with a browser of eight tabs and a phone, a bad network, a store that fails, and a thief who copies refresh
// tokens now and then. Time is virtual. The same seed gives the same days.

import { randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  type SessionStore,
  type TokenIssuerOptions,
  type TokenpairEvent,
} from '@tokenpair/core';
import { breakable, type Breakage } from '@tokenpair/testing';

import type { Replacement } from '../../support/source-copy.js';
import { createRandom } from '../../support/tabs/random.js';
import { createBrowser, createPhone, type Device } from './devices.js';
import { createNetwork } from './network.js';
import { services, type Framework, type Transport } from './service.js';
import { createThief } from './thief.js';
import { createVirtualTime, type VirtualTime } from './virtual-time.js';

export interface Life {
  readonly seed: number;
  readonly days: number;
  readonly framework: Framework;
  readonly transport: Transport;
  openStore(now: () => number): Promise<SessionStore> | SessionStore;
  readonly issuer?: Partial<TokenIssuerOptions>;
  /** Mistakes in the client. */
  readonly mistakes?: readonly Replacement[];
}

export interface LifeReport {
  /** What must not happen: an honest user was signed out, or did not get an answer although the network was good. */
  readonly faults: readonly string[];
  /** Thefts that were used while the session was alive. */
  readonly thefts: number;
  /** What a thief got away with. */
  readonly escapes: readonly string[];
  readonly requests: number;
  readonly moments: number;
  /** How refreshes were answered. */
  readonly refreshes: Readonly<Record<string, number>>;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const reportTime = 251;
const breakages: readonly Breakage[] = ['down', 'slow', 'garbled', 'mute'];

export async function liveDays(life: Life): Promise<LifeReport> {
  const { seed, framework, transport } = life;
  const random = createRandom(seed);
  const time = createVirtualTime();
  const began = time.now();
  const faults: string[] = [];
  const refreshes: Record<string, number> = {};
  /** Sessions that have ended on the server, and why. */
  const ended = new Map<string, string>();
  const sound = await life.openStore(time.now);
  const faulty = breakable(withTime(sound, time));
  const tokens = createTokenIssuer({
    issuer: 'https://issuer.test',
    audience: 'https://api.test',
    keys: [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32) }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    accessTokenLifetime: '5m',
    absoluteLifetime: '300d',
    clockTolerance: 0,
    clock: time.now,
    ...life.issuer,
    store: faulty.store,
    onEvent: hear,
  });
  const network = await createNetwork(services[framework](tokens, transport), time, random);

  const around = {
    time,
    network,
    random,
    mistakes: life.mistakes ?? [],
    onSignedOut(device: Device, sessionId: string) {
      if (!ended.has(sessionId)) complain(`the ${device.name} is signed out of a live session`);
    },
  };
  const devices = [createBrowser(transport, around), createPhone(around)] as const;
  const thief = createThief({ network, random, ended, now: time.now });
  const story: string[] = [];
  let moments = 0;

  function complain(text: string): void {
    faults.push(`seed ${seed}, ${now()}: ${text}. Before that:\n${story.slice(-25).join('\n')}`);
  }

  function tell(text: string): void {
    story.push(`${now()} ${text}`);
  }

  function now(): string {
    const passed = time.now() - began;
    return `day ${Math.floor(passed / day)} ${new Date(passed).toISOString().slice(11, 23)}`;
  }

  function hear(event: TokenpairEvent): void {
    if ('sessionId' in event) {
      const { type, sessionId, ...more } = event as unknown as Record<string, string>;
      const { how = more['reason'], generation, presentedGeneration } = more;
      tell(`${type} ${String(sessionId).slice(-4)} ${how} ${presentedGeneration} -> ${generation}`);
    }
    if (event.type === 'session.refreshed') {
      refreshes[event.how] = (refreshes[event.how] ?? 0) + 1;
      thief.seeRefresh(event.sessionId);
    }
    if (event.type === 'session.revoked') ended.set(event.sessionId, event.reason);
    if (event.type === 'refresh.reused' && !thief.hasStolen(event.sessionId)) {
      complain(`an honest user is taken for a thief`);
      ended.set(event.sessionId, 'reused');
    }
  }

  /** Runs actions, with all that follows from them. */
  async function run(actions: () => unknown): Promise<void> {
    const done = actions();
    await time.finish();
    await done;
  }

  /** Lets time pass in which the server reports the use of an access token. */
  function report(): void {
    time.after(reportTime, () => {});
  }

  async function call(device: Device, index: number): Promise<unknown> {
    const tab = device.tab(index);
    tell(`${device.name} ${index} calls`);
    try {
      const response = await tab.client.fetch(`${network.origin}/me`);
      if (response.status === 200) report();
      const text = await response.text();
      return response.status === 200 && text.startsWith('{')
        ? (JSON.parse(text) as { user: string }).user
        : response.status;
    } catch (error) {
      return (error as { code?: string }).code ?? (error as Error).message;
    }
  }

  /** With a good network: the user is signed in, or the server has ended the session. */
  async function checkIn(device: Device, index: number): Promise<void> {
    network.isRough = false;
    // What is pending until the settle time has passed makes a caller wait longer than it wants to.
    time.skip(2 * minute);
    let answer: unknown;
    await run(async () => {
      answer = await call(device, index);
    });
    if (answer === 'ada') return;
    const { sessionId } = device.tab(index);
    const reason = ended.get(sessionId() || (current.get(device) ?? ''));
    if (reason === undefined) complain(`the ${device.name} gets ${String(answer)}`);
    await signIn(device);
  }

  /** The session that each device should have. */
  const current = new Map<Device, string>();

  async function signIn(device: Device): Promise<void> {
    network.isRough = false;
    const tab = device.tab(0);
    await run(async () => {
      try {
        const { sessionId } = await tab.client.signIn(tab.login);
        current.set(device, sessionId);
        await call(device, 0);
      } catch (error) {
        complain(`the ${device.name} cannot sign in: ${(error as Error).message}`);
      }
    });
  }

  async function live(device: Device): Promise<void> {
    const count = device.tabs.length;
    const pick = () => random(count - 1);
    network.isRough = true;
    const kind = random(99);
    tell(`${device.name}: a moment of kind ${kind}`);
    if (kind >= 5) {
      if (random(9) === 0) breakStore();
      if (random(9) === 0) faulty.loseNextAnswer();
    }
    if (kind < 3 && device.transport === 'cookie') {
      // The cookie says which session this one replaces.
      await signIn(device);
    } else if (kind < 5) {
      network.isRough = false;
      ended.set(current.get(device) as string, 'logout');
      await run(() => device.tab(pick()).client.signOut());
      await signIn(device);
    } else if (kind < 35) {
      // Several calls in one tab.
      const index = pick();
      await run(() => Array.from({ length: 1 + random(2) }, () => call(device, index)));
    } else if (kind < 60) {
      // All tabs within three seconds.
      await run(() => spread(3 * second, (index) => void call(device, index)));
    } else if (kind < 80) {
      // A tab is closed, or killed, during a call.
      const index = pick();
      const how = random(1) ? 'close' : 'kill';
      await run(() => {
        void call(device, index);
        time.after(random(1_500), () => device.tabs[index]?.[how]());
      });
    } else {
      // The machine is switched off, and restores all tabs.
      await run(() => {
        spread(500, (index) => void call(device, index));
        time.after(random(800), () => {
          for (const tab of device.tabs) tab?.kill();
        });
        time.after(minute + random(20 * minute), () => {
          spread(400, (index) => void call(device, index));
        });
      });
    }
    repairStore();
    await checkIn(device, pick());

    function spread(within: number, act: (index: number) => void): void {
      for (let index = 0; index < count; index += 1) time.after(random(within), () => act(index));
    }
  }

  function breakStore(): void {
    const how = breakages[random(3)] as Breakage;
    time.after(random(3_000), () => {
      faulty.break(how);
      time.isStuck = () => how === 'slow';
    });
    time.after(3_000 + random(40_000), repairStore);
  }

  function repairStore(): void {
    faulty.repair();
    time.isStuck = () => false;
  }

  try {
    for (const device of devices) await signIn(device);
    while (time.now() - began < life.days * day) {
      moments += 1;
      // Twice a year the user is on holiday.
      const gap = random(99) === 0 ? 10 * day : 10 * minute + random(22 * hour);
      time.skip(gap / 2);
      await run(() => thief.act(devices, report));
      time.skip(gap / 2);
      await live(random(2) === 0 ? devices[1] : devices[0]);
    }
    // What was stolen last comes to its end.
    for (let turn = 0; turn < 6; turn += 1) {
      for (const device of devices) {
        time.skip(hour);
        await run(() => thief.act([], report));
        time.skip(hour);
        await checkIn(device, 0);
      }
    }
  } finally {
    for (const device of devices) for (const tab of device.tabs) tab?.kill();
    await network.close();
    await sound.close?.();
  }
  const { thefts, escapes } = thief.report();
  return { faults, thefts, escapes, requests: network.count(), moments, refreshes };
}

/** Time waits for what the store does. */
function withTime(store: SessionStore, time: VirtualTime): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore) {
      const method = target[name] as unknown;
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        const end = time.begin();
        return (Reflect.apply(method, target, args) as Promise<unknown>).finally(end);
      };
    },
  });
}

// A service on a free port whose time is virtual, for clients with many tabs.

import {
  MemorySessionStore,
  type ClaimsHook,
  type TokenIssuer,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { startServer } from '../http.js';
import { createTestIssuer } from '../issuer.js';
import { openClient, type Client } from './client.js';
import type { CreateService, Transport } from './service.js';
import type { OpenSessionStore } from './replayed-store.js';
import { isAccusation } from './storm.js';
import { createVirtualTime, type Timeline } from './timeline.js';

/** Milliseconds. */
export const reuseInterval = 30_000;
export const settleTime = 2 * reuseInterval;

export interface VirtualWorld {
  readonly time: Timeline;
  /** Lets time pass in which nothing else happens. */
  wait(milliseconds: number): Promise<void>;
  /** Events that accuse a client or end its session. */
  readonly events: TokenpairEvent[];
  /** How each refresh that succeeded was answered, the first one first. */
  readonly refreshed: readonly string[];
  readonly tokens: TokenIssuer;
  openClient(): Client;
  close(): Promise<void>;
}

export interface WorldSettings {
  readonly createService: CreateService;
  readonly transport: Transport;
  /** Time of the claims hook at a refresh, in milliseconds; without it there is no hook. */
  readonly hookTime?: (() => number) | undefined;
  /** @defaultValue a store in memory */
  readonly openStore?: OpenSessionStore | undefined;
}

export async function openVirtualWorld(settings: WorldSettings): Promise<VirtualWorld> {
  const { createService, transport, hookTime, openStore = openMemory } = settings;
  const clock = createTestClock();
  const time = createVirtualTime(clock);
  const events: TokenpairEvent[] = [];
  const refreshed: string[] = [];
  const store = await openStore(clock.now);
  const claims: ClaimsHook = async (_subject, { reason }) => {
    if (reason === 'refresh') await time.sleep(hookTime?.() ?? 0);
    return {};
  };
  const { tokens } = createTestIssuer({
    store,
    clock: clock.now,
    reuseInterval: reuseInterval / 1_000,
    onEvent(event) {
      if (isAccusation(event)) events.push(event);
      if (event.type === 'session.refreshed') refreshed.push(event.how);
    },
    ...(hookTime !== undefined && { claims }),
  });
  const server = await startServer(createService(tokens, transport));
  return {
    time,
    wait: (milliseconds) => time.run([() => time.sleep(milliseconds)]),
    events,
    refreshed,
    tokens,
    openClient: () => openClient(transport, server.port),
    async close() {
      await server.close();
      await store.close?.();
    },
  };
}

const openMemory: OpenSessionStore = (clock) => new MemorySessionStore({ clock, capacity: 10_000 });

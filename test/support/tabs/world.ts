// A service on a free port whose time is virtual, for clients with many tabs.

import { MemorySessionStore, type ClaimsHook, type TokenpairEvent } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { startServer } from '../http.js';
import { createTestIssuer } from '../issuer.js';
import { openClient, type Client } from './client.js';
import type { CreateService, Transport } from './service.js';
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
  openClient(): Client;
  close(): Promise<void>;
}

export interface WorldSettings {
  readonly createService: CreateService;
  readonly transport: Transport;
  /** Time of the claims hook at a refresh, in milliseconds; without it there is no hook. */
  readonly hookTime?: (() => number) | undefined;
}

export async function openVirtualWorld(settings: WorldSettings): Promise<VirtualWorld> {
  const { createService, transport, hookTime } = settings;
  const clock = createTestClock();
  const time = createVirtualTime(clock);
  const events: TokenpairEvent[] = [];
  const store = new MemorySessionStore({ clock: clock.now, capacity: 10_000 });
  const claims: ClaimsHook = async (_subject, { reason }) => {
    if (reason === 'refresh') await time.sleep(hookTime?.() ?? 0);
    return {};
  };
  const { tokens } = createTestIssuer({
    store,
    clock: clock.now,
    reuseInterval: reuseInterval / 1_000,
    onEvent: (event) => isAccusation(event) && events.push(event),
    ...(hookTime !== undefined && { claims }),
  });
  const server = await startServer(createService(tokens, transport));
  return {
    time,
    wait: (milliseconds) => time.run([() => time.sleep(milliseconds)]),
    events,
    openClient: () => openClient(transport, server.port),
    async close() {
      await server.close();
      await store.close();
    },
  };
}

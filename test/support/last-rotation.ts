// 24 clients over HTTP, each with a rotation that a failover loses: what they hold afterwards, and what they are answered.

import { setTimeout as sleep } from 'node:timers/promises';

import type { SessionStore, TokenpairEvent } from '@tokenpair/core';

import { startServer } from './http.js';
import { createTestIssuer, ownerOf } from './issuer.js';
import { openClient, type Answer, type Client } from './tabs/client.js';
import { createExpressService, type Transport } from './tabs/service.js';
import { isAccusation } from './tabs/storm.js';

/** Seconds. The settle time is twice as long. */
const reuseInterval = 3;
const settled = 2_000 * reuseInterval + 50;
const patience = 60_000;
/** A login and two rotations. */
const lostGeneration = 3;

/** What the tabs of a client hold when the store is one rotation behind. */
const kinds = {
  'one tab with the newer token': ['newer'],
  'one tab with the older token, whose answer was lost': ['older'],
  'two tabs with the newer token': ['newer', 'newer'],
  'two tabs, one with each token': ['newer', 'older'],
} as const;
type Kind = keyof typeof kinds;

interface Member {
  readonly client: Client;
  readonly transport: Transport;
  readonly kind: Kind;
  readonly older: Client['kept'];
  readonly subject: string;
}

export const clients = 24;

/** A database that replicates, and can lose its last writes. */
export interface Failover {
  readonly stores: readonly SessionStore[];
  /** Writes after this do not reach the replica. */
  stopReplication(): Promise<void>;
  /** Ends the primary; the replica takes over, now or a little later. */
  crash(): Promise<void>;
  /** Subjects whose sessions are on the primary that crashes. @defaultValue any */
  readonly subjects?: readonly string[];
}

export interface RotationReport {
  /** Clients that were served after the failover, and rotated once more after the settle time. */
  readonly signedIn: number;
  /** Answers of 401 or 403. */
  readonly refused: readonly unknown[];
  readonly accusations: readonly string[];
  /** Rotations that core wrote again and answered. On a busy machine some answers come too late, and the next call finds the rotation. */
  readonly redone: number;
  /** Sessions that have the generation again that the failover lost. */
  readonly restored: number;
  /** Clients whose one tab had the newer token: whether the answer told them to store another one. */
  readonly toldToStore: readonly boolean[];
}

/** Lets every client rotate twice, the second time without a replica, and then crashes the primary. */
export async function loseLastRotation(failover: Failover): Promise<RotationReport> {
  const events: TokenpairEvent[] = [];
  const { another } = createTestIssuer({
    clock: Date.now,
    reuseInterval,
    onEvent: (event) => events.push(event),
  });
  const issuers = failover.stores.map((store) => another({ store }));
  const services = await Promise.all(
    (['cookie', 'body'] as const).flatMap((transport) =>
      issuers.map(async (tokens) => ({
        transport,
        server: await startServer(createExpressService(tokens, transport)),
      })),
    ),
  );
  const refused: unknown[] = [];
  const toldToStore: boolean[] = [];
  let signedIn = 0;
  let restored = 0;

  async function generationOf(subject: string): Promise<number> {
    const [store] = failover.stores;
    for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
      const sessions = await store?.list(ownerOf(subject)).catch(() => undefined);
      if (sessions !== undefined) return sessions[0]?.generation ?? 0;
    }
    throw new Error(`the store did not answer for ${patience} ms`);
  }

  async function insist(client: Client, sent: string | undefined): Promise<Answer> {
    const answer = await untilServed(() => client.refresh(sent));
    if (answer.status !== 200) refused.push(answer);
    return answer;
  }

  try {
    // One after the other: a login that meets the deadline of the store on a busy machine is not what is tried here.
    const members: Member[] = [];
    for (let number = 0; number < clients; number += 1) {
      const { transport, server } = services[number % services.length] as (typeof services)[0];
      const client = openClient(transport, server.port);
      const subject = failover.subjects?.[number] ?? `u_${number}`;
      client.receive(undefined, await untilServed(() => client.login(subject)));
      await rotate(client);
      const kind = Object.keys(kinds)[number % 4] as Kind;
      members.push({ client, transport, kind, older: client.kept, subject });
    }
    await sleep(settled);
    await failover.stopReplication();
    await Promise.all(members.map(({ client }) => rotate(client)));
    await failover.crash();

    await Promise.all(
      members.map(async ({ client, transport, kind, older }) => {
        const held = { newer: client.kept, older };
        if (kind === 'one tab with the older token, whose answer was lost') client.kept = older;
        const answers = await Promise.all(
          kinds[kind].map(async (which) => {
            const answer = await insist(client, held[which]);
            client.receive(held[which], answer);
            return answer;
          }),
        );
        if (kind === 'one tab with the newer token') {
          toldToStore.push(answers.some((answer) => tellsToStore(answer, held.newer, transport)));
        }
        await expectToBeSignedIn(client, answers.at(-1) as Answer);
      }),
    );
    for (const { subject } of members) {
      if ((await generationOf(subject)) >= lostGeneration) restored += 1;
    }
    await sleep(settled);
    for (const { client } of members) {
      await rotate(client);
      signedIn += 1;
    }
  } finally {
    await Promise.all(services.map(({ server }) => server.close()));
  }
  const redone = events.filter(
    (event) => event.type === 'session.refreshed' && event.how === 'redone',
  ).length;
  process.stdout.write(
    `each of ${clients} clients lost its last rotation: ${signedIn} signed in, ${redone} rotations written again\n`,
  );
  return {
    signedIn,
    refused,
    accusations: events.filter(isAccusation).map(({ type }) => type),
    redone,
    restored,
    toldToStore,
  };
}

/** What {@link loseLastRotation} reports when no client notices the failover. */
export const noClientSignedOut: Omit<RotationReport, 'redone'> = {
  signedIn: clients,
  refused: [],
  accusations: [],
  restored: clients,
  toldToStore: Array.from({ length: clients / 4 }, () => false),
};

/** Asks until the answer is not a 503, as clients do. On a busy machine a healthy store may miss its deadline too. */
async function untilServed(ask: () => Promise<Answer>): Promise<Answer> {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
  throw new Error(`nothing but 503 for ${patience} ms`);
}

async function rotate(client: Client): Promise<void> {
  const sent = client.kept;
  const answer = await untilServed(() => client.refresh(sent));
  expect(answer.status).toBe(200);
  client.receive(sent, answer);
  expect(client.kept).not.toBe(sent);
}

/** A redone rotation sends no cookie, and in a body the token that the client has. */
function tellsToStore(
  { refreshToken }: Answer,
  kept: string | undefined,
  transport: Transport,
): boolean {
  return transport === 'cookie' ? refreshToken !== undefined : refreshToken !== kept;
}

async function expectToBeSignedIn(client: Client, { accessToken }: Answer): Promise<void> {
  expect((await client.me(accessToken)).status).toBe(200);
  expect(await untilServed(() => client.refresh(client.kept))).toMatchObject({ status: 200 });
}

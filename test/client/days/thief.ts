// A thief copies refresh tokens and uses them at other times than the owner. The design promises: the session ends at the latest with
// the owner's refresh after both have been served, so a thief gets two pairs at most.

import type { Random } from '../../support/tabs/random.js';
import type { Device } from './devices.js';
import type { Network } from './network.js';

export interface Thief {
  /** Copies a token, or uses what was copied. To be called when no device does anything, and not within a minute of that. */
  act(devices: readonly Device[], onUse: () => void): Promise<void>;
  hasStolen(sessionId: string): boolean;
  /** This session was refreshed. */
  seeRefresh(sessionId: string): void;
  report(): { readonly thefts: number; readonly escapes: readonly string[] };
}

interface Loot {
  readonly device: Device;
  readonly sessionId: string;
  token: string;
  /** Turns until it is used first. */
  patience: number;
  pairs: number;
  /** Whether the owner has refreshed since the thief was served last. */
  ownerCame: boolean;
  isOver: boolean;
}

const mostPairs = 2;

export function createThief({
  network,
  random,
  ended,
  now,
}: {
  readonly network: Network;
  readonly random: Random;
  readonly ended: ReadonlyMap<string, string>;
  readonly now: () => number;
}): Thief {
  const loots: Loot[] = [];
  const escapes: string[] = [];
  let isActing = false;
  let thefts = 0;

  async function use(loot: Loot, onUse: () => void): Promise<void> {
    const { mount, transport } = loot.device;
    const isCookie = transport === 'cookie';
    isActing = true;
    const { status, headers, body } = await network.send({
      method: 'POST',
      path: `${mount}/refresh`,
      headers: isCookie
        ? { Cookie: `__Host-refresh_token=${loot.token}`, 'Sec-Fetch-Site': 'same-origin' }
        : { 'Content-Type': 'application/x-www-form-urlencoded' },
      ...(!isCookie && { body: `refresh_token=${loot.token}` }),
    });
    isActing = false;
    if (status === 503) return;
    if (status === 401) {
      loot.isOver = true;
      thefts += 1;
      const reason = ended.get(loot.sessionId);
      if (reason === undefined) escape(loot, 'was refused, and the session goes on');
      return;
    }
    loot.pairs += 1;
    loot.ownerCame = false;
    if (loot.pairs > mostPairs) {
      loot.isOver = true;
      thefts += 1;
      escape(loot, `got ${loot.pairs} pairs`);
      return;
    }
    const pair = JSON.parse(body) as { access_token: string; refresh_token?: string };
    const line = headers['set-cookie'] ?? '';
    loot.token =
      pair.refresh_token ?? /^__Host-refresh_token=([^;]+)/.exec(line)?.[1] ?? loot.token;
    if (random(1) === 0) return;
    const Authorization = `Bearer ${pair.access_token}`;
    await network.send({ path: '/me', headers: { Authorization } });
    onUse();
  }

  function escape({ device, sessionId }: Loot, what: string): void {
    escapes.push(`at ${now()}, ${device.name}, session ${sessionId}: the thief ${what}`);
  }

  return {
    async act(devices, onUse) {
      const isRough = network.isRough;
      network.isRough = false;
      for (const loot of loots) {
        if (loot.isOver || loot.patience-- > 0) continue;
        // The session has ended otherwise, by a new login for example: there is nothing to steal.
        if (ended.has(loot.sessionId) && loot.pairs === 0) loot.isOver = true;
        else if (loot.ownerCame || loot.pairs === 0) await use(loot, onUse);
      }
      network.isRough = isRough;
      for (const device of devices) {
        const isFree = loots.every((loot) => loot.isOver || loot.device !== device);
        const token = device.token();
        if (!isFree || token === undefined || random(19) > 0) continue;
        const [tab] = device.tabs.filter((one) => one !== undefined && one.sessionId() !== '');
        if (!tab) continue;
        loots.push({
          device,
          sessionId: tab.sessionId(),
          token,
          patience: random(5),
          pairs: 0,
          ownerCame: false,
          isOver: false,
        });
      }
    },
    hasStolen: (sessionId) =>
      loots.some((loot) => loot.sessionId === sessionId && (loot.pairs > 0 || isActing)),
    seeRefresh(sessionId) {
      if (isActing) return;
      for (const loot of loots) if (loot.sessionId === sessionId) loot.ownerCame = true;
    },
    report: () => ({
      thefts,
      escapes: [
        ...escapes,
        ...loots
          .filter((loot) => !loot.isOver && loot.pairs > 0 && !ended.has(loot.sessionId))
          .map((loot) => `${loot.device.name}: the thief was never caught`),
      ],
    }),
  };
}

// Tests reuse detection over real HTTP, in virtual time: a thief with a copied refresh token, and an owner with many tabs.

import type { Client } from '../support/tabs/client.js';
import { createRandom } from '../support/tabs/random.js';
import { createExpressService, type Transport } from '../support/tabs/service.js';
import { runStorm } from '../support/tabs/storm.js';
import {
  openVirtualWorld,
  reuseInterval,
  settleTime,
  type VirtualWorld,
} from '../support/tabs/world.js';

const second = 1_000;
const signedOut = { status: 401, code: 'refresh_token_invalid', action: 'login' };
const once = ['refresh.reused', 'session.revoked'];

describe.each<Transport>(['cookie', 'body'])('in %s transport', (transport) => {
  let world: VirtualWorld;
  let owner: Client;
  let thief: Client;

  beforeEach(async () => {
    world = await openVirtualWorld({ createService: createExpressService, transport });
    owner = world.openClient();
    thief = world.openClient();
    owner.receive(undefined, await owner.login('owner'));
  });
  afterEach(() => world.close());

  it.each([0, 1, 2, 3])(
    'a thief with the token of rotation %i is caught after the owner has refreshed again',
    async (index) => {
      for (let rotation = 0; rotation < 4; rotation += 1) await moveOn();
      expect(owner.seen).toHaveLength(5);
      await world.wait(settleTime + second);
      expect(await thief.refresh(owner.seen[index])).toMatchObject(signedOut);
      expect(accusations()).toEqual(once);
      expect(await owner.refresh(owner.kept)).toMatchObject(signedOut);
      expect(await thief.refresh(owner.seen[index])).toMatchObject(signedOut);
      expect(accusations()).toEqual(once);
    },
  );

  it('a thief with a token older than the predecessor is caught at any time', async () => {
    await moveOn();
    await moveOn();
    expect(await thief.refresh(owner.seen[0])).toMatchObject(signedOut);
    expect(accusations()).toEqual(once);
    expect(await owner.refresh(owner.kept)).toMatchObject(signedOut);
  });

  it.each([1, 2, 3, 4, 5])(
    'a thief with any spent token is caught after the storm with seed %i',
    async (seed) => {
      const storm = { tabs: 8, spread: 3 * settleTime, refreshes: 3, jitter: 2 * second };
      const random = createRandom(seed);
      const { time, events } = world;
      const round = { time, client: owner, subject: 'owner', random, events };
      expect(await runStorm(round, storm)).toMatchObject({ refused: [] });
      await moveOn();
      expect(accusations()).toEqual([]);
      await world.wait(settleTime + second);
      const spent = owner.seen.filter((token) => token !== owner.kept);
      expect(await thief.refresh(spent[random(spent.length - 1)])).toMatchObject(signedOut);
      expect(accusations()).toEqual(once);
      expect(await owner.refresh(owner.kept)).toMatchObject(signedOut);
    },
  );

  it('a thief who refreshes first is caught by the next refresh of the owner', async () => {
    await moveOn();
    await world.wait(settleTime + second);
    const copied = owner.kept;
    const gained = await thief.refresh(copied);
    expect(gained.status).toBe(200);
    thief.receive(thief.kept, gained);
    await world.wait(settleTime + second);
    expect(await owner.refresh(owner.kept)).toMatchObject(signedOut);
    expect(accusations()).toEqual(once);
    expect(await thief.refresh(thief.seen.at(-1))).toMatchObject(signedOut);
  });

  it('a thief who refreshes first is caught once, however many tabs the owner has', async () => {
    await moveOn();
    await world.wait(settleTime + second);
    expect((await thief.refresh(owner.kept)).status).toBe(200);
    await world.wait(settleTime + second);
    const copies = Array.from({ length: 8 }, () => owner.refresh(owner.kept));
    for (const answer of await Promise.all(copies)) expect(answer).toMatchObject(signedOut);
    expect(accusations()).toEqual(once);
  });

  it.each([reuseInterval + 1, settleTime - 10 * second, settleTime])(
    'a spent token %i ms after its rotation gets refresh_pending, and ends the session when it comes again',
    async (age) => {
      await moveOn();
      const [spent] = owner.seen;
      await world.wait(age);
      const answer = await thief.refresh(spent);
      expect(answer).toMatchObject({ status: 503, code: 'refresh_pending', action: 'retry' });
      expect(answer.refreshToken).toBeUndefined();
      const wait = (answer.retryAfter as number) * second;
      expect(wait).toBe(Math.max(second, Math.ceil((settleTime - age) / second) * second));
      expect(accusations()).toEqual([]);
      expect((await owner.refresh(owner.kept)).status).toBe(200);
      await world.wait(wait + 1);
      expect(await thief.refresh(spent)).toMatchObject(signedOut);
      expect(accusations()).toEqual(once);
    },
  );

  function accusations(): readonly string[] {
    return world.events.map(({ type }) => type);
  }

  /** The owner refreshes after the settle time, so the session rotates. */
  async function moveOn(): Promise<void> {
    await world.wait(settleTime + second);
    const sent = owner.kept;
    const answer = await owner.refresh(sent);
    expect(answer.status).toBe(200);
    owner.receive(sent, answer);
    expect(owner.kept).not.toBe(sent);
  }
});

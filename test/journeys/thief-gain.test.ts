// Measures what a thief with a copied refresh token gains at most, over real HTTP with a clock that the test sets. Owner and
// thief take turns, never within the settle time of each other, unless a test says so. Every game that the thief can play is played: in each turn the
// thief presents one of the tokens that were copied or gained, or stays away. What counts is the access tokens of the thief.

import { sendReports, useReportTimer } from '../support/report-timer.js';
import type { Answer, Client } from '../support/tabs/client.js';
import { createExpressService, createRelayService } from '../support/tabs/service.js';
import { openVirtualWorld, reuseInterval, type VirtualWorld } from '../support/tabs/world.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const turns = 4;

/** Time between two turns: half of an access-token lifetime, hours, and more than half of the time for a recovery. */
const paces = [2.5 * minute, hour, 13 * hour];

interface Column {
  readonly key: 'none' | 'one' | 'every' | 'relay';
  readonly name: string;
  readonly isReportedOnce: boolean;
  readonly isEveryUseReported: boolean;
}

const columns: readonly Column[] = [
  { key: 'none', name: 'no use is reported', isReportedOnce: false, isEveryUseReported: false },
  {
    key: 'one',
    name: 'one use is reported, then none',
    isReportedOnce: true,
    isEveryUseReported: false,
  },
  { key: 'every', name: 'every use is reported', isReportedOnce: true, isEveryUseReported: true },
  {
    key: 'relay',
    name: 'every use is reported, through a relay',
    isReportedOnce: true,
    isEveryUseReported: true,
  },
];

/** What the owner does after the token was copied and before the first turn of the thief. */
interface Row {
  readonly stolen: string;
  prepare(owner: Player): Promise<void>;
  readonly most: Readonly<Record<Column['key'], number>>;
}

const rows: readonly Row[] = [
  {
    stolen: 'the current token, used before the owner uses it',
    prepare: async () => {},
    most: { none: 1, one: 2, every: 1, relay: 2 },
  },
  {
    stolen: 'the predecessor, whose successor the owner has',
    prepare: (owner) => owner.refresh(),
    most: { none: 0, one: 1, every: 0, relay: 1 },
  },
  {
    stolen: 'the predecessor, whose answer the owner lost',
    prepare: (owner) => owner.loseAnswer(),
    most: { none: 0, one: 2, every: 1, relay: 2 },
  },
  {
    stolen: 'an older token',
    async prepare(owner) {
      await owner.refresh();
      await owner.refresh();
    },
    most: { none: 0, one: 0, every: 0, relay: 0 },
  },
];

/** Somebody who refreshes, with one access token for each refresh that is served. */
interface Player {
  readonly client: Client;
  refresh(): Promise<void>;
  loseAnswer(): Promise<void>;
}

/** A game that was played: what the thief presented in each turn, `undefined` to stay away. */
interface Game {
  readonly gained: number;
  readonly hasEnded: boolean;
  readonly accusations: number;
  /** How many tokens the thief has to choose from after it. */
  readonly choices: number;
}

beforeAll(() => useReportTimer());
afterAll(() => {
  jest.useRealTimers();
});

describe.each(columns)('when $name', (column) => {
  let world: VirtualWorld;
  let logins = 0;

  beforeAll(async () => {
    const createService = column.key === 'relay' ? createRelayService : createExpressService;
    world = await openVirtualWorld({ createService, transport: 'cookie' });
  });
  afterAll(() => world.close());

  it.each(rows)(
    `a thief with $stolen, gets at most $most.${column.key} access tokens`,
    async (row) => {
      let most = 0;
      for (const pace of paces) {
        const games = await playAll(row, pace);
        const best = Math.max(...games.map(({ gained }) => gained));
        most = Math.max(most, best);
        const ends = games.some(({ gained, hasEnded }) => gained === best && hasEnded);
        expect({ pace, ends }).toEqual({ pace, ends: true });
        // Nobody is accused in a session that goes on.
        for (const { hasEnded, accusations } of games) expect(accusations).toBe(hasEnded ? 1 : 0);
      }
      expect(most).toBe(row.most[column.key]);
    },
    60_000,
  );

  it.each(rows)(
    'a thief with $stolen, stays in at most until the next refresh of an owner who stays away',
    async (row) => {
      const { owner, thief, accusations } = await begin(row, hour);
      const served: boolean[] = [];
      for (let turn = 0; turn < 6; turn += 1) {
        await world.wait(hour);
        const answer = await thief.refresh(thief.seen.at(-1));
        served.push(answer.status === 200);
        await use(thief, answer);
      }
      // Whoever gets in once stays in. Who is not let in has ended the session.
      expect(served).toEqual(served.map(() => row.most[column.key] > 0));
      await world.wait(hour);
      expect((await owner.client.refresh(owner.client.kept)).status).toBe(401);
      expect(accusations()).toBe(1);
      expect((await thief.refresh(thief.seen.at(-1))).status).toBe(401);
    },
  );

  it('a thief who comes within the reuse interval of the owner each time stays in, and events show it', async () => {
    const { owner, thief, accusations } = await begin(rows[0] as Row, hour);
    const before = world.refreshed.length;
    for (let turn = 0; turn < 6; turn += 1) {
      await owner.refresh();
      await world.wait(reuseInterval - second);
      const answer = await thief.refresh(thief.seen.at(-1));
      expect(answer.status).toBe(200);
      await use(thief, answer);
    }
    expect(accusations()).toBe(0);
    const how = world.refreshed.slice(before);
    expect(how.filter((one) => one !== 'rotated')).toEqual(Array(6).fill('replayed'));
  });

  /** Plays every game, one after the other, each with a session of its own. */
  async function playAll(row: Row, pace: number): Promise<readonly Game[]> {
    const games: Game[] = [];
    async function explore(moves: readonly (number | undefined)[]): Promise<void> {
      const game = await play(row, pace, moves);
      if (game.hasEnded || moves.length === turns) {
        games.push(game);
        return;
      }
      for (let choice = 0; choice < game.choices; choice += 1) await explore([...moves, choice]);
      await explore([...moves, undefined]);
    }
    await explore([]);
    return games;
  }

  async function play(
    row: Row,
    pace: number,
    moves: readonly (number | undefined)[],
  ): Promise<Game> {
    const { owner, thief, accusations } = await begin(row, pace);
    let gained = 0;
    let hasEnded = false;
    for (const move of moves) {
      await world.wait(pace);
      if (move !== undefined) {
        const answer = await thief.refresh(thief.seen[move]);
        if (answer.status === 200) gained += 1;
        await use(thief, answer);
      }
      await world.wait(pace);
      const answer = await owner.client.refresh(owner.client.kept);
      hasEnded = answer.status === 401;
      if (hasEnded) break;
      owner.client.receive(owner.client.kept, answer);
      await use(owner.client, answer);
    }
    return { gained, hasEnded, accusations: accusations(), choices: thief.seen.length };
  }

  async function begin({ prepare }: Row, pace: number) {
    const client = world.openClient();
    const subject = `u_${(logins += 1)}`;
    const login = await client.login(subject);
    client.receive(undefined, login);
    if (column.isReportedOnce) await report(client, login);
    const owner: Player = {
      client,
      async refresh() {
        await world.wait(pace);
        const answer = await client.refresh(client.kept);
        client.receive(client.kept, answer);
        await use(client, answer);
      },
      async loseAnswer() {
        await world.wait(pace);
        await client.refresh(client.kept);
      },
    };
    await owner.refresh();
    const thief = world.openClient();
    thief.seen.push(client.kept ?? '');
    await prepare(owner);
    const accusations = () =>
      world.events.filter((event) => event.type === 'refresh.reused' && event.subject === subject)
        .length;
    return { owner, thief, accusations };
  }

  async function use(client: Client, answer: Answer): Promise<void> {
    if (column.isEveryUseReported && answer.status === 200) await report(client, answer);
  }
});

async function report(client: Client, { accessToken }: Answer): Promise<void> {
  expect((await client.me(accessToken)).status).toBe(200);
  await sendReports();
}

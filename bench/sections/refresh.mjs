// Section `refresh`: a refresh from the token to the next pair, a forged token refused, rotation on Redis against other
// ways to do it, and whether any of it grows with what is stored.

import { entriesOf, createEntry } from '../lib/contestants.mjs';
import { byGroup, inGroup } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { readMaterial, writeMaterial } from '../lib/material.mjs';
import { clients, commandsDuring, withRedis } from '../lib/redis.mjs';
import { ratio } from '../lib/statistics.mjs';
import { toCount, toRatio, toSpread, toTable, toTime } from '../lib/table.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';
import { partsTable, restTarget } from './issue.mjs';

const workOf = (name) => new URL(`../work/${name}.mjs`, import.meta.url).href;
const libraries = Object.keys(clients);
const ours = { rotate: 'tokenpair, store.rotate', refresh: 'tokenpair, refreshTokenPair' };

export async function run({ plan, algorithms, quick, only, log }) {
  const material = writeMaterial(1);
  const figures = [];
  const measure = async (title, jobs) => {
    if (!only(title)) return;
    log(`refresh: ${title}`);
    figures.push(...(await interleave(jobs, plan)));
  };

  await measure(
    'memory',
    algorithms.map((algorithm) => ({
      name: algorithm,
      group: 'memory',
      work: workOf('refresh'),
      sessions: quick ? 50 : 1_000,
      material,
      algorithm,
    })),
  );
  await measure('forged', [
    { name: 'forged', group: 'forged', work: workOf('forged'), material, algorithm: 'HS256' },
  ]);
  const grown = { group: 'growth', work: workOf('refresh'), material, algorithm: 'HS256' };
  await measure('growth', [
    ...(quick ? [1, 100] : [1, 1_000, 100_000, 1_000_000]).map((sessions) => ({
      ...grown,
      name: `memory, sessions, ${sessions}`,
      sessions,
    })),
    ...(quick ? [1, 10] : [1, 10, 100, 1_000]).map((rotations) => ({
      ...grown,
      name: `memory, rotations, ${rotations}`,
      sessions: 100,
      rotations,
    })),
  ]);

  const trips = {};
  for (const library of libraries) {
    if (!only(library)) continue;
    await withRedis(async ({ port }) => {
      const entries = await entriesOf('rotations');
      for (const entry of entries) {
        trips[`${library} ${entry.name}`] = await roundTripsOf(entry, library, port, material);
      }
      const jobs = entries.map(({ contestant, name, hasOwnConnections }) => ({
        name,
        group: library,
        work: workOf('rotate'),
        contestant,
        entry: name,
        library,
        port,
        lanes: 64,
        connections: hasOwnConnections ? 64 : 1,
        sessions: quick ? 128 : 1_024,
        material,
        algorithm: 'HS256',
      }));
      await measure(library, jobs);
    });
    for (const sessions of quick ? [1, 100] : [1, 1_000, 100_000]) {
      if (!only(`growth ${library}`)) continue;
      log(`refresh: growth, ${library}, ${sessions}`);
      const job = {
        name: `${library}, sessions, ${sessions}`,
        group: 'growth',
        work: workOf('rotate'),
        contestant: 'tokenpair',
        entry: ours.rotate,
        library,
        // One session can only be rotated once at a time.
        lanes: 1,
        connections: 1,
        sessions: Math.min(sessions, 1_024),
        others: Math.max(0, sessions - 1_024),
        material,
        algorithm: 'HS256',
      };
      const once = { ...plan, launches: 1, rounds: plan.launches * plan.rounds };
      await withRedis(async ({ port }) => {
        figures.push(...(await interleave([{ ...job, port }], once)));
      });
    }
  }
  return { figures, trips };
}

async function roundTripsOf({ contestant, name }, libraryName, port, material) {
  const library = clients[libraryName];
  const client = await library.connect(port);
  const rotate = await createEntry(
    'rotations',
    { contestant, entry: name },
    {
      library,
      client,
      clients: [client],
      sessions: 2,
      others: 0,
      material: readMaterial(material, 'HS256'),
    },
  );
  // The first may have to send the script's text.
  await rotate(0, 0);
  const commands = await commandsDuring(port, () => rotate(1, 0));
  library.close(client);
  return commands;
}

export function describe({ figures, trips }) {
  const of = (group) => figures.filter((figure) => figure.group === group);
  const [forged] = of('forged');
  return [
    'A refresh over the memory store: the whole of `refreshTokenPair`, the signing of the access token within it, and the rest.',
    partsTable(of('memory')),
    `A forged refresh token, well formed and with a wrong tag, is refused in ${toSpread(forged.cpu)} of CPU; calls of the store: ${forged.facts.storeCalls}.`,
    'On Redis with 64 in flight on one connection (`WATCH` needs one for each). Rotations a second by the clock on the wall, and the CPU time of the client process; the bare script has arguments and an answer as large as those of our rotation.',
    ...libraries.map((library) => rotationTable(library, of(library), trips)),
    'Against growth. On Redis `store.rotate` alone and one at a time, so the wait is in the time on the wall; a single session has then rotated some ten thousand times.',
    growthTable(of('growth')),
  ];
}

function rotationTable(library, figures, trips) {
  const find = (name) => figures.find((figure) => figure.name === name);
  return toTable(
    [
      library,
      'a second',
      'against bare EVALSHA',
      'against GET + DEL + SET',
      'client CPU',
      'commands',
    ],
    figures.map((figure) => [
      figure.name,
      toSpread(perSecond(figure), toCount),
      toRatio(ratio(find('bare EVALSHA').wall, figure.wall)),
      toRatio(ratio(find('GET + DEL + SET').wall, figure.wall)),
      toTime(figure.cpu.median),
      String(trips[`${library} ${figure.name}`].length),
    ]),
  );
}

function perSecond({ wall: { median, min, max } }) {
  return { median: 1e9 / median, min: 1e9 / max, max: 1e9 / min };
}

function growthTable(figures) {
  return toTable(
    ['', 'CPU', 'wall'],
    figures.map(({ name, cpu, wall }) => {
      const [where, what, count] = name.split(', ');
      return [`${where}, ${toCount(Number(count))} ${what}`, toSpread(cpu), toSpread(wall)];
    }),
  );
}

export function targets({ figures, trips }) {
  const forged = inGroup(figures, 'forged')('forged');
  return [
    restTarget('refresh', figures),
    atMost('forged refresh token refused', forged.cpu.median, 6_000, toTime),
    atMost('forged refresh token refused: store calls', forged.facts.storeCalls, 0, String),
    ...libraries.flatMap((library) => {
      const find = inGroup(figures, library);
      const against = (name, one) => ratio(find(name).wall, find(one).wall);
      return [
        atMost(
          `refresh on Redis, ${library}: round trips`,
          trips[`${library} ${ours.refresh}`].length,
          1,
          String,
        ),
        atLeast(
          `rotation on Redis, ${library}: rate against a bare EVALSHA`,
          against('bare EVALSHA', ours.rotate),
          0.8,
          toRatio,
        ),
        atLeast(
          `rotation on Redis, ${library}: rate against GET + DEL + SET`,
          against('GET + DEL + SET', ours.rotate),
          2.5,
          toRatio,
        ),
      ];
    }),
    ...growthTargets(figures),
  ];
}

// Constant: the dearest of a series within a quarter of the cheapest, which is what memory that no longer fits into the
// processor's caches may cost.
function growthTargets(figures) {
  return byGroup(
    figures
      .filter(({ group }) => group === 'growth')
      .map((figure) => ({ ...figure, group: figure.name.replace(/, \d+$/, '') })),
  ).map(([series, members]) => {
    const medians = members.map(({ cpu }) => cpu.median);
    return atMost(
      `refresh against growth (${series}): dearest against cheapest`,
      Math.max(...medians) / Math.min(...medians),
      1.25,
      toRatio,
    );
  });
}

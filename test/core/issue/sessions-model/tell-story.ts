// Plays a story: sentence by sentence, in a new world.

import type { Core } from '../../../support/tabs/core-copy.js';
import {
  generationOf,
  hour,
  openSessionWorld,
  second,
  type SessionWorld,
} from '../../../support/tabs/session-world.js';
import type { Story } from './stories.js';

const words: readonly (readonly [
  RegExp,
  (world: SessionWorld, number: number) => Promise<void>,
])[] = [
  [/^tab (\d) sends$/, (world, tab) => world.send(tab - 1)],
  [/^tab (\d) steps up$/, (world, tab) => world.stepUp(tab - 1)],
  [/^the server looks for tab (\d)$/, (world, tab) => world.goOn(tab - 1, 'hook')],
  [/^the server acts for tab (\d)$/, (world, tab) => world.goOn(tab - 1, 'end')],
  [
    /^the server acts for tab (\d), and its command is sent twice$/,
    (world, tab) => world.goOn(tab - 1, 'end', 'sent twice'),
  ],
  [/^the answer to tab (\d) is lost$/, (world, tab) => world.lose(tab - 1)],
  [/^tab (\d) gives up$/, (world, tab) => world.lose(tab - 1, true)],
  [/^the server goes on for nobody$/, (world) => world.goOnAbandoned('end')],
  [/^tab (\d) stores$/, (world, tab) => world.store(tab - 1)],
  [/^generation (\d) is seen in use$/, (world, generation) => world.confirm(generation)],
  [/^the thief copies$/, (world) => world.copy(0)],
  [
    /^the thief presents generation (\d)$/,
    (world, generation) =>
      world.present((holds) => holds.find((token) => generationOf(token) === generation)),
  ],
  [/^a token of the next generation is forged$/, (world) => world.forge(1)],
  [/^a token of the current generation is forged$/, (world) => world.forge(0)],
  [/^a token of the former generation is forged$/, (world) => world.forge(-1)],
  [/^an operator reads the session$/, (world) => world.startUpdate()],
  [/^an operator writes the change$/, (world) => world.finishUpdate()],
  [/^the session is ended$/, (world) => world.end()],
  [/^a new refresh key becomes active$/, (world) => world.changeKey()],
  [/^the old refresh key is removed$/, (world) => world.changeKey()],
  [/^the store fails over$/, (world) => world.failOver()],
  [/^half an interval passes$/, (world) => world.wait(15 * second)],
  [/^two intervals pass$/, (world) => world.wait(60 * second)],
  [/^hours pass$/, (world) => world.wait(3 * hour)],
  [/^most of a recovery window passes$/, (world) => world.wait(23 * hour)],
];

/** @throws BrokenPromise with what happened, if this core does not keep a promise. */
export async function tellStory(core: Core, { world: settings, steps }: Story): Promise<void> {
  const world = await openSessionWorld({ core, tabs: 1, ...settings });
  try {
    for (const sentence of steps) {
      const [form, step] = words.find(([one]) => one.test(sentence)) ?? [];
      if (form === undefined || step === undefined) throw new Error(`unknown: ${sentence}`);
      await step(world, Number(form.exec(sentence)?.[1]));
    }
    await world.rest();
  } finally {
    await world.close();
  }
}

// Stories that a wrong implementation does not survive: each is the shortest order of events, found by a search through all of
// them, in which one mistake breaks a promise. The words are those of tellStory.

import type { SessionWorldSettings } from '../../../support/tabs/session-world.js';

export interface Story {
  /** @defaultValue one tab */
  readonly world?: Partial<SessionWorldSettings>;
  readonly steps: readonly string[];
}

const twoTabs = { tabs: 2 };
const thief = { copies: 1, mostTurns: 3 };

const refresh = (tab: number) => [
  `tab ${tab} sends`,
  `the server looks for tab ${tab}`,
  `the server acts for tab ${tab}`,
];
const stepUp = (tab: number) => [`tab ${tab} steps up`, `the server acts for tab ${tab}`];

export const stories: Readonly<Record<string, Story>> = {
  'a request arrives after its token was rotated twice': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'tab 1 stores',
      ...refresh(1),
      'the server looks for tab 2',
    ],
  },
  'a request that left before a repeated answer was stored arrives after the reuse interval': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'half an interval passes',
      ...refresh(2),
      'half an interval passes',
      'tab 1 sends',
      'tab 2 stores',
      'generation 2 is seen in use',
      'half an interval passes',
      'the server looks for tab 1',
    ],
  },
  'a request arrives after the reuse interval, and its answer is lost': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'half an interval passes',
      ...refresh(2),
      'half an interval passes',
      'tab 1 sends',
      'tab 2 stores',
      'half an interval passes',
      'the server looks for tab 1',
      'the server acts for tab 1',
      'the answer to tab 1 is lost',
    ],
  },
  'the answer for a held token arrives after the next rotation': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 1 stores',
      'two intervals pass',
      ...refresh(1),
      'tab 2 sends',
      'half an interval passes',
      'the server looks for tab 2',
      'the server acts for tab 2',
      'tab 2 stores',
      'tab 1 stores',
      'generation 3 is seen in use',
    ],
  },
  'an answer is lost': { steps: [...refresh(1), 'the answer to tab 1 is lost'] },
  'a late copy comes again after its successor was seen in use': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'generation 2 is seen in use',
      'hours pass',
      'the thief presents generation 1',
    ],
  },
  'a late copy comes again in a session whose use was never seen': {
    world: { ...thief, mostTurns: 1, isConfirmedAtFirst: false },
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      'the thief presents generation 1',
    ],
  },
  'a successor is seen in use while its late predecessor is served': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      'tab 1 sends',
      'the server looks for tab 1',
      'generation 2 is seen in use',
      'the server acts for tab 1',
    ],
  },
  'an answer is lost, and the next one most of a recovery window later': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'most of a recovery window passes',
      ...refresh(1),
      'most of a recovery window passes',
      ...refresh(1),
    ],
  },
  'thief and owner come in turns': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      ...refresh(1),
      'tab 1 stores',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      ...refresh(1),
      'tab 1 stores',
    ],
  },
  'the owner comes with a successor that the thief has replaced': {
    world: thief,
    steps: [
      ...refresh(1),
      'the thief copies',
      'tab 1 stores',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      'tab 1 sends',
      'the server looks for tab 1',
    ],
  },
  'a thief presents what he has replaced': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'hours pass',
      'the thief presents generation 1',
      'the thief presents generation 2',
    ],
  },
  'the owner comes with a token that the thief has spent': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'generation 2 is seen in use',
      'hours pass',
      'tab 1 sends',
      'the server looks for tab 1',
    ],
  },
  'reports arrive in the wrong order': {
    world: thief,
    steps: [
      'the thief copies',
      'hours pass',
      'the thief presents generation 1',
      'generation 2 is seen in use',
      'generation 1 is seen in use',
      'hours pass',
      'the thief presents generation 1',
    ],
  },
  'an update is made while a refresh is under way': {
    steps: [
      'tab 1 sends',
      'the server looks for tab 1',
      'an operator reads the session',
      'an operator writes the change',
      'the server acts for tab 1',
    ],
  },
  'refreshes are made while an update is under way': {
    world: twoTabs,
    steps: [
      'tab 1 sends',
      'the server looks for tab 1',
      'an operator reads the session',
      'the server acts for tab 1',
      'tab 1 stores',
      'hours pass',
      ...refresh(1),
      'tab 1 stores',
      'an operator writes the change',
    ],
  },
  'two updates are made at the same time': {
    steps: [
      'an operator reads the session',
      'an operator reads the session',
      'an operator writes the change',
      'an operator writes the change',
    ],
  },
  'the session is ended while a refresh is under way': {
    steps: [
      'tab 1 sends',
      'the server looks for tab 1',
      'the session is ended',
      'the server acts for tab 1',
    ],
  },
  'the session is ended while an answer is repeated': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'the server looks for tab 2',
      'the session is ended',
      'the server acts for tab 2',
    ],
  },
  'somebody with the refresh key forges the next generation': {
    steps: ['a token of the next generation is forged'],
  },
  'somebody with the refresh key forges the current generation': {
    steps: ['a token of the current generation is forged'],
  },
  'somebody with the refresh key forges the predecessor, hours later': {
    steps: [...refresh(1), 'hours pass', 'a token of the former generation is forged'],
  },
  'a failover loses a rotation': { steps: [...refresh(1), 'tab 1 stores', 'the store fails over'] },
  'a failover loses a rotation while two tabs refresh': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'tab 1 stores',
      'tab 1 sends',
      'the store fails over',
      'the server looks for tab 1',
      'the server acts for tab 1',
      'the server looks for tab 2',
    ],
  },
  'a failover loses a recovery whose use is then seen': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'hours pass',
      ...refresh(1),
      'tab 2 sends',
      'tab 1 stores',
      'the store fails over',
      'generation 3 is seen in use',
      'the server looks for tab 2',
    ],
  },
  'a copy from before a step-up comes at once': {
    world: { copies: 1 },
    steps: [...stepUp(1), 'the thief copies', 'the thief presents generation 1'],
  },
  'a copy from before a step-up recovers': {
    world: { copies: 1 },
    steps: [...stepUp(1), 'the thief copies', 'hours pass', 'the thief presents generation 1'],
  },
  'the answers of two step-ups are lost': {
    steps: [
      ...stepUp(1),
      'the answer to tab 1 is lost',
      ...stepUp(1),
      'the answer to tab 1 is lost',
    ],
  },
  'the key of a fresh generation is removed while a request is under way': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'a new refresh key becomes active',
      'the old refresh key is removed',
      'the server looks for tab 2',
    ],
  },
  'the key of a fresh generation is removed, and an answer is lost': {
    world: twoTabs,
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'tab 1 stores',
      'a new refresh key becomes active',
      'the old refresh key is removed',
      'the server looks for tab 2',
      'the server acts for tab 2',
      'the answer to tab 2 is lost',
    ],
  },
  'at a reuse interval of 0, the client library sends the rotation twice': {
    world: { reuseInterval: 0 },
    steps: [
      'tab 1 sends',
      'the server looks for tab 1',
      'the server acts for tab 1, and its command is sent twice',
      'tab 1 stores',
    ],
  },
  'a hook is slow, and its token is spent meanwhile': {
    world: twoTabs,
    steps: [
      'tab 1 sends',
      'the server looks for tab 1',
      'tab 1 gives up',
      ...refresh(2),
      'tab 2 stores',
      'hours pass',
      ...refresh(2),
      'tab 2 stores',
      'the server goes on for nobody',
    ],
  },
  'without a hook, a fresh generation is presented': {
    world: { ...twoTabs, hook: false },
    steps: [
      ...refresh(1),
      'tab 2 sends',
      'tab 1 stores',
      ...refresh(1),
      'the server looks for tab 2',
    ],
  },
};

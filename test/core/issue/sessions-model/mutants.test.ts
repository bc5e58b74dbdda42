// Each mistake of mutants.ts, made in the sources of core, must break a promise in the story that is named with it.

import { loadCore } from '../../../support/tabs/core-copy.js';
import { BrokenPromise } from '../../../support/tabs/session-world.js';
import { mutants } from './mutants.js';
import { stories, type Story } from './stories.js';
import { tellStory } from './tell-story.js';

describe('a promise is broken when', () => {
  it.each(Object.entries(mutants))('%s', async (_, { breaks, story, replace }) => {
    const told = tellStory(loadCore(replace), stories[story] as Story);
    await expect(told).rejects.toThrow(BrokenPromise);
    await expect(told).rejects.toThrow(`(${breaks}) `);
  });
});

it('every story finds a mistake', () => {
  const used = new Set(Object.values(mutants).map(({ story }) => story));
  expect(Object.keys(stories).filter((name) => !used.has(name))).toEqual([]);
});

it('a mistake that does not fit the sources any more is reported', () => {
  const replacement = { file: 'issue/rotation.ts', from: 'not there', to: '' };
  expect(() => loadCore([replacement])).toThrow('adapt the mutant');
});

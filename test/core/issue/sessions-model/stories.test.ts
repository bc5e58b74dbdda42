// The stories of stories.ts, with core as it is.

import * as core from '@tokenpair/core';

import { stories } from './stories.js';
import { tellStory } from './tell-story.js';

describe('every promise holds when', () => {
  it.each(Object.entries(stories))('%s', async (_, story) => {
    await expect(tellStory(core, story)).resolves.toBeUndefined();
  });
});

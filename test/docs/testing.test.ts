// Runs the tests that docs/testing.md shows.

import * as core from '@tokenpair/core';
import * as adapter from '@tokenpair/express';
import * as testing from '@tokenpair/testing';
import supertest from 'supertest';

import { runRecipe } from '../support/recipe.js';

type Step = () => unknown;

/** Collects the tests of a section, and runs them one after the other. Returns their names. */
async function runTestsOf(under: string, jestOfPage: object = jest): Promise<readonly string[]> {
  const tests = new Map<string, Step>();
  const before: Step[] = [];
  const after: Step[] = [];
  await runRecipe('testing.md', {
    under,
    given: {
      jest: jestOfPage,
      expect,
      test: (name: string, step: Step) => tests.set(name, step),
      beforeEach: (step: Step) => before.push(step),
      afterEach: (step: Step) => after.push(step),
    },
    modules: {
      '@tokenpair/core': core,
      '@tokenpair/express': adapter,
      '@tokenpair/testing': testing,
      supertest,
    },
    exported: [],
  });
  for (const step of tests.values()) {
    try {
      for (const one of before) await one();
      await step();
    } finally {
      for (const one of after) await one();
    }
  }
  return [...tests.keys()];
}

it('with supertest: the tests of the page pass', async () => {
  await expect(runTestsOf('With supertest')).resolves.toHaveLength(2);
});

it('with the fake timers of Jest: the test of the page passes', async () => {
  const { now } = Date;
  await expect(runTestsOf('With the fake timers of Jest')).resolves.toHaveLength(1);
  expect(Date.now).toBe(now);
});

it('with the fake timers of Jest: the test fails when time does not move', async () => {
  const standing = Object.create(jest) as typeof jest;
  standing.setSystemTime = () => {};
  await expect(runTestsOf('With the fake timers of Jest', standing)).rejects.toThrow(
    'expected 401',
  );
});

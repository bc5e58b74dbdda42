// The decision table, case by case: every case of the model's vectors.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  decide,
  type PresentedCase,
  type RotationPolicy,
  type StoredCase,
} from '../../../packages/core/src/issue/rotation.js';

interface Vector {
  readonly what: string;
  readonly presented: PresentedCase;
  readonly stored: StoredCase;
  readonly policy: RotationPolicy;
  readonly verdict: string;
}

describe('decide', () => {
  const text = readFileSync(join(__dirname, 'rotation-vectors.json'), 'utf8');
  const cases = JSON.parse(text) as readonly Vector[];

  it('has all 2 248 cases of the model', () => {
    expect(cases).toHaveLength(2_248);
  });

  it.each([...new Set(cases.map(({ what }) => what))])('agrees with the model about %s', (what) => {
    const wrong = cases
      .filter((one) => one.what === what)
      .filter(
        ({ presented, stored, policy, verdict }) => decide(presented, stored, policy) !== verdict,
      );
    expect(wrong).toEqual([]);
  });
});

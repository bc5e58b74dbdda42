import { newAttempt } from '../../../packages/core/src/issue/ask-store.js';

describe('the ID of a rotation attempt', () => {
  it('has sixteen characters and is unique', () => {
    const names = Array.from({ length: 1_000 }, newAttempt);
    expect(new Set(names).size).toBe(1_000);
    expect(names.every((name) => /^[A-Za-z0-9_-]{16}$/.test(name))).toBe(true);
  });
});

import { randomBytes } from '../../../packages/core/src/lib/random.js';

describe('random bytes', () => {
  it('are as many as were asked for', () => {
    for (const count of [0, 1, 16, 28, 4_095, 4_096]) {
      expect(randomBytes(count)).toHaveLength(count);
    }
  });

  it('are given out once', () => {
    const seen = new Set(Array.from({ length: 20_000 }, () => randomBytes(16).toString('hex')));
    expect(seen.size).toBe(20_000);
  });

  it('share no memory, so nobody changes or reads what another has got', () => {
    const first = randomBytes(16);
    const before = first.toString('hex');
    for (let round = 0; round < 1_000; round += 1) randomBytes(16).fill(0);
    expect(first.toString('hex')).toBe(before);
    expect(randomBytes(16)).not.toEqual(Buffer.alloc(16));
  });

  it('look random over many pools: each bit is set about half of the time', () => {
    const counts = Array.from({ length: 128 }, () => 0);
    for (let round = 0; round < 20_000; round += 1) {
      randomBytes(16).forEach((byte, at) => {
        for (let bit = 0; bit < 8; bit += 1) counts[at * 8 + bit]! += (byte >> bit) & 1;
      });
    }
    // Nine standard deviations: one run in 10^17 would fail by chance.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(640);
  });
});

import { createHash } from 'node:crypto';

import { ownerTag, ownerTagOf } from '@tokenpair/core/store';
import { isSessionId, mintSessionId } from '../../packages/core/src/store/session-id.js';

describe('a session ID', () => {
  it('is the tag of its owner and 16 random bytes', () => {
    const id = mintSessionId('u_1');
    const tag = createHash('sha256').update('u_1').digest().subarray(0, 12);
    expect(id).toHaveLength(28);
    expect(id.subarray(0, 12)).toEqual(tag);
    expect(id.toString('base64url')).toMatch(/^[A-Za-z0-9_-]{38}$/);
  });

  it('is different every time', () => {
    const ids = Array.from({ length: 1_000 }, () => mintSessionId('u_1').toString('hex'));
    expect(new Set(ids).size).toBe(1_000);
  });

  it('begins with the tag of its owner, also as text', () => {
    for (const owner of ['u_1', 'Zoë', '😀', 'x'.repeat(1_024)]) {
      const text = mintSessionId(owner).toString('base64url');
      expect(ownerTag(owner)).toMatch(/^[A-Za-z0-9_-]{16}$/);
      expect(ownerTagOf(text)).toBe(ownerTag(owner));
    }
  });

  it('has a different tag for every owner', () => {
    const owners = ['u_1', 'u_2', 'U_1', 'u_1 ', '', 'é', 'e\u0301'];
    expect(new Set(owners.map(ownerTag)).size).toBe(owners.length);
  });

  it('has exactly one valid encoding', () => {
    const good = Buffer.alloc(28, 0xfb).toString('base64url');
    expect(isSessionId(good)).toBe(true);
    const others = [
      '',
      good.slice(1),
      `${good}A`,
      `${good}=`,
      good.replaceAll('-', '+'),
      `${good.slice(0, -1)}x`,
      ` ${good.slice(1)}`,
      'é'.repeat(38),
    ];
    expect(others.filter(isSessionId)).toEqual([]);
  });
});

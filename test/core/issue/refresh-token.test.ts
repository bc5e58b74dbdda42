// The format of a refresh token: one valid spelling, no forgery, and a successor that can be derived but not guessed.

import { randomBytes } from 'node:crypto';

import {
  type AuthError,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeSession,
} from '@tokenpair/core';
import { importRefreshKeys } from '../../../packages/core/src/issue/refresh-keys.js';
import {
  deriveSuccessor,
  mintRefreshToken,
  openRefreshToken,
} from '../../../packages/core/src/issue/refresh-token.js';
import { createTestIssuer, issuerName, type TestIssuer } from '../../support/issuer.js';
import {
  forgeByHand,
  hashByHand,
  keyByteOf,
  readByHand,
  sealByHand,
  spell,
  successorSecretByHand,
  tagByHand,
} from '../../support/refresh-token-by-hand.js';

const importKeys = (keys: unknown) => importRefreshKeys(keys, issuerName, 0);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const characters = `${alphabet}=+/ .%\0`.split('');
const firstKey = { kid: '1', secret: randomBytes(32) };
const secondKey = { kid: '2', secret: randomBytes(32) };

const isRefused: unknown = expect.objectContaining({ code: 'refresh_token_invalid', status: 401 });

/** How many of these are refused, and which store calls were made meanwhile. */
async function refuseAll({ tokens, calls }: TestIssuer, presented: readonly unknown[]) {
  const before = calls.length;
  const outcomes = await Promise.all(
    presented.map((token) =>
      refreshTokenPair(tokens, token as string).then(
        () => 'refreshed',
        (error: unknown) => (error as AuthError).code,
      ),
    ),
  );
  return {
    refused: outcomes.filter((outcome) => outcome === 'refresh_token_invalid').length,
    calls: calls.slice(before),
  };
}

const types = ({ events }: TestIssuer) => events.map(({ type }) => type);

describe('a refresh token', () => {
  it('is 66 bytes as 88 characters of base64url behind the prefix tpr_', async () => {
    const { tokens } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(refreshToken).toMatch(/^tpr_[A-Za-z0-9_-]{88}$/);
    expect(Buffer.from(refreshToken.slice(4), 'base64url')).toHaveLength(66);
  });

  it('contains version, key ID, session ID, generation, secret and tag, and nothing else', async () => {
    const { tokens } = createTestIssuer({ refreshKeys: [{ ...firstKey, kid: '15' }] });
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { tag, ...parts } = readByHand(refreshToken);
    expect(parts).toMatchObject({ version: 1, keyByte: 0xf0, generation: 1 });
    expect(parts.sessionId.toString('base64url')).toBe(sessionId);
    expect(parts.secret).toHaveLength(16);
    expect(tag).toHaveLength(16);
    expect(sealByHand(firstKey.secret, parts)).toBe(refreshToken);
  });

  it('has a successor derived by HMAC under the ratchet key', async () => {
    const { tokens } = createTestIssuer({ refreshKeys: [firstKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const parts = readByHand(refreshToken);
    const secret = successorSecretByHand(firstKey.secret, parts, 2);
    const next = await refreshTokenPair(tokens, refreshToken);
    expect(next.refreshToken).toBe(
      sealByHand(firstKey.secret, { ...parts, generation: 2, secret }),
    );
  });

  // If one of these texts changed, an update would sign out every client of every server.
  it('has the same text as in earlier versions', () => {
    const key = Buffer.alloc(32, 7);
    const ring = importKeys([{ kid: '3', secret: key }]);
    const token = sealByHand(key, {
      version: 1,
      keyByte: keyByteOf(3),
      sessionId: Buffer.alloc(28, 1),
      generation: 41,
      secret: Buffer.alloc(16, 2),
    });
    const presented = openRefreshToken(ring, token);
    expect(token).toBe(
      'tpr_ATwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAAAKQICAgICAgICAgICAgICAgJb95v6X5wb53cW__N6HKXH',
    );
    expect(presented).toMatchObject({
      sessionId: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ',
      generation: 41,
      secretHash: hashByHand(Buffer.alloc(16, 2)),
      sealed: true,
    });
    const next = presented && deriveSuccessor(ring.active, presented, 42);
    expect(next).toMatchObject({
      token:
        'tpr_ATwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAAAKmqRhaPBFZIp0TX5myrAl4LSOr2bryhPv_mD2K2lnqiC',
      generation: 42,
      keyId: 3,
    });
  });

  it('has a unique secret, session ID and text at every login', async () => {
    const { tokens } = createTestIssuer();
    const pairs = await Promise.all(
      Array.from({ length: 50 }, () => issueTokenPair(tokens, { subject: 'u_1' })),
    );
    const secrets = pairs.map(({ refreshToken }) =>
      readByHand(refreshToken).secret.toString('hex'),
    );
    expect(new Set(secrets).size).toBe(50);
    expect(new Set(pairs.map(({ sessionId }) => sessionId)).size).toBe(50);
  });

  it('is stored only as a digest of its secret: the store has neither the token nor the secret', async () => {
    const store = new MemorySessionStore();
    const { tokens } = createTestIssuer({ store, refreshKeys: [firstKey] });
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { secret } = readByHand(refreshToken);
    const record = await store.get(sessionId);
    const text = JSON.stringify(record);
    expect(record?.secretHash).toBe(hashByHand(secret));
    for (const encoding of ['base64url', 'base64', 'hex', 'latin1'] as const) {
      expect(text).not.toContain(secret.toString(encoding));
    }
    expect(text).not.toContain(refreshToken.slice(4));
  });
});

describe('a refresh token that was damaged or encoded differently', () => {
  let issuer: TestIssuer;
  let token: string;

  beforeEach(async () => {
    issuer = createTestIssuer({ refreshKeys: [firstKey, secondKey] });
    // One with both characters that base64 and base64url spell differently.
    do ({ refreshToken: token } = await issueTokenPair(issuer.tokens, { subject: 'u_1' }));
    while (!token.includes('-') || !token.slice(4).includes('_'));
  });

  it('does no harm: the undamaged token still works', async () => {
    const damaged = Array.from({ length: 20 }, (_, index) => token.slice(0, 92 - index - 1));
    await refuseAll(issuer, damaged);
    await expect(refreshTokenPair(issuer.tokens, token)).resolves.toBeDefined();
  });

  it('is refused with any one bit flipped, and the store is not asked', async () => {
    const bytes = Buffer.from(token.slice(4), 'base64url');
    const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return spell(copy);
    });
    expect(await refuseAll(issuer, flipped)).toEqual({ refused: 528, calls: [] });
  });

  it('is refused with any one character replaced, and the store is not asked', async () => {
    const replaced = token
      .split('')
      .flatMap((old, index) =>
        [...characters, 'é', '\u{1F511}']
          .filter((character) => character !== old)
          .map((character) => token.slice(0, index) + character + token.slice(index + 1)),
      );
    expect(await refuseAll(issuer, replaced)).toEqual({ refused: replaced.length, calls: [] });
  });

  it('is refused when it is cut short anywhere, and the store is not asked', async () => {
    const prefixes = Array.from({ length: token.length - 1 }, (_, index) =>
      token.slice(0, index + 1),
    );
    const suffixes = Array.from({ length: token.length - 1 }, (_, index) => token.slice(index + 1));
    expect(await refuseAll(issuer, [...prefixes, ...suffixes])).toEqual({
      refused: 2 * (token.length - 1),
      calls: [],
    });
  });

  it('is refused in any other encoding, and the store is not asked', async () => {
    const body = token.slice(4);
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${token}A`,
      `${token}AAAA`,
      `${token}\n`,
      `${token} `,
      ` ${token}`,
      `\uFEFF${token}`,
      `${token}\0`,
      `"${token}"`,
      `Bearer ${token}`,
      `tpr_${body.replaceAll('-', '+').replaceAll('_', '/')}`,
      `tpr_${body.replaceAll('-', '+')}`,
      `tpr_${body.replaceAll('_', '/')}`,
      `tpr_${body.slice(0, 40)}\n${body.slice(40)}`,
      `tpr_${body.slice(0, 40)}\n${body.slice(41)}`,
      `tpr_ ${body}`,
      `tpr_${body.slice(0, -1)}=`,
      `tpr_${body.slice(0, -2)}==`,
      `TPR_${body}`,
      `Tpr_${body}`,
      `tpr-${body}`,
      body,
      `${body}tpr_`,
      `tpr_tpr_${body.slice(4)}`,
      token.toLowerCase(),
      token.toUpperCase(),
      encodeURIComponent(`${token}=`),
      token.split('').toReversed().join(''),
      token + token,
      `${token},${token}`,
    ];
    expect(await refuseAll(issuer, spellings)).toEqual({ refused: spellings.length, calls: [] });
  });

  it('is refused when it is not a string, and the store is not asked', async () => {
    const values: unknown[] = [
      0,
      1n,
      true,
      Symbol(token),
      [token],
      { refreshToken: token },
      new String(token),
      Buffer.from(token),
      () => token,
      { toString: () => token, length: token.length, startsWith: () => true },
    ];
    expect(await refuseAll(issuer, values)).toEqual({ refused: values.length, calls: [] });
  });

  it('is refused when it is something else: an access token, a session ID, random bytes', async () => {
    const { accessToken, sessionId } = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    const others = [
      accessToken,
      sessionId,
      'tpr_',
      'x',
      '__proto__',
      'A'.repeat(92),
      `tpr_${'A'.repeat(88)}`,
      `tpr_${'_'.repeat(88)}`,
      spell(randomBytes(66)).replace('tpr_', 'tpr_A'),
      'A'.repeat(1_000_000),
    ];
    expect(await refuseAll(issuer, others)).toEqual({ refused: others.length, calls: [] });
  });

  it('is refused when it combines parts of two real tokens, and the store is not asked', async () => {
    const { refreshToken: other } = await issueTokenPair(issuer.tokens, { subject: 'u_2' });
    const spliced = Array.from({ length: 87 }, (_, index) => {
      const cut = index + 5;
      return [token.slice(0, cut) + other.slice(cut), other.slice(0, cut) + token.slice(cut)];
    }).flat();
    const changed = spliced.filter((one) => one !== token && one !== other);
    expect(await refuseAll(issuer, changed)).toEqual({ refused: changed.length, calls: [] });
  });

  it('counts as missing when it is absent or empty', async () => {
    for (const nothing of [undefined, null, '']) {
      await expect(refreshTokenPair(issuer.tokens, nothing)).rejects.toMatchObject({
        code: 'refresh_token_missing',
        status: 401,
      });
    }
  });
});

describe('a refresh token with a good tag and impossible parts', () => {
  const good = {
    version: 1,
    keyByte: keyByteOf(1),
    sessionId: randomBytes(28),
    generation: 1,
    secret: randomBytes(16),
  };

  it.each([
    ['another version', { version: 2 }],
    ['version 0', { version: 0 }],
    ['key ID 0', { keyByte: 0x0f }],
    ['a key ID without its complement', { keyByte: 0x11 }],
    ['a key ID with the complement of another one', { keyByte: 0x1d }],
    ['generation 0', { generation: 0 }],
    ['the last generation, which can have no successor', { generation: 0xff_ff_ff_ff }],
  ])('is refused with %s, and the store is not asked', async (_what, changes) => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const token = sealByHand(firstKey.secret, { ...good, ...changes });
    expect(await refuseAll(issuer, [token])).toEqual({ refused: 1, calls: [] });
  });

  it('is looked up in the store when its generation is the last but one', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const token = sealByHand(firstKey.secret, { ...good, generation: 0xff_ff_ff_fe });
    expect(await refuseAll(issuer, [token])).toEqual({ refused: 1, calls: ['rotate'] });
  });
});

describe('opening a refresh token', () => {
  const ring = importKeys([firstKey, secondKey]);

  it('returns what was sealed', () => {
    const minted = mintRefreshToken(ring, 'u_1');
    expect(openRefreshToken(ring, minted.token)).toMatchObject({
      sessionId: minted.sessionId,
      generation: 1,
      secretHash: minted.secretHash,
      sealed: true,
    });
  });

  it('reports a token of an unknown key as unsealed, and compares no tag', () => {
    const retired = importKeys([{ kid: '9', secret: randomBytes(32) }]);
    const { token } = mintRefreshToken(retired, 'u_1');
    expect(openRefreshToken(ring, token)).toMatchObject({ sealed: false, generation: 1 });
  });

  it('refuses the tag of another key with the same ID', () => {
    const other = importKeys([{ kid: '1', secret: randomBytes(32) }]);
    expect(openRefreshToken(ring, mintRefreshToken(other, 'u_1').token)).toBeUndefined();
  });

  it('refuses a tag made by one key under the ID of another', () => {
    const { tag: _tag, ...parts } = readByHand(mintRefreshToken(ring, 'u_1').token);
    const crossed = sealByHand(firstKey.secret, { ...parts, keyByte: keyByteOf(2) });
    expect(openRefreshToken(ring, crossed)).toBeUndefined();
  });

  it('refuses a tag made with the ratchet key or with the secret itself', () => {
    const { tag: _tag, ...parts } = readByHand(mintRefreshToken(ring, 'u_1').token);
    const bytes = Buffer.from(sealByHand(firstKey.secret, parts).slice(4), 'base64url');
    const head = bytes.subarray(0, 50);
    expect(openRefreshToken(ring, spell(bytes))).toBeDefined();
    const wrong = [
      successorSecretByHand(firstKey.secret, parts, 1),
      tagByHand(secondKey.secret, head),
      Buffer.alloc(16),
    ];
    for (const tag of wrong) {
      expect(openRefreshToken(ring, spell(Buffer.concat([head, tag])))).toBeUndefined();
    }
  });
});

describe('the successor of a refresh token', () => {
  const ring = importKeys([firstKey, secondKey]);
  const open = (token: string) => {
    const presented = openRefreshToken(ring, token);
    if (presented === undefined) throw new Error('the test made a bad token');
    return presented;
  };
  const token = mintRefreshToken(ring, 'u_1').token;

  it('is identical byte for byte on every server that derives it', () => {
    const again = importKeys([firstKey]);
    const one = deriveSuccessor(ring.active, open(token), 2);
    const other = deriveSuccessor(again.active, open(token), 2);
    expect(other).toEqual(one);
  });

  it('differs for another key, another generation or another token', () => {
    const presented = open(token);
    const secrets = [
      deriveSuccessor(ring.active, presented, 2),
      deriveSuccessor(importKeys([secondKey]).active, presented, 2),
      deriveSuccessor(ring.active, presented, 3),
      deriveSuccessor(ring.active, open(mintRefreshToken(ring, 'u_1').token), 2),
    ].map(({ secretHash }) => secretHash);
    expect(new Set(secrets).size).toBe(4);
  });

  it('belongs to the same session and opens under the key that sealed it', () => {
    const presented = open(token);
    const next = deriveSuccessor(ring.active, presented, 2);
    expect(open(next.token)).toMatchObject({
      sessionId: presented.sessionId,
      generation: 2,
      secretHash: next.secretHash,
      sealed: true,
    });
  });
});

describe('a change of the refresh key', () => {
  it('returns the same successor inside the reuse interval', async () => {
    const { tokens, another } = createTestIssuer({ refreshKeys: [firstKey] });
    const changed = another({ refreshKeys: [secondKey, firstKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const before = await refreshTokenPair(tokens, refreshToken);
    const after = await refreshTokenPair(changed, refreshToken);
    expect(after.refreshToken).toBe(before.refreshToken);
  });

  it('gives servers with the old and the new key the same successor', async () => {
    const { tokens, another } = createTestIssuer({ refreshKeys: [firstKey, secondKey] });
    const changed = another({ refreshKeys: [secondKey, firstKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const pairs = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        refreshTokenPair(index % 2 === 0 ? changed : tokens, refreshToken),
      ),
    );
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
  });

  it.each([
    ['at once', 0, '60'],
    ['after the reuse interval', 45, '15'],
    ['while the clock of the store is corrected', -45, '60'],
  ])(
    'makes a server without the key of the successor ask to retry later, %s',
    async (_what, seconds, retryAfter) => {
      const { tokens, another, clock } = createTestIssuer({ refreshKeys: [firstKey] });
      const changed = another({ refreshKeys: [secondKey, firstKey] });
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      await refreshTokenPair(changed, refreshToken);
      clock.advance(seconds);
      await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject({
        code: 'refresh_pending',
        headers: { 'Retry-After': retryAfter },
      });
    },
  );

  it('seals the next token of a session under the active key', async () => {
    const { tokens, another } = createTestIssuer({ refreshKeys: [firstKey] });
    const changed = another({ refreshKeys: [secondKey, firstKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const next = await refreshTokenPair(changed, refreshToken);
    expect(readByHand(next.refreshToken).keyByte).toBe(keyByteOf(2));
  });

  it('signs no client out when the former key is removed at once', async () => {
    const { tokens, another } = createTestIssuer({ refreshKeys: [firstKey] });
    const changed = another({ refreshKeys: [secondKey] });
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const next = await refreshTokenPair(changed, refreshToken);
    expect(next.sessionId).toBe(sessionId);
    expect(readByHand(next.refreshToken).keyByte).toBe(keyByteOf(2));
    await expect(refreshTokenPair(changed, next.refreshToken)).resolves.toMatchObject({
      sessionId,
    });
  });

  it('gives two tabs with a token of the retired key the same successor', async () => {
    const { tokens, another, clock } = createTestIssuer({ refreshKeys: [firstKey] });
    const changed = another({ refreshKeys: [secondKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const [one, other] = await Promise.all([
      refreshTokenPair(changed, refreshToken),
      refreshTokenPair(changed, refreshToken),
    ]);
    clock.advance(30);
    const late = await refreshTokenPair(changed, refreshToken);
    expect(other.refreshToken).toBe(one.refreshToken);
    expect(late.refreshToken).toBe(one.refreshToken);
  });

  it('gives them the same successor when a hook makes the issuer read the record first', async () => {
    const { tokens, another } = createTestIssuer({
      refreshKeys: [firstKey],
      claims: () => ({ role: 'user' }),
    });
    const changed = another({ refreshKeys: [secondKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const [one, other] = await Promise.all([
      refreshTokenPair(changed, refreshToken),
      refreshTokenPair(changed, refreshToken),
    ]);
    expect(other.refreshToken).toBe(one.refreshToken);
  });

  it('never counts an old token of the retired key as reused', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const { tokens, another, clock } = issuer;
    const changed = another({ refreshKeys: [secondKey] });
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    const third = await refreshTokenPair(changed, second.refreshToken);
    clock.advance(3_600);
    await expect(refreshTokenPair(changed, first.refreshToken)).rejects.toEqual(isRefused);
    expect(types(issuer)).not.toContain('refresh.reused');
    await expect(refreshTokenPair(changed, third.refreshToken)).resolves.toBeDefined();
  });

  it('never counts the predecessor as reused when the key of its successor has been removed', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey, secondKey] });
    const { tokens, another, clock } = issuer;
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const next = await refreshTokenPair(tokens, refreshToken);
    const withoutFirst = another({ refreshKeys: [secondKey] });
    await expect(refreshTokenPair(withoutFirst, refreshToken)).rejects.toEqual(isRefused);
    clock.advance(3_600);
    await expect(refreshTokenPair(withoutFirst, refreshToken)).rejects.toEqual(isRefused);
    expect(types(issuer)).not.toContain('refresh.reused');
    await expect(refreshTokenPair(tokens, next.refreshToken)).resolves.toBeDefined();
  });

  it('lets a token of the retired key end its session while it is the current one', async () => {
    const { tokens, another } = createTestIssuer({ refreshKeys: [firstKey] });
    const changed = another({ refreshKeys: [secondKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(revokeSession(changed, { refreshToken })).resolves.toBe(true);
    await expect(refreshTokenPair(changed, refreshToken)).rejects.toEqual(isRefused);
  });
});

describe('a refresh token that was forged without the real secret', () => {
  it.each([
    ['with no hook', undefined],
    ['with a hook', () => ({})],
  ])(
    'is refused, ends no session and causes an event that reports the leaked key, %s',
    async (_how, claims) => {
      const issuer = createTestIssuer({ refreshKeys: [firstKey], claims });
      const { tokens, events, clock } = issuer;
      const first = await issueTokenPair(tokens, { subject: 'u_1' });
      const { sessionId } = first;
      const second = await refreshTokenPair(tokens, first.refreshToken);
      clock.advance(3_600);

      for (const generation of [2, 1]) {
        const forged = forgeByHand(firstKey, sessionId, generation);
        await expect(refreshTokenPair(tokens, forged)).rejects.toEqual(isRefused);
        expect(events.at(-1)).toMatchObject({
          type: 'refresh.forged_with_valid_tag',
          sessionId,
          subject: 'u_1',
          presentedGeneration: generation,
          storedGeneration: 2,
        });
      }
      expect(types(issuer)).not.toContain('session.revoked');
      await expect(refreshTokenPair(tokens, second.refreshToken)).resolves.toBeDefined();
    },
  );

  it('is refused when it names an unknown key, and ends no session', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const { refreshToken, sessionId } = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    const next = await refreshTokenPair(issuer.tokens, refreshToken);
    issuer.clock.advance(3_600);
    const unknown = { kid: '7', secret: randomBytes(32) };
    for (const generation of [1, 2, 3, 4_000_000_000]) {
      const forged = forgeByHand(unknown, sessionId, generation);
      await expect(refreshTokenPair(issuer.tokens, forged)).rejects.toEqual(isRefused);
      await expect(revokeSession(issuer.tokens, { refreshToken: forged })).resolves.toBe(false);
    }
    expect(types(issuer)).toEqual(['session.issued', 'session.refreshed']);
    await expect(refreshTokenPair(issuer.tokens, next.refreshToken)).resolves.toBeDefined();
  });

  it('is refused without an event when its session ID was made up', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const forged = forgeByHand(firstKey, randomBytes(28).toString('base64url'), 1);
    await expect(refreshTokenPair(issuer.tokens, forged)).rejects.toEqual(isRefused);
    expect(types(issuer)).toEqual([]);
  });
});

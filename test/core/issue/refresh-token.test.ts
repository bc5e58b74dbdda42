// The format of a refresh token: one valid spelling, no forgery, and a successor that can be derived but not guessed.

import { randomBytes } from 'node:crypto';

import {
  type AuthError,
  issueTokenPair,
  MemorySessionStore,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
} from '@tokenpair/core';
import { importRefreshKeys } from '../../../packages/core/src/issue/refresh-keys.js';
import {
  deriveSuccessor,
  isDerived,
  mintRefreshToken,
  mintSuccessor,
  openRefreshToken,
} from '../../../packages/core/src/issue/refresh-token.js';
import { createTestIssuer, issuerName, type TestIssuer } from '../../support/issuer.js';
import {
  forgeByHand,
  hashByHand,
  headBytes,
  keyByteOf,
  noSecret,
  readByHand,
  sealByHand,
  spell,
  successorByHand,
  successorSecretByHand,
  tagByHand,
  tokenBytes,
  tokenLength,
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
  it('is 84 bytes as 112 characters of base64url behind the prefix tpr_', async () => {
    const { tokens } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(refreshToken).toMatch(/^tpr_[A-Za-z0-9_-]{112}$/);
    expect(refreshToken).toHaveLength(tokenLength);
    expect(Buffer.from(refreshToken.slice(4), 'base64url')).toHaveLength(tokenBytes);
  });

  it('contains version, key ID, flags, session ID, generation, both secrets and tag, and nothing else', async () => {
    const { tokens } = createTestIssuer({ refreshKeys: [{ ...firstKey, kid: '15' }] });
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { tag, ...parts } = readByHand(refreshToken);
    expect(parts).toMatchObject({
      version: 1,
      keyByte: 0xf0,
      flags: 0,
      generation: 1,
      parentSecret: noSecret,
    });
    expect(parts.sessionId.toString('base64url')).toBe(sessionId);
    expect(parts.secret).toHaveLength(16);
    expect(tag).toHaveLength(16);
    expect(sealByHand(firstKey.secret, parts)).toBe(refreshToken);
  });

  it('has a successor derived by HMAC under the ratchet key, which also carries its secret', async () => {
    const { tokens } = createTestIssuer({ refreshKeys: [firstKey] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const parts = readByHand(refreshToken);
    const next = await refreshTokenPair(tokens, refreshToken);
    expect(next.refreshToken).toBe(
      sealByHand(firstKey.secret, successorByHand(firstKey.secret, parts)),
    );
    expect(readByHand(next.refreshToken).parentSecret).toEqual(parts.secret);
  });

  it.each([
    [undefined, 0],
    ['app', 1],
  ])(
    'of a session with the client %p has the flags %i, as has every successor',
    async (clientId, flags) => {
      const { tokens, clock } = createTestIssuer({ refreshKeys: [firstKey] });
      const first = await issueTokenPair(tokens, { subject: 'u_1', clientId });
      const second = await refreshTokenPair(tokens, first.refreshToken);
      clock.advance(61);
      const third = await refreshTokenPair(tokens, second.refreshToken);
      const step = await reauthenticated(tokens, { sessionId: first.sessionId });
      const line = [first, second, third, step].map((pair) => readByHand(pair.refreshToken).flags);
      expect(line).toEqual([flags, flags, flags, flags]);
    },
  );

  it('keeps flags that this version does not know in its successor', () => {
    const ring = importKeys([firstKey]);
    const parts = readByHand(mintRefreshToken(ring, 'owner', true).token);
    const token = sealByHand(firstKey.secret, { ...parts, flags: 0x8003 });
    const presented = openRefreshToken(ring, token);
    expect(presented).toMatchObject({ hasClient: true, sealed: true });
    const next = presented && deriveSuccessor(ring.active, presented, 2);
    expect(readByHand(next?.token ?? '').flags).toBe(0x8003);
  });

  // If one of these texts changed, an update would sign out every client of every server.
  it('has the same text as in earlier versions', () => {
    const key = Buffer.alloc(32, 7);
    const ring = importKeys([{ kid: '3', secret: key }]);
    const token = sealByHand(key, {
      version: 1,
      keyByte: keyByteOf(3),
      flags: 1,
      sessionId: Buffer.alloc(28, 1),
      generation: 41,
      secret: Buffer.alloc(16, 2),
      parentSecret: Buffer.alloc(16, 3),
    });
    const presented = openRefreshToken(ring, token);
    expect(token).toBe(
      'tpr_ATwAAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEAAAApAgICAgICAgICAgICAgICAgMDAwMDAwMDAwMDAwMDAwPe0C-UQoLIdG-1LFKYaweb',
    );
    expect(presented).toMatchObject({
      sessionId: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ',
      generation: 41,
      secretHash: hashByHand(Buffer.alloc(16, 2)),
      parentHash: hashByHand(Buffer.alloc(16, 3)),
      hasClient: true,
      sealed: true,
    });
    const next = presented && deriveSuccessor(ring.active, presented, 42);
    expect(next).toMatchObject({
      token:
        'tpr_ATwAAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEAAAAqapGFo8EVkinRNfmbKsCXggICAgICAgICAgICAgICAgIfDWSPBknqRBoqKRZ04zi7',
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
    const damaged = Array.from({ length: 20 }, (_, index) =>
      token.slice(0, tokenLength - index - 1),
    );
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
    expect(await refuseAll(issuer, flipped)).toEqual({ refused: 8 * tokenBytes, calls: [] });
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
      'A'.repeat(tokenLength),
      `tpr_${'A'.repeat(112)}`,
      `tpr_${'_'.repeat(112)}`,
      // The length that a token had in an earlier version.
      spell(randomBytes(66)),
      spell(randomBytes(tokenBytes)).replace('tpr_', 'tpr_A'),
      'A'.repeat(1_000_000),
    ];
    expect(await refuseAll(issuer, others)).toEqual({ refused: others.length, calls: [] });
  });

  it('is refused when it combines parts of two real tokens, and the store is not asked', async () => {
    const { refreshToken: other } = await issueTokenPair(issuer.tokens, { subject: 'u_2' });
    const spliced = Array.from({ length: tokenLength - 5 }, (_, index) => {
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
    flags: 0,
    sessionId: randomBytes(28),
    generation: 1,
    secret: randomBytes(16),
    parentSecret: noSecret,
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
    expect(await refuseAll(issuer, [token])).toEqual({ refused: 1, calls: ['swap'] });
  });
});

describe('opening a refresh token', () => {
  const ring = importKeys([firstKey, secondKey]);

  it('returns what was sealed', () => {
    const minted = mintRefreshToken(ring, 'u_1', false);
    expect(openRefreshToken(ring, minted.token)).toMatchObject({
      sessionId: minted.sessionId,
      generation: 1,
      secretHash: minted.secretHash,
      sealed: true,
    });
  });

  it('reports a token of an unknown key as unsealed, and compares no tag', () => {
    const retired = importKeys([{ kid: '9', secret: randomBytes(32) }]);
    const { token } = mintRefreshToken(retired, 'u_1', false);
    expect(openRefreshToken(ring, token)).toMatchObject({ sealed: false, generation: 1 });
  });

  it('refuses the tag of another key with the same ID', () => {
    const other = importKeys([{ kid: '1', secret: randomBytes(32) }]);
    expect(openRefreshToken(ring, mintRefreshToken(other, 'u_1', false).token)).toBeUndefined();
  });

  it('refuses a tag made by one key under the ID of another', () => {
    const { tag: _tag, ...parts } = readByHand(mintRefreshToken(ring, 'u_1', false).token);
    const crossed = sealByHand(firstKey.secret, { ...parts, keyByte: keyByteOf(2) });
    expect(openRefreshToken(ring, crossed)).toBeUndefined();
  });

  it('refuses a tag made with the ratchet key or with the secret itself', () => {
    const { tag: _tag, ...parts } = readByHand(mintRefreshToken(ring, 'u_1', false).token);
    const bytes = Buffer.from(sealByHand(firstKey.secret, parts).slice(4), 'base64url');
    const head = bytes.subarray(0, headBytes);
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
  const token = mintRefreshToken(ring, 'u_1', false).token;

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
      deriveSuccessor(ring.active, open(mintRefreshToken(ring, 'u_1', false).token), 2),
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

describe('a later generation derived from one token', () => {
  const ring = importKeys([firstKey]);
  const presented = openRefreshToken(ring, mintRefreshToken(ring, 'u_1', false).token);
  if (presented === undefined) throw new Error('the test made a bad token');

  it('names that token as its predecessor, however far ahead it is', () => {
    for (const generation of [2, 3, 9, 4_000]) {
      const next = openRefreshToken(
        ring,
        deriveSuccessor(ring.active, presented, generation).token,
      );
      expect(next).toMatchObject({
        sessionId: presented.sessionId,
        generation,
        parentHash: presented.secretHash,
      });
      expect(next && isDerived(ring.active, next)).toBe(true);
    }
  });

  it('has another secret in each generation', () => {
    const hashes = [2, 3, 4, 5].map(
      (generation) => deriveSuccessor(ring.active, presented, generation).secretHash,
    );
    expect(new Set(hashes).size).toBe(4);
  });

  it('counts as derived only under the key that derived it', () => {
    const next = openRefreshToken(ring, deriveSuccessor(ring.active, presented, 2).token);
    expect(next && isDerived(importKeys([secondKey]).active, next)).toBe(false);
  });
});

describe('the successor that a step-up mints', () => {
  const ring = importKeys([firstKey]);
  const presented = openRefreshToken(ring, mintRefreshToken(ring, 'u_1', true).token);
  if (presented === undefined) throw new Error('the test made a bad token');
  const { sessionId } = presented;

  it('is another one each time, and cannot be derived from its predecessor', () => {
    const session = { sessionId, hasClient: true };
    const minted = Array.from({ length: 20 }, () =>
      mintSuccessor(ring.active, session, presented, 2),
    );
    expect(new Set(minted.map(({ secretHash }) => secretHash)).size).toBe(20);
    for (const { token, secretHash } of minted) {
      expect(secretHash).not.toBe(deriveSuccessor(ring.active, presented, 2).secretHash);
      const opened = openRefreshToken(ring, token);
      expect(opened).toMatchObject({
        sessionId,
        generation: 2,
        parentHash: presented.secretHash,
        hasClient: true,
        sealed: true,
      });
      expect(opened && isDerived(ring.active, opened)).toBe(false);
    }
  });

  it.each([false, true])(
    'names no predecessor for a session that is known by its ID only, with a client: %p',
    (hasClient) => {
      const { token } = mintSuccessor(ring.active, { sessionId, hasClient }, undefined, 7);
      expect(readByHand(token)).toMatchObject({
        generation: 7,
        flags: hasClient ? 1 : 0,
        parentSecret: noSecret,
      });
      expect(openRefreshToken(ring, token)).toMatchObject({ sessionId, hasClient });
    },
  );
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
    clock.advance(61);
    const third = await refreshTokenPair(changed, second.refreshToken);
    clock.advance(3_600);
    await expect(refreshTokenPair(changed, first.refreshToken)).rejects.toEqual(isRefused);
    expect(types(issuer)).not.toContain('refresh.reused');
    expect(issuer.events.at(-1)).toEqual({
      type: 'refresh.unverifiable',
      sessionId: first.sessionId,
      subject: 'u_1',
      presentedGeneration: 1,
      storedGeneration: 3,
      time: expect.any(Number),
    });
    await expect(refreshTokenPair(changed, third.refreshToken)).resolves.toBeDefined();
  });

  it('makes the predecessor wait when the key of its successor has been removed, and then counts it as reused', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey, secondKey] });
    const { tokens, another, clock } = issuer;
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(tokens, refreshToken);
    const withoutFirst = another({ refreshKeys: [secondKey] });
    await expect(refreshTokenPair(withoutFirst, refreshToken)).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '60' },
    });
    expect(types(issuer)).not.toContain('refresh.reused');
    // The record has the hash of its secret, so it is known without its key.
    clock.advance(61);
    await expect(refreshTokenPair(withoutFirst, refreshToken)).rejects.toEqual(isRefused);
    expect(issuer.events.at(-2)).toMatchObject({
      type: 'refresh.reused',
      presentedGeneration: 1,
      storedGeneration: 2,
    });
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

      const forged = forgeByHand(firstKey, sessionId, 2);
      await expect(refreshTokenPair(tokens, forged)).rejects.toEqual(isRefused);
      expect(events.at(-1)).toMatchObject({
        type: 'refresh.forged_with_valid_tag',
        sessionId,
        subject: 'u_1',
        presentedGeneration: 2,
        storedGeneration: 2,
      });
      expect(types(issuer)).not.toContain('session.revoked');
      await expect(refreshTokenPair(tokens, second.refreshToken)).resolves.toBeDefined();
    },
  );

  it('ends the session when its generation is lower, because a real old token looks the same', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const first = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    await refreshTokenPair(issuer.tokens, first.refreshToken);
    const forged = forgeByHand(firstKey, first.sessionId, 1);
    await expect(refreshTokenPair(issuer.tokens, forged)).rejects.toEqual(isRefused);
    expect(types(issuer)).toContain('refresh.reused');
  });

  it('cannot write a generation ahead of the record, because it does not carry the secret of the current token', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const { tokens, store, clock } = issuer;
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const { sessionId } = first;
    const second = await refreshTokenPair(tokens, first.refreshToken);
    clock.advance(3_600);
    const before = await store.get(sessionId);
    const forged = forgeByHand(firstKey, sessionId, 3);
    await expect(refreshTokenPair(tokens, forged)).rejects.toEqual(isRefused);
    expect(issuer.events.at(-1)).toMatchObject({ type: 'session.rolled_back' });
    expect(await store.get(sessionId)).toEqual(before);
    await expect(refreshTokenPair(tokens, second.refreshToken)).resolves.toBeDefined();
  });

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
    expect(types(issuer)).toEqual([
      'session.issued',
      'session.refreshed',
      'refresh.unverifiable', // generation 1
    ]);
    await expect(refreshTokenPair(issuer.tokens, next.refreshToken)).resolves.toBeDefined();
  });

  it('is refused without an event when its session ID was made up', async () => {
    const issuer = createTestIssuer({ refreshKeys: [firstKey] });
    const forged = forgeByHand(firstKey, randomBytes(28).toString('base64url'), 1);
    await expect(refreshTokenPair(issuer.tokens, forged)).rejects.toEqual(isRefused);
    expect(types(issuer)).toEqual([]);
  });
});

// Attacks with a refresh token whose key is gone. Its tag cannot be checked, so its holder can alter every part but the secret.

import { randomBytes } from 'node:crypto';

import {
  confirmGeneration,
  issueTokenPair,
  reauthenticated,
  refreshTokenPair,
  type LoginGrant,
  type TokenIssuerOptions,
  type TokenPair,
} from '@tokenpair/core';

import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { readByHand, spell } from '../../support/refresh-token-by-hand.js';

interface Changes {
  readonly generation?: number;
  readonly flags?: number;
}

function alter(token: string, { generation, flags }: Changes): string {
  const bytes = Buffer.from(token.slice('tpr_'.length), 'base64url');
  if (generation !== undefined) bytes.writeUInt32BE(generation, 32);
  if (flags !== undefined) bytes.writeUInt16BE(flags, 2);
  return spell(bytes);
}

interface Signed extends TestIssuer {
  readonly first: TokenPair;
}

/** An issuer whose refresh key was replaced after the login, and the pair of that login. */
async function signedInBeforeKeyChange(
  grant: Partial<LoginGrant> = {},
  options: Partial<TokenIssuerOptions> = {},
): Promise<Signed> {
  const issuer = createTestIssuer(options);
  const first = await issueTokenPair(issuer.tokens, { subject: 'u_1', ...grant });
  issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }]);
  return { ...issuer, first };
}

describe('a spent refresh token whose key is gone and whose generation was altered', () => {
  it('ends the session, because its successor was seen in use', async () => {
    const { tokens, clock, events, first } = await signedInBeforeKeyChange();
    clock.advance(61);
    const second = await refreshTokenPair(tokens, first.refreshToken);
    await confirmGeneration(tokens, second.accessToken);
    clock.advance(61);

    const altered = alter(first.refreshToken, { generation: 0xff_ff_ff_00 });
    expect(await codeOf(refreshTokenPair(tokens, altered))).toBe('refresh_token_invalid');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refresh.reused', presentedGeneration: 1 }),
    );
  });

  it('names its true generation in the access token of a relay', async () => {
    const { tokens, clock, store, first } = await signedInBeforeKeyChange();
    clock.advance(61);
    await refreshTokenPair(tokens, first.refreshToken);
    const altered = alter(first.refreshToken, { generation: 2 });
    const { accessToken } = await refreshTokenPair(tokens, altered, { relay: true });
    await confirmGeneration(tokens, accessToken);
    expect(await store.get(first.sessionId)).toMatchObject({ generation: 2, confirmed: 1 });
  });
});

describe('a refresh token whose key is gone and whose flags were altered', () => {
  it('has a successor that says truly that the session has a client', async () => {
    const { tokens, first } = await signedInBeforeKeyChange({ clientId: 'app' });
    const altered = alter(first.refreshToken, { flags: 0 });
    const { refreshToken } = await refreshTokenPair(tokens, altered, { clientId: 'app' });
    expect(readByHand(refreshToken).flags).toBe(1);
  });

  it('has a successor without flags that no issuer has set', async () => {
    const { tokens, first } = await signedInBeforeKeyChange();
    const altered = alter(first.refreshToken, { flags: 0xff_ff });
    const { refreshToken } = await refreshTokenPair(tokens, altered);
    expect(readByHand(refreshToken).flags).toBe(0);
  });

  it('has such a successor after a step-up too', async () => {
    const { tokens, first } = await signedInBeforeKeyChange({ clientId: 'app' });
    const altered = alter(first.refreshToken, { flags: 2 });
    const { refreshToken } = await reauthenticated(tokens, { refreshToken: altered });
    expect(readByHand(refreshToken).flags).toBe(1);
  });
});

// Attacks on a step-up: nobody with a copy of an older refresh token gets its level, and nobody keeps it for ever.

import { randomBytes } from 'node:crypto';

import {
  confirmGeneration,
  issueTokenPair,
  reauthenticated,
  refreshTokenPair,
  requireFresh,
  verifyBearer,
  type ClaimsContext,
} from '@tokenpair/core';
import jwt from 'jsonwebtoken';

import { forge, signerFor } from '../../support/forge.js';
import { createTestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const claimsOf = (accessToken: string) => jwt.decode(accessToken) as jwt.JwtPayload;

describe('a recovery across a step-up that was not seen in use', () => {
  it('gives no access token with the level of the step-up', async () => {
    const { tokens, clock } = createTestIssuer();
    const grant = { subject: 'u_1', authentication: { acr: 'pwd' } };
    const first = await issueTokenPair(tokens, grant);
    const loginTime = Number(claimsOf(first.accessToken)['auth_time']);
    await confirmGeneration(tokens, first.accessToken);
    clock.advance(300);
    await reauthenticated(tokens, { refreshToken: first.refreshToken }, { acr: 'phr' });
    clock.advance(61);

    const recovered = await refreshTokenPair(tokens, first.refreshToken);
    expect(claimsOf(recovered.accessToken)).toMatchObject({ acr: 'pwd', auth_time: loginTime });
    const next = await refreshTokenPair(tokens, recovered.refreshToken);
    expect(claimsOf(next.accessToken)).toMatchObject({ acr: 'pwd', auth_time: loginTime });
  });

  it('tells the claims hook the level that the access token will have', async () => {
    const seen: ClaimsContext[] = [];
    const { tokens, clock } = createTestIssuer({
      claims: (_subject, session) => {
        seen.push(session);
        return {};
      },
    });
    const first = await issueTokenPair(tokens, {
      subject: 'u_1',
      authentication: { acr: 'pwd' },
    });
    await confirmGeneration(tokens, first.accessToken);
    await reauthenticated(tokens, { refreshToken: first.refreshToken }, { acr: 'phr' });
    clock.advance(61);
    await refreshTokenPair(tokens, first.refreshToken);
    expect(seen.at(-1)?.authentication.acr).toBe('pwd');
  });
});

describe('an authentication in the future', () => {
  const refused = 'authentication_insufficient';
  const secret = randomBytes(64);

  /** The outcome of a guard for a token whose `auth_time` is this many seconds after now. */
  async function guarded(ahead: number): Promise<string> {
    const { tokens, clock } = createTestIssuer({
      keys: [{ kid: '1', algorithm: 'HS256', secret }],
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const text = forge({
      header: { alg: 'HS256', kid: '1', typ: 'at+jwt' },
      payload: { ...claimsOf(accessToken), auth_time: clock.now() / 1_000 + ahead },
      signer: signerFor('HS256', secret),
    });
    const token = await verifyBearer(tokens.verifier, `Bearer ${text}`);
    return codeOf((async () => requireFresh(token, 60))());
  }

  it.each([
    ['one of clocks that differ', 299, 'ok'],
    ['a time that never comes', 1e12, refused],
    ['one further ahead than clocks differ', 301, refused],
  ])('is judged by a guard: %s', async (_, ahead, outcome) => {
    expect(await guarded(ahead)).toBe(outcome);
  });

  it('is refused at a login and at a step-up', async () => {
    const { tokens, clock } = createTestIssuer();
    const time = clock.now() / 1_000 + 301;
    const login = issueTokenPair(tokens, { subject: 'u_1', authentication: { time } });
    await expect(login).rejects.toThrow(/^authentication\.time must be/);
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const stepUp = reauthenticated(tokens, { sessionId }, { time });
    await expect(stepUp).rejects.toThrow(/^authentication\.time must be/);
  });
});

// Options for the tokens of other issuers: their subject, their size and their place in the request.

import { issueTokenPair, verifyBearer, type NodeRequest } from '@tokenpair/core';

import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

describe('the option subjectClaim', () => {
  it.each(['user_id', 'https://id.test/claims/uid', 'oid'])(
    'names the claim with the subject: %p',
    async (subjectClaim) => {
      const { token, verify } = createTestVerifier({ subjectClaim });
      const good = token({ sub: 'pairwise', [subjectClaim]: 'u_42' });
      await expect(verify(good)).resolves.toMatchObject({
        subject: 'u_42',
        claims: { sub: 'pairwise' },
      });
      // From the cache.
      await expect(verify(good)).resolves.toMatchObject({ subject: 'u_42' });
      await expect(verify(token({ sub: undefined, [subjectClaim]: 'x' }))).resolves.toMatchObject({
        subject: 'x',
      });
    },
  );

  it.each([undefined, null, '', 42, ['u_1'], { id: 1 }, true, '\ud800'])(
    'refuses a token whose claim is %p, though it has a sub',
    async (value) => {
      const { token, verify } = createTestVerifier({ subjectClaim: 'user_id' });
      await expect(verify(token({ user_id: value }))).rejects.toMatchObject({ check: 'sub' });
    },
  );

  it('refuses a sub that is present and no text', async () => {
    const { token, verify } = createTestVerifier({ subjectClaim: 'user_id' });
    await expect(verify(token({ user_id: 'u_1', sub: 7 }))).rejects.toMatchObject({ check: 'sub' });
  });

  it('reads own members only', async () => {
    const { token, verify } = createTestVerifier({ subjectClaim: 'toString' });
    await expect(verify(token())).rejects.toMatchObject({ check: 'sub' });
  });

  it('is what events name', async () => {
    const { token, verify, events } = createTestVerifier({
      subjectClaim: 'user_id',
      isRevoked: () => true,
    });
    const revoked = token({ user_id: 'u_42' });
    await expect(verify(token({ user_id: 'u_42', aud: 'x' }))).rejects.toMatchObject({
      status: 401,
    });
    await expect(verify(revoked)).rejects.toMatchObject({ status: 401 });
    await expect(verify(revoked)).rejects.toMatchObject({ status: 401 });
    expect(events.map((event) => 'subject' in event && event.subject)).toEqual([
      'u_42',
      'u_42',
      'u_42',
    ]);
  });

  it('is set for each of several issuers', async () => {
    const { token, verify, secret } = createTestVerifier();
    const keys = [{ kid: 'test', algorithm: 'HS256', secret }] as const;
    const several = createTestVerifier({
      issuers: [
        { issuer: issuerName, audience: audienceName, keys, subjectClaim: 'user_id' },
        { issuer: 'https://other.test', audience: audienceName, keys },
      ],
      issuer: undefined,
      audience: undefined,
      keys: undefined,
    });
    await expect(several.verify(token({ user_id: 'a' }))).resolves.toMatchObject({
      subject: 'a',
      issuer: issuerName,
    });
    await expect(
      several.verify(token({ user_id: 'a', iss: 'https://other.test' })),
    ).resolves.toMatchObject({ subject: 'u_1', issuer: 'https://other.test' });
    await expect(verify(token())).resolves.toMatchObject({ issuer: issuerName });
  });
});

describe('the issuer of a verified token', () => {
  it('is its claim iss, also for the verifier of an issuer', async () => {
    const { tokens } = createTestIssuer();
    const { accessToken } = await issueTokenPair(tokens, { subject: '42' });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      issuer: tokens.issuer,
      subject: '42',
    });
  });
});

describe('the option maxTokenBytes', () => {
  it.each([200, 1_000, 8_192, 20_000, 1_048_576])('is the limit: %p', async (maxTokenBytes) => {
    const { token, verify, events } = createTestVerifier({ maxTokenBytes });
    const base = token({ filler: '' }).length;
    const filled = (bytes: number) =>
      token({ filler: 'x'.repeat(Math.max(0, Math.floor(((bytes - base) * 3) / 4) - 3)) });
    const fits = filled(maxTokenBytes);
    const outcome = verify(fits).then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
    expect(await outcome).toBe(fits.length > maxTokenBytes ? 'token_too_long' : 'ok');
    await expect(verify(filled(maxTokenBytes + 100))).rejects.toMatchObject({
      code: 'token_too_long',
      check: 'size',
      status: 401,
      action: 'fix',
    });
    expect(events.at(-1)).toMatchObject({
      type: 'verification.refused',
      code: 'token_too_long',
      check: 'size',
    });
  });

  it('applies to every transport, and to what is no token at all', async () => {
    const { verifier } = createTestVerifier({
      maxTokenBytes: 100,
      transports: { cookie: 'at', query: 'at' },
    });
    const long = 'x'.repeat(101);
    const requests: NodeRequest[] = [
      { headers: { authorization: `Bearer ${long}` } },
      { method: 'GET', headers: { cookie: `at=${long}` } },
      { method: 'GET', headers: {}, url: `/?at=${long}` },
    ];
    for (const request of requests) {
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject({
        code: 'token_too_long',
      });
    }
  });

  it('applies with several issuers', async () => {
    const { token, secret } = createTestVerifier();
    const keys = [{ kid: 'test', algorithm: 'HS256', secret }] as const;
    const issuers = [{ issuer: issuerName, audience: audienceName, keys }];
    const none = { issuer: undefined, audience: undefined, keys: undefined };
    const long = token({ filler: 'x'.repeat(9_000) });
    const { verify } = createTestVerifier({ ...none, issuers });
    await expect(verify(long)).rejects.toMatchObject({ code: 'token_too_long' });
    const patient = createTestVerifier({ ...none, issuers, maxTokenBytes: 20_000 });
    await expect(patient.verify(long)).resolves.toMatchObject({ subject: 'u_1' });
  });
});

const request = (headers: NodeRequest['headers'], url = '/'): NodeRequest => ({
  method: 'GET',
  headers,
  url,
});

describe('transports without the header', () => {
  const { verifier, token } = createTestVerifier({
    transports: { header: false, query: 'at' },
  });
  const good = token();

  it.each(['Bearer x', 'Bearer a b', 'Basic dXNlcjpwYXNz', 'Bearer'])(
    'ignore an Authorization header: %p',
    async (authorization) => {
      await expect(verifyBearer(verifier, request({ authorization }))).rejects.toMatchObject({
        code: 'token_missing',
      });
      await expect(
        verifyBearer(verifier, request({ authorization }, `/?at=${good}`)),
      ).resolves.toMatchObject({ subject: 'u_1' });
    },
  );

  it('ignore a good token in the header, of Fetch too', async () => {
    const authorization = `Bearer ${good}`;
    await expect(verifyBearer(verifier, request({ authorization }))).rejects.toMatchObject({
      code: 'token_missing',
    });
    const fetched = new Request('https://api.test/', { headers: { authorization } });
    await expect(verifyBearer(verifier, fetched)).rejects.toMatchObject({ code: 'token_missing' });
  });

  it('leave a credential that the application passes as text', async () => {
    await expect(verifyBearer(verifier, `Bearer ${good}`)).resolves.toMatchObject({
      subject: 'u_1',
    });
  });
});

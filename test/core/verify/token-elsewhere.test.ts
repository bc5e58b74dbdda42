import { verifyBearer, type BearerSource } from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

const { token } = createTestVerifier();
const jwt = token();

async function refuse(source: BearerSource, options: object = {}) {
  const { verifier, events } = createTestVerifier(options);
  const code = await verifyBearer(verifier, source).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
  return { code, events };
}

describe('a request whose token is not where it is looked for', () => {
  it.each<[string, string, RegExp]>([
    ['token_invalid', 'Bearer undefined', /word like undefined/],
    ['token_invalid', 'Bearer null', /word like undefined/],
    ['request_malformed', 'Bearer [object Object]', /word like undefined/],
    ['request_malformed', 'Bearer ${token}', /word like undefined/],
    ['request_malformed', `Bearer "${jwt}"`, /not written as Bearer/],
    ['request_malformed', `Bearer Bearer ${jwt}`, /not written as Bearer/],
    ['request_malformed', `Bearer: ${jwt}`, /not written as Bearer/],
    ['request_malformed', `Bearer\t${jwt}`, /not written as Bearer/],
    ['request_malformed', `Bearer ${jwt}, Bearer ${jwt}`, /not written as Bearer/],
    ['request_malformed', `Bearer ${JSON.stringify({ access_token: jwt })}`, /not written as/],
    ['token_missing', `Bearer${jwt}`, /not written as Bearer/],
    ['token_missing', 'undefined', /word like undefined/],
    ['token_invalid', `Bearer tpr_${'x'.repeat(80)}`, /refresh token was sent as access token/],
    ['token_missing', `'${jwt}'`, /not written as Bearer/],
    ['token_missing', ` Bearer ${jwt}`, /not written as Bearer/],
    ['token_missing', `Authorization: Bearer ${jwt}`, /not written as Bearer/],
    ['token_missing', `Token token="${jwt}"`, /not written as Bearer/],
  ])('is misspelled, which is %s and named in the event: %s', async (expected, text, hint) => {
    for (const source of [text, { headers: { authorization: text } }]) {
      const { code, events } = await refuse(source);
      expect(code).toBe(expected);
      expect(events).toMatchObject([{ hint: expect.stringMatching(hint) }]);
      for (const part of jwt.split('.')) expect(JSON.stringify(events)).not.toContain(part);
    }
  });

  it('has no hint when the place and the spelling are right', async () => {
    const transports = { cookie: 'at' };
    const twice = { headers: { authorization: `Bearer ${jwt}`, cookie: `at=${jwt}` } };
    expect(await refuse(twice, { transports })).toEqual({
      code: 'request_malformed',
      events: [expect.not.objectContaining({ hint: expect.anything() as string })],
    });
    const { events } = await refuse('Bearer a.b.c');
    expect(events).toEqual([expect.not.objectContaining({ hint: expect.anything() as string })]);
  });

  it.each(['ey', 'eya.', 'eya.eya.', ' ', 'Bearer ', '{'])(
    'is refused at once with an Authorization of many %p',
    async (part) => {
      const { code } = await refuse(`Bearer "${part.repeat(50_000)}`);
      expect(code).toBe('request_malformed');
    },
  );

  it('is in Authorization, which the verifier ignores, and the hint says so', async () => {
    const transports = { header: false, cookie: '__Host-access_token' };
    const source = { headers: { authorization: `Bearer ${jwt}` } };
    const { code, events } = await refuse(source, { transports });
    expect(code).toBe('token_missing');
    expect(events).toMatchObject([{ hint: expect.stringContaining('header: false') }]);
  });

  // An expression that looks back from each question mark would need half a minute here.
  it.each(['?', '?a', '&?', '=?'])('is refused at once with a URL of many %s', async (part) => {
    const { code } = await refuse({ headers: {}, url: `/${part.repeat(100_000)}` });
    expect(code).toBe('token_missing');
  });

  it.each<[string, BearerSource, RegExp]>([
    ['a bare token as text', jwt, /Pass `Bearer \$\{token\}`/],
    ['a bare token in quotation marks', `"${jwt}"`, /Pass `Bearer/],
    ['a bare token in the header', { headers: { authorization: jwt } }, /without a scheme/],
    ['the scheme JWT', { headers: { authorization: `JWT ${jwt}` } }, /another scheme/],
    ['the scheme Token', { headers: { Authorization: `Token ${jwt}` } }, /another scheme/],
    ['Bearer with a colon', { headers: { authorization: `Token: ${jwt}` } }, /another scheme/],
    ['the scheme DPoP', { headers: { authorization: `DPoP ${jwt}` } }, /bound tokens/],
    ['the query', { headers: {}, url: `/orders?access_token=${jwt}` }, /parameter of the URL/],
    ['the query, as another name', { headers: {}, url: `/o?a=1&jwt=${jwt}` }, /parameter of the/],
    ['the URL of Fetch', new Request(`https://api.test/?token=${jwt}`), /parameter of the URL/],
    ['another header', { headers: { 'X-Access-Token': jwt } }, /x-access-token is not read/],
    ['a header of a proxy', { headers: { 'x-forwarded-access-token': jwt } }, /is not read/],
    ['Authentication', { headers: { authentication: `Bearer ${jwt}` } }, /authentication is not/],
    ['a subprotocol', { headers: { 'sec-websocket-protocol': `bearer, ${jwt}` } }, /is not read/],
    ['a cookie', { headers: { cookie: `a=1; session=${jwt}` } }, /cookie: name/],
    ['a cookie with a scheme', { headers: { cookie: `t=Bearer%20${jwt}` } }, /cookie: name/],
    ['a signed cookie of Express', { headers: { cookie: `t=s%3A${jwt}.x%2F` } }, /cookie: name/],
    [
      'a cookie of JSON',
      { headers: { cookie: `auth=${encodeURIComponent(JSON.stringify({ t: jwt }))}` } },
      /cookie: name/,
    ],
  ])('gets token_missing as before, and the event has a hint: %s', async (_where, source, hint) => {
    const { code, events } = await refuse(source);
    expect(code).toBe('token_missing');
    expect(events).toEqual([
      {
        type: 'verification.refused',
        code: 'token_missing',
        hint: expect.stringMatching(hint),
        time: expect.any(Number),
      },
    ]);
    // Nothing of the request is in the hint.
    for (const part of jwt.split('.')) expect(JSON.stringify(events)).not.toContain(part);
  });

  it.each<[string, BearerSource]>([
    ['nothing', { headers: {} }],
    ['no request', undefined],
    ['Basic', { headers: { authorization: 'Basic dTpw' } }],
    ['a cookie that is no token', { headers: { cookie: 'theme=dark; id=e.y.z' } }],
    ['a key of an API', { headers: { 'x-api-key': 'k_1', 'sec-websocket-protocol': 'graphql' } }],
    ['a query without a token', { headers: {}, url: '/orders?token=next&page=2' }],
  ])('causes no event without a token: %s', async (_what, source) => {
    expect(await refuse(source)).toEqual({ code: 'token_missing', events: [] });
  });

  it('is told that another parameter than that of the verifier was sent', async () => {
    const transports = { query: 'at' };
    const { events } = await refuse({ headers: {}, url: `/?token=${jwt}` }, { transports });
    expect(events).toMatchObject([{ hint: expect.stringContaining('the parameter at only') }]);
  });
});

describe('an object with headers', () => {
  const { verifier, token: forge } = createTestVerifier();
  const good = `Bearer ${forge()}`;

  it.each<[string, BearerSource]>([
    ['Authorization', { headers: { Authorization: good } }],
    ['AUTHORIZATION', { headers: { AUTHORIZATION: good } }],
    [
      'an event of AWS Lambda (REST)',
      { headers: { Authorization: good }, multiValueHeaders: { Authorization: [good] } },
    ],
    [
      'an event with multiValueHeaders only',
      { headers: null, multiValueHeaders: { Authorization: [good] } } as never,
    ],
  ])('is read whatever the case of its names: %s', async (_name, source) => {
    await expect(verifyBearer(verifier, source)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each<[string, BearerSource]>([
    ['two spellings', { headers: { Authorization: good, authorization: good } }],
    [
      'two lines, of which headers has the last',
      { headers: { Authorization: good }, multiValueHeaders: { authorization: [good, good] } },
    ],
  ])('is malformed with %s', async (_what, source) => {
    await expect(verifyBearer(verifier, source)).rejects.toMatchObject({
      code: 'request_malformed',
    });
  });

  it('lacks a credential when an event of AWS Lambda has no headers', async () => {
    const source = { headers: null, multiValueHeaders: null } as never;
    await expect(verifyBearer(verifier, source)).rejects.toMatchObject({ code: 'token_missing' });
  });

  it('has a cookie whatever the case of its name, and its origin is checked', async () => {
    const transports = { cookie: 'at', allowedOrigins: ['https://app.test'] };
    const { verifier: cookies, token: own, events } = createTestVerifier({ transports });
    const request = (Origin: string) => ({
      method: 'POST',
      headers: { Cookie: `at=${own()}`, Origin, Host: 'api.test' },
    });
    await expect(verifyBearer(cookies, request('https://app.test'))).resolves.toBeDefined();
    await expect(verifyBearer(cookies, request('https://evil.test'))).rejects.toMatchObject({
      code: 'origin_refused',
    });
    expect(events).toMatchObject([
      { origin: 'https://evil.test', hint: expect.stringContaining('allowedOrigins') },
    ]);
  });

  it('describes itself in the event, when the caller says what it is', async () => {
    const { verifier: own, events } = createTestVerifier();
    const described = { request: { ip: '192.0.2.1' } };
    await verifyBearer(own, 'Bearer x.y.z', described).catch(() => {});
    expect(events).toMatchObject([{ type: 'verification.refused', ...described }]);
    await expect(verifyBearer(own, 'Bearer x', { context: 1 } as never)).rejects.toThrow(
      /no option 'context'/,
    );
  });
});

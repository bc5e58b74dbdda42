import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import {
  isAuthError,
  MissingTokenError,
  verifyBearer,
  type TokenTransports,
} from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

const { token, verifier, secret, clock } = createTestVerifier();
const good = token();
const passes = { subject: 'u_1' };
const malformed = { code: 'request_malformed', status: 400, error: 'invalid_request' };
const missing = {
  code: 'token_missing',
  status: 401,
  error: undefined,
  headers: { 'WWW-Authenticate': 'Bearer realm="api"' },
};

/** A verifier of the same tokens with additional transports. */
function createVerifierWith(transports: TokenTransports) {
  return createTestVerifier({
    keys: [{ kid: 'test', algorithm: 'HS256', secret }],
    clock: clock.now,
    deadline: 1,
    transports,
  });
}

/** One Authorization value in each form in which it can be passed. */
const forms: [string, (authorization: string) => Parameters<typeof verifyBearer>[1]][] = [
  ['its text', (authorization) => authorization],
  ['a Node request', (authorization) => ({ headers: { authorization } })],
  ['a Fetch request', (authorization) => ({ headers: new Headers({ authorization }) })],
];

describe.each(forms)('the Authorization value, as %s,', (_form, sourceOf) => {
  const verify = (authorization: string) => verifyBearer(verifier, sourceOf(authorization));

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('passes with the scheme %p', async (scheme) => {
    await expect(verify(`${scheme} ${good}`)).resolves.toMatchObject(passes);
  });

  it('may have several spaces between scheme and token', async () => {
    await expect(verify(`Bearer  ${good}`)).resolves.toMatchObject(passes);
    await expect(verify(`Bearer${' '.repeat(50)}${good}`)).resolves.toMatchObject(passes);
  });

  it.each([
    'Basic dXNlcjpwYXNz',
    'Basic',
    'Digest username="Mufasa", realm="x", nonce="abc", uri="/", response="def"',
    'HOBA result="123.16790.1.abc"',
    'Mutual user="x", sid="1"',
    'AWS4-HMAC-SHA256 Credential=AKID/20261123/eu/s3/aws4_request, SignedHeaders=host, Signature=ab',
    'Negotiate YIIB',
    `DPoP ${good}`,
    `Token ${good}`,
    `BearerToken ${good}`,
    `Bearer-Token ${good}`,
    `Bearer2 ${good}`,
    `Bear ${good}`,
    `XBearer ${good}`,
    `Basic Bearer ${good}`,
    good,
  ])('is not a bearer credential when it is %p', async (authorization) => {
    await expect(verify(authorization)).rejects.toMatchObject(missing);
  });

  it('is not a bearer credential when it is empty', async () => {
    await expect(verify('')).rejects.toMatchObject(missing);
  });

  it.each<[string, string]>([
    ['a TAB after the scheme', `Bearer\t${good}`],
    ['a TAB after a space', `Bearer \t${good}`],
    ['a second word', `Bearer ${good} x`],
    ['a second credential', `Bearer ${good}, Bearer ${good}`],
    ['a second credential without a space', `Bearer ${good},${good}`],
    ['another scheme after it', `Bearer ${good}, Basic dXNlcjpwYXNz`],
    ['quotes around the token', `Bearer "${good}"`],
    ['quotes in the token', 'Bearer an"invalid"token'],
    ['a parameter', `Bearer token="${good}"`],
    ['a colon after the scheme', `Bearer: ${good}`],
    ['an equals sign instead of a space', `Bearer=${good}`],
    ['a comma instead of a space', `Bearer,${good}`],
    ['padding before the end', 'Bearer a=b'],
    ['padding alone', 'Bearer ='],
    ['a character that no token has', 'Bearer a%20b'],
    ['an angle bracket', 'Bearer <script>'],
    ['a non-ASCII character', 'Bearer tok\u00e9n'],
    ['a no-break space', `Bearer\u00a0${good}`],
  ])('is malformed with %s', async (_what, authorization) => {
    await expect(verify(authorization)).rejects.toMatchObject(malformed);
  });

  it.each(['Bearer', 'bearer', 'Bearer ', 'Bearer     '])(
    'is missing when there is nothing behind the scheme: %p',
    async (authorization) => {
      await expect(verify(authorization)).rejects.toMatchObject(missing);
      await expect(verifyBearer(verifier, authorization)).rejects.toMatchObject(missing);
      await expect(
        verifyBearer(verifier, new Request('https://api.test', { headers: { authorization } })),
      ).rejects.toMatchObject(missing);
    },
  );

  it.each(['null', 'undefined', 'abc', 'tok', 'a~b+c/d==', 'true'])(
    'is well-formed but an invalid token when it is "Bearer %s"',
    async (word) => {
      await expect(verify(`Bearer ${word}`)).rejects.toMatchObject({
        code: 'token_invalid',
        status: 401,
        check: 'shape',
      });
    },
  );

  it('is never repeated in the error', async () => {
    for (const bad of ['Bearer an"invalid"token', 'Bearer invalidtoken', 'invalidtoken x']) {
      const error = await verify(bad).catch((reason: unknown) => reason as Error);
      expect(isAuthError(error)).toBe(true);
      expect(JSON.stringify([error, (error as Error).message])).not.toMatch(/invalid"?token\b/);
    }
  });
});

describe('the Authorization value, as text,', () => {
  it.each([null, undefined])('is absent when it is %p', async (nothing) => {
    await expect(verifyBearer(verifier, nothing)).rejects.toMatchObject(missing);
    await expect(verifyBearer(verifier, nothing)).rejects.toBeInstanceOf(MissingTokenError);
  });

  it.each([
    ['a trailing space', `Bearer ${good} `],
    ['a trailing line break', `Bearer ${good}\n`],
    ['two lines', `Bearer ${good}\r\nX: y`],
    ['a NUL', `Bearer ${good}\0`],
  ])('is malformed with %s', async (_what, authorization) => {
    await expect(verifyBearer(verifier, authorization)).rejects.toMatchObject(malformed);
  });

  it('is not a bearer credential when other text precedes the scheme', async () => {
    await expect(verifyBearer(verifier, ` Bearer ${good}`)).rejects.toMatchObject(missing);
  });
});

describe('a request', () => {
  it('without an Authorization header has no bearer credential', async () => {
    await expect(verifyBearer(verifier, { headers: {} })).rejects.toMatchObject(missing);
    await expect(verifyBearer(verifier, new Request('https://x.test'))).rejects.toMatchObject(
      missing,
    );
  });

  it.each([{}, [], { request: { headers: {} } }, { headers: undefined }, { headers: null }])(
    'causes a TypeError when it has no headers: %j',
    async (value) => {
      const request = value as Parameters<typeof verifyBearer>[1];
      await expect(verifyBearer(verifier, request)).rejects.toThrow(
        new TypeError(
          'verifyBearer needs a request of Node, a Fetch Request, or the value of the Authorization header; ' +
            'the object has no headers.',
        ),
      );
    },
  );

  it('causes a TypeError when its headers are a list', async () => {
    const request = { headers: [['authorization', `Bearer ${good}`]] } as never;
    await expect(verifyBearer(verifier, request)).rejects.toThrow('pass new Headers(list)');
  });

  it('of Fetch is read like a Node request', async () => {
    const request = new Request('https://x.test', { headers: { Authorization: `Bearer ${good}` } });
    await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
  });

  it('of Fetch is malformed with two Authorization headers', async () => {
    const headers = new Headers({ Authorization: `Bearer ${good}` });
    headers.append('Authorization', `Bearer ${good}`);
    await expect(verifyBearer(verifier, { headers })).rejects.toMatchObject(malformed);
  });

  it('is malformed when rawHeaders contains two Authorization lines', async () => {
    const headers = { authorization: `Bearer ${good}` };
    const lines = (...names: string[]) => names.flatMap((name) => [name, `Bearer ${good}`]);
    for (const rawHeaders of [
      lines('Authorization', 'Authorization'),
      lines('authorization', 'Host', 'AUTHORIZATION'),
      lines('Host', 'Authorization', 'X', 'aUTHORIZATION'),
    ]) {
      await expect(verifyBearer(verifier, { headers, rawHeaders })).rejects.toMatchObject(
        malformed,
      );
    }
  });

  it('is not malformed when a header value or a similar header name contains authorization', async () => {
    const headers = { authorization: `Bearer ${good}` };
    const rawHeaders = [
      'Authorization',
      `Bearer ${good}`,
      'X-Name',
      'authorization',
      'Y-Name',
      'Authorization',
      'Proxy-Authorization',
      'Bearer x',
      'authorizatioN2',
      'Bearer x',
    ];
    await expect(verifyBearer(verifier, { headers, rawHeaders })).resolves.toMatchObject(passes);
  });

  it('is malformed when its Authorization header is a list', async () => {
    for (const authorization of [[`Bearer ${good}`], [`Bearer ${good}`, 'Basic x'], []]) {
      await expect(verifyBearer(verifier, { headers: { authorization } })).rejects.toMatchObject(
        malformed,
      );
    }
  });
});

describe('a request over a socket', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((req, res) => {
      verifyBearer(verifier, req).then(
        ({ subject }) => res.end(`passed ${subject}`),
        (error: unknown) => res.end(isAuthError(error) ? `refused ${error.code}` : String(error)),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  async function send(...lines: string[]): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(['GET / HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'));
    return (await text(socket)).split('\r\n\r\n')[1] as string;
  }

  it('passes with one line', async () => {
    expect(await send(`Authorization: Bearer ${good}`)).toContain('passed u_1');
    expect(await send(`AUTHORIZATION:bearer   ${good}  `)).toContain('passed u_1');
  });

  it('is malformed with two Authorization lines of any content', async () => {
    const [bearer, basic] = [`Authorization: Bearer ${good}`, 'authorization: Basic dXNlcjpwYXNz'];
    for (const lines of [
      [bearer, bearer],
      [bearer, basic],
      [basic, bearer],
      [bearer, 'Authorization:'],
    ]) {
      expect(await send(...lines)).toContain('refused request_malformed');
    }
  });

  it('has no credential with an empty line or none', async () => {
    expect(await send('Authorization:')).toContain('refused token_missing');
    expect(await send()).toContain('refused token_missing');
  });
});

describe('the transports of a verifier', () => {
  const headerOnly = {
    headers: { cookie: `access_token=${good}` },
    url: `/orders?access_token=${good}`,
    body: { access_token: good },
  };

  it('are the header only by default', async () => {
    await expect(verifyBearer(verifier, headerOnly)).rejects.toMatchObject(missing);
  });

  it('ignore tokens in places where they do not look', async () => {
    const both = {
      ...headerOnly,
      headers: { ...headerOnly.headers, authorization: `Bearer ${good}` },
    };
    await expect(verifyBearer(verifier, both)).resolves.toMatchObject(passes);
  });
});

describe('the cookie transport', () => {
  const { verifier: byCookie } = createVerifierWith({ cookie: 'access_token' });
  const verifyCookie = (cookie: string, authorization?: string) =>
    verifyBearer(byCookie, {
      method: 'GET',
      headers: { cookie, ...(authorization && { authorization }) },
    });

  it.each([
    `access_token=${good}`,
    `a=b; access_token=${good}; c=d`,
    `a=b;access_token=${good}`,
    `access_token="${good}"`,
    `xaccess_token=bad; access_token=${good}`,
    `access_tokenx=bad; access_token=${good}`,
    `Access_Token=bad; access_token=${good}`,
  ])('finds the token in %p', async (cookie) => {
    await expect(verifyCookie(cookie)).resolves.toMatchObject(passes);
  });

  it('finds the token in a Fetch request', async () => {
    const headers = new Headers({ cookie: `access_token=${good}` });
    const request = new Request('https://api.test/', { headers });
    await expect(verifyBearer(byCookie, request)).resolves.toMatchObject(passes);
    await expect(verifyBearer(byCookie, { headers: new Headers() })).rejects.toMatchObject(missing);
  });

  it('finds nothing in another cookie or without a cookie', async () => {
    await expect(verifyCookie(`other=${good}`)).rejects.toMatchObject(missing);
    await expect(verifyCookie(`access_token`)).rejects.toMatchObject(missing);
    await expect(verifyCookie('access_token=')).rejects.toMatchObject(missing);
    await expect(verifyBearer(byCookie, { headers: {} })).rejects.toMatchObject(missing);
  });

  it('still accepts the header', async () => {
    await expect(verifyCookie('a=b', `Bearer ${good}`)).resolves.toMatchObject(passes);
    await expect(verifyBearer(byCookie, `Bearer ${good}`)).resolves.toMatchObject(passes);
  });

  it('ignores an Authorization header of another scheme', async () => {
    await expect(verifyCookie(`access_token=${good}`, 'Basic dXNlcjpwYXNz')).resolves.toMatchObject(
      passes,
    );
  });

  it('refuses two cookies with its name, and a cookie together with the header', async () => {
    const cookie = `access_token=${good}`;
    await expect(verifyCookie(`${cookie}; ${cookie}`)).rejects.toMatchObject(malformed);
    await expect(verifyCookie(`${cookie}; access_token=`)).rejects.toMatchObject(malformed);
    await expect(verifyCookie(cookie, `Bearer ${good}`)).rejects.toMatchObject(malformed);
    await expect(verifyCookie(cookie, 'Bearer x')).rejects.toMatchObject(malformed);
  });

  it('refuses a value that is no token', async () => {
    await expect(verifyCookie('access_token=a b')).rejects.toMatchObject(malformed);
    await expect(verifyCookie('access_token=abc')).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('the query transport', () => {
  const { verifier: byQuery } = createVerifierWith({ query: 'access_token' });
  const verifyUrl = (url: string | undefined, authorization?: string) =>
    verifyBearer(byQuery, { url, headers: { ...(authorization && { authorization }) } });

  it('finds the token in a path or a URL', async () => {
    await expect(verifyUrl(`/x?access_token=${good}`)).resolves.toMatchObject(passes);
    await expect(verifyUrl(`/x?a=b&access_token=${good}&c`)).resolves.toMatchObject(passes);
    const request = new Request(`https://x.test/y?access_token=${good}`);
    await expect(verifyBearer(byQuery, request)).resolves.toMatchObject(passes);
  });

  it('finds nothing without the parameter, the query or the URL', async () => {
    for (const url of ['/x', '/x?', '/x?a=b', `/access_token=${good}`, undefined]) {
      await expect(verifyUrl(url)).rejects.toMatchObject(missing);
    }
    await expect(verifyBearer(byQuery, { headers: {} })).rejects.toMatchObject(missing);
  });

  it('refuses the parameter when it is repeated, empty or sent together with the header', async () => {
    const query = `access_token=${good}`;
    await expect(verifyUrl(`/x?${query}&${query}`)).rejects.toMatchObject(malformed);
    await expect(verifyUrl('/x?access_token=a&access_token=b')).rejects.toMatchObject(malformed);
    await expect(verifyUrl('/x?access_token=')).rejects.toMatchObject(malformed);
    await expect(verifyUrl('/x?access_token')).rejects.toMatchObject(malformed);
    await expect(verifyUrl(`/x?${query}`, `Bearer ${good}`)).rejects.toMatchObject(malformed);
  });

  it('refuses a value that is no token', async () => {
    await expect(verifyUrl('/x?access_token=a%20b')).rejects.toMatchObject(malformed);
    await expect(verifyUrl('/x?access_token=%ff')).rejects.toMatchObject(malformed);
    await expect(verifyUrl('/x?access_token=abc')).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('two transports in addition to the header', () => {
  const { verifier: byBoth } = createVerifierWith({
    cookie: 'access_token',
    query: 'access_token',
    custom: (request) => (request as { body?: string }).body,
  });
  const cookie = `access_token=${good}`;
  const url = `/x?access_token=${good}`;

  it('accept a token in any one place', async () => {
    const inCookie = { method: 'GET', headers: { cookie } };
    await expect(verifyBearer(byBoth, inCookie)).resolves.toMatchObject(passes);
    await expect(verifyBearer(byBoth, { headers: {}, url })).resolves.toMatchObject(passes);
    const inBody = { headers: {}, body: good };
    await expect(verifyBearer(byBoth, inBody)).resolves.toMatchObject(passes);
  });

  it('refuse a token in two places', async () => {
    const inBody = { body: good };
    for (const request of [
      { headers: { cookie }, url },
      { headers: { cookie }, ...inBody },
      { headers: {}, url, ...inBody },
      { headers: { authorization: `Bearer ${good}` }, ...inBody },
      { headers: { cookie, authorization: `Bearer ${good}` }, url, ...inBody },
    ]) {
      await expect(verifyBearer(byBoth, request)).rejects.toMatchObject(malformed);
    }
  });
});

/** A custom transport with one answer for every request. */
function createVerifierAnswering(answer: unknown) {
  return createVerifierWith({ custom: () => answer as string | undefined });
}

describe('a custom transport', () => {
  const request = { headers: {} };
  const unavailable = { code: 'temporarily_unavailable', status: 503 };

  it('may answer synchronously or asynchronously', async () => {
    await expect(
      verifyBearer(createVerifierAnswering(good).verifier, request),
    ).resolves.toMatchObject(passes);
    await expect(
      verifyBearer(createVerifierAnswering(Promise.resolve(good)).verifier, request),
    ).resolves.toMatchObject(passes);
  });

  it('receives the request', async () => {
    const custom = jest.fn(() => good);
    await verifyBearer(createVerifierWith({ custom }).verifier, request);
    expect(custom).toHaveBeenCalledTimes(1);
    expect(custom).toHaveBeenCalledWith(request);
  });

  it('returns undefined when there is no credential', async () => {
    for (const nothing of [undefined, Promise.resolve()]) {
      await expect(
        verifyBearer(createVerifierAnswering(nothing).verifier, request),
      ).rejects.toMatchObject(missing);
    }
  });

  it.each(['', ' ', 'a b', `Bearer ${good}`])(
    'makes the request malformed when it returns %p',
    async (answer) => {
      await expect(
        verifyBearer(createVerifierAnswering(answer).verifier, request),
      ).rejects.toMatchObject(malformed);
    },
  );

  it.each<[unknown]>([[null], [1], [true], [{}], [[good]], [Buffer.from(good)]])(
    'causes 503 when it returns %p',
    async (answer) => {
      const { verifier: byCustom, events } = createVerifierAnswering(answer);
      await expect(verifyBearer(byCustom, request)).rejects.toMatchObject(unavailable);
      expect(events).toMatchObject([{ type: 'hook.failed', hook: 'transports.custom' }]);
    },
  );

  it('causes 503 when it throws or rejects', async () => {
    const cause = new Error('broken');
    for (const custom of [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ]) {
      const { verifier: byCustom, events } = createVerifierWith({ custom });
      await expect(verifyBearer(byCustom, request)).rejects.toMatchObject({
        ...unavailable,
        cause,
      });
      expect(events).toMatchObject([{ type: 'hook.failed', hook: 'transports.custom', cause }]);
    }
  });

  it('may refuse with an AuthError', async () => {
    const refusal = new MissingTokenError({ realm: 'elsewhere' });
    const { verifier: byCustom } = createVerifierWith({ custom: () => Promise.reject(refusal) });
    await expect(verifyBearer(byCustom, request)).rejects.toBe(refusal);
  });

  it('causes 503 when it does not answer within the deadline', async () => {
    jest.useFakeTimers();
    try {
      const never = new Promise<string>(() => {});
      const { verifier: byCustom } = createVerifierWith({ custom: () => never });
      const settled = jest.fn();
      const verdict = verifyBearer(byCustom, request).catch((error: unknown) => error);
      void verdict.then(settled);
      await jest.advanceTimersByTimeAsync(999);
      expect(settled).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(1);
      expect(await verdict).toMatchObject(unavailable);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is not called when the header is already malformed', async () => {
    const custom = jest.fn(() => good);
    const { verifier: byCustom } = createVerifierWith({ custom });
    const bad = { headers: { authorization: 'Bearer a b' } };
    await expect(verifyBearer(byCustom, bad)).rejects.toMatchObject(malformed);
    expect(custom).not.toHaveBeenCalled();
  });
});

// Rows of the adapter contract: what is a bearer credential, and which of them are good.

import { randomBytes } from 'node:crypto';

import { call, callWith, type ContractRow } from './contract-row.js';
import type { World } from './contract-world.js';

const passes = (name: string, authorization: (token: string) => string): ContractRow => ({
  name,
  request: async (world) => {
    const { accessToken } = await world.signIn();
    return callWith('/guarded', authorization(accessToken));
  },
  expect: { status: 200, body: { subject: expect.stringMatching(/^user-\d+$/) } },
});

const otherSchemes = [
  'Basic dXNlcjpwYXNzd29yZA==',
  'Digest username="Mufasa", realm="x", nonce="7ypf", uri="/", response="6629"',
  'HOBA result="123.16.abc.def"',
  'Mutual sid=1, nc=2',
  'AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu/s3/aws4_request, SignedHeaders=host, Signature=fe5f',
  'Negotiate YIICdwYGKwYBBQUCoIICazCCAmeg',
  'NTLM TlRMTVNTUAABAAAA',
  'SCRAM-SHA-256 data=biwsbj11c2Vy',
  'vapid t=abc, k=def',
  'OAuth oauth_consumer_key="9djd"',
  'Token token=abc',
  'PrivateToken token="abc"',
  'Bearerish abc',
  'Bearer-Token abc',
];

const malformed = (name: string, authorization: (token: string) => string): ContractRow => ({
  name,
  request: async (world) => callWith('/guarded', authorization((await world.signIn()).accessToken)),
  expect: { status: 400, code: 'request_malformed', calls: [] },
});

const refused = (
  name: string,
  token: (world: World) => string,
  code:
    | 'token_invalid'
    | 'token_expired'
    | 'token_not_active'
    | 'token_key_unknown' = 'token_invalid',
): ContractRow => ({
  name,
  request: (world) => call('/guarded', token(world)),
  expect: { status: 401, code, calls: [] },
});

const now = (world: World): number => world.clock.now() / 1_000;

export const credentialRows: readonly ContractRow[] = [
  passes('lets a good token through', (token) => `Bearer ${token}`),
  passes('reads the scheme in lower case', (token) => `bearer ${token}`),
  passes('reads the scheme in upper case', (token) => `BEARER ${token}`),
  passes('reads several spaces after the scheme', (token) => `Bearer    ${token}`),

  {
    name: 'asks for a token where none was sent',
    request: () => call('/guarded'),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  {
    name: 'takes an empty Authorization header for none',
    request: () => callWith('/guarded', ''),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  ...otherSchemes.map((authorization): ContractRow => ({
    name: `takes ${authorization.split(' ')[0]} for no bearer credential`,
    request: () => callWith('/guarded', authorization),
    expect: { status: 401, code: 'token_missing', calls: [] },
  })),
  {
    name: 'takes DPoP for no bearer credential, though a good token follows',
    request: (world) => callWith('/guarded', `DPoP ${world.forge()}`),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },

  {
    name: 'takes a scheme with nothing behind it for no credential',
    request: () => callWith('/guarded', 'Bearer'),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  {
    name: 'refuses a token that is too long and says so',
    request: (world) => call('/guarded', world.forge({ filler: 'x'.repeat(8_192) })),
    expect: { status: 401, code: 'token_too_long', calls: [] },
  },
  malformed('calls a tab after the scheme malformed', (token) => `Bearer\t${token}`),
  malformed('calls something after the token malformed', (token) => `Bearer ${token} x`),
  malformed(
    'calls two tokens in one header malformed',
    (token) => `Bearer ${token}, Bearer ${token}`,
  ),
  malformed('calls quotes around the token malformed', (token) => `Bearer "${token}"`),
  malformed('calls a parameter malformed', (token) => `Bearer token=${token}, x=1`),
  malformed('calls a token of other characters malformed', () => 'Bearer a{b}c'),
  {
    name: 'calls a second Authorization line malformed, though each is good',
    request: (world) => {
      const line = `Authorization: Bearer ${world.forge()}\r\n`;
      return {
        bytes: `GET /guarded HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${line}${line}\r\n`,
      };
    },
    expect: { status: 400, code: 'request_malformed', calls: [] },
  },
  {
    name: 'calls a second Authorization line malformed, though it is of another scheme',
    request: (world) => ({
      bytes: [
        'GET /guarded HTTP/1.1\r\nHost: x\r\nConnection: close\r\n',
        `Authorization: Bearer ${world.forge()}\r\nAUTHORIZATION: Basic YTpi\r\n\r\n`,
      ].join(''),
    }),
    expect: { status: 400, code: 'request_malformed', calls: [] },
  },
  {
    name: 'calls bytes beyond ASCII in a token malformed',
    request: () => ({
      bytes:
        'GET /guarded HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \x80\xFF\xC3\r\n\r\n',
    }),
    expect: { status: 400, code: 'request_malformed', calls: [] },
  },
  {
    name: 'serves HTTP/1.0 without a Host',
    request: (world) => ({
      bytes: `GET /guarded HTTP/1.0\r\nAuthorization: Bearer ${world.forge()}\r\n\r\n`,
    }),
    expect: { status: 200 },
  },
  {
    name: 'refuses HTTP/1.0 without a Host and without a token',
    request: () => ({ bytes: 'GET /guarded HTTP/1.0\r\n\r\n' }),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  {
    name: 'refuses a token of 64 KB',
    request: () => callWith('/guarded', `Bearer ${'a'.repeat(65_536)}`),
    expect: { status: 401, code: 'token_too_long', calls: [] },
  },
  {
    name: 'is not asked when a header is larger than the server takes, and serves the next request',
    request: () => callWith('/guarded', `Bearer ${'a'.repeat(200_000)}`),
    expect: { status: 431 },
  },

  refused(
    'refuses an expired token and says: refresh',
    (world) => {
      const token = world.forge();
      world.clock.advance(300);
      return token;
    },
    'token_expired',
  ),
  refused(
    'rejects a token that expires in this second',
    (world) => world.forge({ exp: now(world) }),
    'token_expired',
  ),
  {
    name: 'accepts a token that was issued in the future, by the clock of this server',
    request: (world) => callWith('/guarded', `Bearer ${world.forge({ iat: now(world) + 60 })}`),
    expect: { status: 200 },
  },
  refused(
    'refuses a token before its time and says: retry',
    (world) => world.forge({ nbf: now(world) + 60 }),
    'token_not_active',
  ),
  refused('refuses what is no token at all', () => 'abc'),
  refused('refuses a refresh token in the place of an access token', () => `tpr_${'A'.repeat(88)}`),
  refused('refuses a token whose signature is of another key', (world) =>
    world.forge({}, {}, randomBytes(32)),
  ),
  refused(
    'refuses an expired token whose signature is of another key like any forged one',
    (world) => world.forge({ exp: 1 }, {}, randomBytes(32)),
  ),
  refused('refuses a token without its signature', (world) => world.forge().replace(/[^.]+$/, '')),
  refused('refuses padding after a token', (world) => `${world.forge()}=`),
  refused('refuses a token that says it needs no signature', (world) =>
    world.forge({}, { alg: 'none' }).replace(/[^.]+$/, ''),
  ),
  refused('refuses an algorithm that the key is not for', (world) =>
    world.forge({}, { alg: 'HS512' }),
  ),
  refused(
    'refuses an unknown key id and says: refresh',
    (world) => world.forge({}, { kid: 'other' }),
    'token_key_unknown',
  ),
  refused(
    'says the same of an algorithm that no key is for, since a change of keys may have changed it',
    (world) => world.forge({}, { kid: 'other', alg: 'ES256' }),
    'token_key_unknown',
  ),
  refused(
    'says the same of a token that has expired too',
    (world) => world.forge({ exp: 1 }, { kid: 'other' }),
    'token_key_unknown',
  ),
  refused('refuses a key id that is not text', (world) => world.forge({}, { kid: 7 })),
  refused('refuses a token of another type', (world) => world.forge({}, { typ: 'JWT' })),
  refused('refuses a critical extension', (world) => world.forge({}, { crit: ['b64'], b64: true })),
  refused('refuses a token without an end', (world) => world.forge({ exp: undefined })),
  refused('refuses an end that is text', (world) => world.forge({ exp: '9999999999' })),
  refused('refuses a token of another issuer', (world) =>
    world.forge({ iss: 'https://issuer.test/' }),
  ),
  refused('refuses a token for another audience', (world) =>
    world.forge({ aud: 'https://api.test.evil.test' }),
  ),
  refused('refuses a token without a subject', (world) => world.forge({ sub: undefined })),
  refused('refuses a token that is bound to a key', (world) =>
    world.forge({ cnf: { jkt: 'abc' } }),
  ),

  {
    name: 'takes a token from a cookie where that is wanted',
    request: (world) => ({ path: '/lenient', headers: { Cookie: `a=1; access=${world.forge()}` } }),
    expect: { status: 200 },
  },
  {
    name: 'takes no token from a cookie whose name begins with a no-break space',
    request: (world) => ({
      path: '/lenient',
      headers: { Cookie: `\u00A0access=${world.forge()}` },
    }),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  {
    name: 'takes a token from the query where that is wanted',
    request: (world) => call(`/lenient?access_token=${world.forge()}`),
    expect: { status: 200 },
  },
  {
    name: 'takes no token from a cookie or the query otherwise',
    request: (world) => ({
      path: `/guarded?access_token=${world.forge()}`,
      headers: { Cookie: `access=${world.forge()}` },
    }),
    expect: { status: 401, code: 'token_missing', calls: [] },
  },
  {
    name: 'calls a token in two places malformed',
    request: (world) => call(`/lenient?access_token=${world.forge()}`, world.forge()),
    expect: { status: 400, code: 'request_malformed', calls: [] },
  },
  {
    name: 'calls two cookies of one name malformed',
    request: (world) => ({
      path: '/lenient',
      headers: { Cookie: `access=${world.forge()}; access=${world.forge()}` },
    }),
    expect: { status: 400, code: 'request_malformed', calls: [] },
  },
];

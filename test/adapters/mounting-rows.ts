// Rows of the adapter contract: places of the middleware in an application, and other middleware around it.

import { call, post, postJson, type ContractRow } from './contract-row.js';
import { ownErrors } from './contract-world.js';

const origin = 'https://app.test';
const corsHeaders = { 'access-control-allow-origin': origin, vary: 'Origin', 'x-request-id': '7' };
const preflight = { Origin: origin, 'Access-Control-Request-Method': 'POST' };

const methods = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];

export const mountingRows: readonly ContractRow[] = [
  ...methods.map((method): ContractRow => ({
    name: `lets no ${method} through without a token`,
    request: () => call('/guarded', undefined, method),
    expect: { status: 401, code: 'token_missing', calls: [] },
  })),
  ...methods.slice(0, 7).map((method): ContractRow => ({
    name: `lets a ${method} with a good token through`,
    request: (world) => call('/guarded', world.forge(), method),
    expect: {
      status: 200,
      handled: 1,
    },
  })),
  {
    name: 'guards what lies below',
    request: () => call('/guarded/deep/below?x=1'),
    expect: { status: 401, code: 'token_missing' },
  },
  {
    name: 'leaves a route alone that has no guard',
    request: () => call('/open'),
    expect: { status: 200, body: { subject: null }, calls: [] },
  },
  {
    name: 'leaves a route alone that has no guard, whatever the request carries',
    request: () => call('/open', 'no-token-of-ours'),
    expect: { status: 200, body: { subject: null } },
  },
  {
    name: 'leaves an unknown path to the application',
    request: () => call('/nowhere'),
    expect: { status: 404, body: { application: 'not found' } },
  },
  ...['/route', '/router/inside'].flatMap((path): readonly ContractRow[] => [
    {
      name: `refuses on ${path}`,
      request: () => call(path),
      expect: { status: 401, code: 'token_missing', calls: [] },
    },
    {
      name: `lets a good token through on ${path}`,
      request: (world) => call(path, world.forge({ sub: 'somebody' })),
      expect: { status: 200, body: { subject: 'somebody' }, calls: [] },
    },
  ]),
  {
    name: 'verifies a request once, however often it is used before one handler',
    request: (world) => call('/twice', world.forge({ scope: 'orders:read' })),
    expect: {
      status: 200,
      handled: 1,
      revocationChecks: 1,
    },
  },
  {
    name: 'rejects a request once, however often it is used before one handler',
    request: () => call('/twice'),
    expect: { status: 401, code: 'token_missing' },
  },

  {
    name: 'keeps the body that a parser has read before',
    request: (world) => postJson('/parsed-before', { a: 1 }, world.forge()),
    expect: { status: 200, body: { body: { a: 1 } } },
  },
  {
    name: 'leaves the body for a parser to read after',
    request: (world) => postJson('/parsed-after', { a: 1 }, world.forge()),
    expect: { status: 200, body: { body: { a: 1 } } },
  },
  {
    name: 'rejects a request before its body is read, when the parser comes later',
    request: () => post('/parsed-after', 'application/json', '{"a":'),
    expect: { status: 401, code: 'token_missing' },
  },
  {
    name: 'leaves a failure of a parser to the application',
    request: (world) => post('/parsed-before', 'application/json', '{"a":', world.forge()),
    expect: { status: 400, body: { application: 'failed' } },
  },

  {
    name: 'keeps the CORS headers on a refusal',
    request: () => ({ path: '/cors', headers: { Origin: origin } }),
    expect: { status: 401, code: 'token_missing', headers: corsHeaders },
  },
  {
    name: 'keeps the CORS headers on an answer',
    request: (world) => ({
      path: '/cors',
      headers: { Origin: origin, Authorization: `Bearer ${world.forge()}` },
    }),
    expect: { status: 200, headers: corsHeaders },
  },
  {
    name: 'keeps the CORS headers on a refusal of the token endpoints',
    request: () => ({ method: 'POST', path: '/cors-auth/refresh', headers: { Origin: origin } }),
    expect: {
      status: 401,
      code: 'refresh_token_missing',
      format: 'token',
      headers: corsHeaders,
    },
  },
  {
    name: 'lets CORS answer a preflight that it is behind',
    request: () => ({ method: 'OPTIONS', path: '/cors', headers: preflight }),
    expect: { status: 204, headers: { 'access-control-allow-origin': origin } },
  },
  {
    name: 'lets no preflight through by itself',
    request: () => ({ method: 'OPTIONS', path: '/guarded', headers: preflight }),
    expect: { status: 401, code: 'token_missing' },
  },
  {
    name: 'lets a true preflight through where that is wanted',
    request: () => ({ method: 'OPTIONS', path: '/preflight', headers: preflight }),
    expect: { status: 200, body: { subject: null } },
  },
  {
    name: 'lets no OPTIONS without an origin through where preflights may pass',
    request: () => ({
      method: 'OPTIONS',
      path: '/preflight',
      headers: { 'Access-Control-Request-Method': 'POST' },
    }),
    expect: { status: 401, code: 'token_missing' },
  },
  {
    name: 'lets no OPTIONS that asks for no method through where preflights may pass',
    request: () => ({ method: 'OPTIONS', path: '/preflight', headers: { Origin: origin } }),
    expect: { status: 401, code: 'token_missing' },
  },
  {
    name: 'lets no GET dressed as a preflight through',
    request: () => ({ path: '/preflight', headers: preflight }),
    expect: { status: 401, code: 'token_missing' },
  },

  {
    name: 'hands a missing token to the application where that is wanted',
    request: () => call('/next'),
    expect: { status: 401, code: 'token_missing', format: 'application' },
  },
  {
    name: 'hands an expired token to the application where that is wanted',
    request: (world) => call('/next', world.forge({ exp: 1 })),
    expect: { status: 401, code: 'token_expired', format: 'application' },
  },
  {
    name: 'hands a refusal of the token endpoints to the application where that is wanted',
    request: () => postJson('/next-auth/refresh', { refresh_token: 'forged' }),
    expect: { status: 401, code: 'refresh_token_invalid', format: 'application', calls: [] },
  },
  {
    name: 'lets a good token through where refusals go to the application',
    request: (world) => call('/next', world.forge()),
    expect: { status: 200 },
  },

  ...Object.entries(ownErrors).map(([how, error]): ContractRow => ({
    name: `leaves an error of a handler its own: ${error.message}`,
    request: (world) => call(`/failing/${how}`, world.forge()),
    expect: {
      status: 'status' in error ? error.status : 500,
      body: { application: 'failed', message: error.message },
      headers: { 'www-authenticate': undefined },
      handled: 1,
    },
  })),
  {
    name: 'answers a refusal of ours that a handler throws',
    request: (world) => call('/failing/refusal', world.forge()),
    expect: {
      status: 403,
      code: 'scope_insufficient',
      scope: 'orders:write',
    },
  },
];

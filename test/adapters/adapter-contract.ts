// What every adapter promises, as a table: request in; status, challenge and body out. What is not in the table is
// not promised.

import type { RequestListener, ServerResponse } from 'node:http';

import type { AuthErrorCode } from '@tokenpair/core';

import { errorTable, type ErrorRow } from '../../packages/core/src/errors/error-table.js';
import {
  send,
  sendAndHangUp,
  sendBytes,
  startServer,
  type TestResponse,
  type TestServer,
} from '../support/http.js';
import { accessCookieRows } from './access-cookie-rows.js';
import { appStories } from './app-stories.js';
import { autoRows } from './auto-rows.js';
import { clientStories } from './client-stories.js';
import { contextStories } from './context-stories.js';
import type { ContractRow, Expectation, Sendable } from './contract-row.js';
import type { ContractStory } from './contract-story.js';
import { createWorld, realm, type ContractParts } from './contract-world.js';
import { cookieRows } from './cookie-rows.js';
import { credentialRows } from './credential-rows.js';
import { documentRows } from './document-rows.js';
import { endpointRows } from './endpoint-rows.js';
import { formerCookieStories } from './former-cookie-stories.js';
import { guardRows } from './guard-rows.js';
import { keyRows } from './key-rows.js';
import { legacyRefusalStories } from './legacy-refusal-stories.js';
import { legacyStories } from './legacy-stories.js';
import { loginErrorStories } from './login-error-stories.js';
import { loginStories } from './login-stories.js';
import { mountingRows } from './mounting-rows.js';
import { oauthRows } from './oauth-rows.js';
import { outageRows } from './outage-rows.js';
import { expectedRefusals } from './refusals.js';
import { stepUpStories } from './step-up-stories.js';

/** Stories of several requests, which every adapter tells too. */
export const contractStories: readonly ContractStory[] = [
  ...loginStories,
  ...loginErrorStories,
  ...clientStories,
  ...contextStories,
  ...appStories,
  ...formerCookieStories,
  ...legacyStories,
  ...legacyRefusalStories,
  ...stepUpStories,
];

export const contractRows: readonly ContractRow[] = [
  ...credentialRows,
  ...guardRows,
  ...keyRows,
  ...mountingRows,
  ...endpointRows,
  ...cookieRows,
  ...accessCookieRows,
  ...autoRows,
  ...oauthRows,
  ...documentRows,
  ...outageRows,
];

/**
 * Runs the table against a framework, over real HTTP.
 *
 * `auth` is the adapter's `bearer(parts.tokens.verifier)`. A handler calls `parts.reached()` and answers
 * `{ subject, body }`: the token's subject or null, and the parsed body where there is one. The application has:
 *
 * | path | is |
 * |---|---|
 * | `/open` | a handler without a guard |
 * | `/guarded` and below | `auth` before a handler, for every method |
 * | `/route` | a single route with `auth`; `/router/inside`: a router that uses `auth` |
 * | `/scopes` | `orders:read orders:write`; `/any-scope`: `orders:write` or `orders:admin` |
 * | `/claim` | `role` is `admin` or `owner`; `/check/<how>`: `parts.check(how)` for each of {@link checkNames} |
 * | `/optional`, `/optional-scopes` | a bearer with `optional`; the same and then its guard for `orders:read` |
 * | `/revocable` | the bearer of `parts.revocable`; `/twice`: the same one, twice, and its guard for `orders:read` |
 * | `/lenient` | the bearer of `parts.lenient`, for every method; `/preflight`: the same with `preflight: 'pass'` |
 * | `/cors` | CORS for `https://app.test` and an `X-Request-Id: 7`, then `auth`; `/cors-auth`: then the endpoints |
 * | `/parsed-before`, `/parsed-after` | a JSON parser before `auth`, and after |
 * | `/next`, `/next-auth` | bearer and endpoints that pass errors to the application |
 * | `/failing/sync`, `/failing/later`, `/failing/alike` | guarded handlers that throw {@link ownErrors} |
 * | `/failing/refusal` | a guarded handler that throws what `requireScopes(token, 'orders:write')` throws |
 * | `/login`, `/login-limited`, `/login-full` | `POST { subject }` → a pair of tokens, limited, full |
 * | `/auth` | the endpoints; `/strict-auth`: those of `parts.strict` |
 * | `/json-auth`, `/form-auth`, `/text-auth`, `/raw-auth` | a parser of that kind, then the endpoints |
 * | `/cookie-auth`, `/path-auth`, `/auto-auth` | the endpoints with {@link browserOptions} of that name |
 * | `/cookie-login`, `/path-login`, `/auto-login` | a `/login` that these answer, behind {@link ownCookies} |
 * | `/next-cookie-auth` | the endpoints with `browserOptions.cookie`, which hand errorTable to the application |
 * | `/<name>-auth` | the endpoints of each of `parts.sessionMounts`, which hand errors on where they say so |
 * | `/<name>-signin` | GET and POST: `endpoints.login` of these, with `parts.login()` |
 * | `/fresh`, `/fresh-acr`, `/acr` | `fresh('10m')`; the same with `phr` or `phrh`; `acr('phr', 'phrh')` |
 * | `/required-fresh` | calls `requireFresh(token, '10m')` and answers the `actor` of the token |
 * | `/client-auth` | the endpoints with `parts.clientOptions`, and their document at the root |
 * | `/published`, `/published-scopes` | `auth` of `parts.published`, and its guard for `orders:write` |
 * | `/published-auth` | the endpoints of `parts.published` with {@link publishedOptions}, and their document |
 * | at the root | the document of each of {@link protectedResources} |
 * | anything else | 404 `{ application: 'not found' }` |
 *
 * Its error handler answers a refusal that it gets with its status, its headers and `{ application: 'refused', code,
 * action }`, what a handler throws through `authErrors` or its like, and any other error with its `status` or 500 and
 * `{ application: 'failed', message }`.
 */
export function describeAdapter(
  name: string,
  createListener: (parts: ContractParts) => RequestListener,
): void {
  describe(name, () => {
    const world = createWorld();
    let server: TestServer;
    let overAnswered = 0;

    beforeAll(async () => {
      const listener = createListener(world.parts);
      const counting: RequestListener = (req, res) => {
        countEnds(res, () => {
          overAnswered += 1;
        });
        listener(req, res);
      };
      // Larger than usual, so that what is too large for us comes as far as us.
      server = await startServer(counting, { maxHeaderSize: 128 * 1_024 });
    });
    afterAll(() => server.close());
    beforeEach(() => {
      world.reset();
      overAnswered = 0;
    });

    // Jest fails a test in which a rejection is left unhandled or an exception uncaught. The first of all, for a check that never
    // answers is waited for until its deadline, client or not.
    test('outlives clients that hang up in the middle of a request', async () => {
      const { accessToken, refreshToken } = await world.signIn();
      for (const bytes of [
        'GET /guarded HTTP/1.1\r\nHost: x\r\nAuthori',
        `GET /guarded HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`,
        'GET /check/never HTTP/1.1\r\nHost: x\r\n\r\n',
        `GET /check/never HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`,
        `POST /auth/refresh HTTP/1.1\r\nHost: x\r\n${partOfBody(100)}`,
        `POST /auth/refresh HTTP/1.1\r\nHost: x\r\n${partOfBody(100_000)}`,
        `POST /auth/logout-all HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${accessToken}\r\n${partOfBody(50)}`,
        `POST /json-auth/refresh HTTP/1.1\r\nHost: x\r\n${partOfBody(100)}`,
        `POST /next-auth/refresh HTTP/1.1\r\nHost: x\r\n${partOfBody(100)}`,
        `POST /parsed-after HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${accessToken}\r\n${partOfBody(100)}`,
      ]) {
        await sendAndHangUp(server.port, bytes);
      }

      const body = JSON.stringify({ refresh_token: refreshToken });
      const headers = { 'Content-Type': 'application/json' };
      const refresh = { method: 'POST', path: '/auth/refresh', headers, body };
      expect((await send(server.port, refresh)).status).toBe(200);
      expect(overAnswered).toBe(0);
    });

    test.each(contractRows)('$name', async ({ request, expect: expected }) => {
      const sendable = await request(world);
      world.calls.length = 0;

      const response =
        'bytes' in sendable
          ? await sendBytes(server.port, sendable.bytes)
          : await send(server.port, sendable);

      const isHead = 'method' in sendable && sendable.method === 'HEAD';
      expectAnswer(response, expected, isHead);
      const { calls, handled, revocationChecks } = expected;
      expect(world).toMatchObject({
        ...(calls && { calls }),
        ...(handled !== undefined && { handled }),
        ...(revocationChecks !== undefined && { revocationChecks }),
      });
      if (expected.code) {
        expect(world.handled).toBe(0);
        expectNothingGivenAway(response, sendable);
      }
      await expected.after?.(world, response, server);
      expect(overAnswered).toBe(0);
    });

    test.each(contractStories)('$name', async ({ run }) => {
      await run(world, (request) => send(server.port, request));
      expect(overAnswered).toBe(0);
    });

    test('answers fifty requests at once, each with its own subject', async () => {
      const subjects = Array.from({ length: 50 }, (_, index) => `many-${index}`);
      const answers = await Promise.all(
        subjects.map(async (subject) => {
          const { accessToken } = await world.signIn({ subject });
          const headers = { Authorization: `Bearer ${accessToken}` };
          return send(server.port, { path: '/guarded', headers });
        }),
      );
      expect(answers.map(({ body }) => (JSON.parse(body) as { subject: string }).subject)).toEqual(
        subjects,
      );
    });
  });
}

function partOfBody(length: number): string {
  return `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{"refresh_`;
}

function expectAnswer(response: TestResponse, expected: Expectation, isHead: boolean): void {
  const { status, headers = {}, body, code } = expected;
  expect(response).toMatchObject({ status });
  for (const [name, value] of Object.entries(headers)) {
    expect({ [name]: response.headers[name] }).toEqual({ [name]: value });
  }
  if (code) expectRefusal(response, code, expected, isHead);
  if (typeof body === 'string') expect(response.body).toBe(body);
  if (typeof body === 'object') expect(JSON.parse(response.body)).toMatchObject(body);
}

function expectRefusal(
  response: TestResponse,
  code: AuthErrorCode,
  expected: Expectation,
  isHead: boolean,
): void {
  const { format = 'problem', clears } = expected;
  const { oauth, ...usual } = expectedRefusals[code];
  const { status, error, action, retryAfter } = { ...usual, ...(format === 'oauth' && oauth) };
  const row: ErrorRow = errorTable[code];
  const text = (format === 'oauth' ? row.oauthDescription : undefined) ?? row.description;
  expect(response.status).toBe(status);
  expect(response.headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(response.headers['www-authenticate']).toBe(expectedChallenge(code, expected));
  expect(response.headers['retry-after'] !== undefined).toBe(retryAfter === true);
  expect(response.headers['set-cookie']).toBe(clears);

  const seconds = response.headers['retry-after'];
  const members = {
    ...(error && { error }),
    code,
    action,
    ...(seconds !== undefined && format !== 'application' && { retry_after: Number(seconds) }),
  };
  const oauthJson = {
    type: 'application/json',
    whole: { ...members, error_description: text },
  };
  const { type, whole } = {
    problem: { type: 'application/problem+json', whole: { status, title: text, ...members } },
    token: oauthJson,
    oauth: oauthJson,
    application: {
      type: 'application/json; charset=utf-8',
      whole: { application: 'refused', code, action },
    },
  }[format];
  if (isHead) {
    expect(response.body).toBe('');
    return;
  }
  expect(response.headers['content-type']).toBe(type);
  expect(JSON.parse(response.body)).toEqual(whole);
}

function expectedChallenge(code: AuthErrorCode, expected: Expectation): string | undefined {
  const { error, challenge: usual } = expectedRefusals[code];
  const { format, scope, asksFor, resourceMetadata, challenge = usual } = expected;
  if (challenge === 'basic') return `Basic realm="${realm}"`;
  if (!challenge || format === 'oauth') return undefined;
  const parameters = {
    realm,
    ...(challenge === 'full' && { error, error_description: errorTable[code].description }),
    ...(scope && { scope }),
    ...asksFor,
    ...(resourceMetadata && { resource_metadata: resourceMetadata }),
  };
  const listed = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${listed.join(', ')}`;
}

const givesAway =
  /<|node_modules|\.[cm]?[jt]s:\d|\n\s+at |jsonwebtoken|\bjwt\b|[a-z]Error\b|ECONN|Unexpected|JSON at|tpr_|eyJ|10\.0\.0/;

function expectNothingGivenAway({ headers, body }: TestResponse, sendable: Sendable): void {
  const answer = `${Object.entries(headers).flat().join('\n')}\n${body}`;
  expect(answer).not.toMatch(givesAway);
  expect(answer).not.toContain('ECONNREFUSED');
  for (const text of longWordsOf(sendable)) expect(answer).not.toContain(text);
}

// Tokens, and whatever else is long enough to be one.
function longWordsOf(sendable: Sendable): readonly string[] {
  const text =
    'bytes' in sendable
      ? sendable.bytes
      : JSON.stringify([sendable.headers, sendable.body?.toString('latin1')]);
  return text.match(/[\w.~+/-]{24,}/g)?.filter((word) => !word.startsWith('application/')) ?? [];
}

function countEnds(res: ServerResponse, onSecond: () => void): void {
  let ended = false;
  const end = res.end.bind(res) as (...args: readonly unknown[]) => ServerResponse;
  res.end = (...args: readonly unknown[]) => {
    if (ended) onSecond();
    ended = true;
    return end(...args);
  };
}

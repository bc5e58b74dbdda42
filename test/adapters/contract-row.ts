// A row of the adapter contract, and what rows are written with.

import { listSessions, type AuthErrorCode, type TokenPair } from '@tokenpair/core';

import { send, type TestRequest, type TestResponse, type TestServer } from '../support/http.js';
import type { World } from './contract-world.js';

export interface ContractRow {
  /** A sentence; its subject is the adapter. */
  readonly name: string;
  readonly request: RequestMaker;
  readonly expect: Expectation;
}

/** A request of a well-behaved client, or the bytes of another one. */
export type RequestMaker = (world: World) => Sendable | Promise<Sendable>;
export type Sendable = TestRequest | { readonly bytes: string };

export interface Expectation {
  readonly status: number;
  /**
   * A refusal of ours: its status, its challenge, the whole of its body and its other headers are then those of
   * {@link expectedRefusals}, and no guarded handler has run.
   */
  readonly code?: AuthErrorCode;
  /** How a refusal is written: a guard's, a token endpoint's, in the OAuth dialect, or by the application. */
  readonly format?: 'problem' | 'token' | 'oauth' | 'application';
  /** False where the refusal is of no bearer credential, so that there is nothing to challenge for. */
  readonly challenge?: false;
  /** The scope that the challenge names. */
  readonly scope?: string;
  /** What the challenge asks for in `max_age` and `acr_values`. */
  readonly asksFor?: { readonly max_age?: string; readonly acr_values?: string };
  /** The metadata document that the challenge names. */
  readonly resourceMetadata?: string;
  /** The `Set-Cookie` of a refusal that clears a cookie; no other refusal sets any. */
  readonly clears?: string;
  /** Headers by lower-case name; `undefined` means absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The body, as text or, when it is JSON, at least these members. */
  readonly body?: string | object;
  /** Exactly these store methods, in order. */
  readonly calls?: readonly string[];
  /** How often a guarded handler has run. */
  readonly handled?: number;
  /** How often `isRevoked` was asked. */
  readonly revocationChecks?: number;
  /** What must hold afterwards. */
  readonly after?: (world: World, response: TestResponse, server: TestServer) => Promise<void>;
}

/** A row with a client that has signed in. */
export function signedIn(
  name: string,
  request: (pair: TokenPair, world: World) => TestRequest | Promise<TestRequest>,
  expected: Expectation | ((pair: () => TokenPair) => Expectation),
): ContractRow {
  let pair: TokenPair | undefined;
  return {
    name,
    request: async (world) => {
      pair = await world.signIn();
      return request(pair, world);
    },
    expect: typeof expected === 'function' ? expected(() => pair as TokenPair) : expected,
  };
}

/** Afterwards, once the store is there again, another request succeeds. */
export function thenSucceeds(
  request: (response: TestResponse) => TestRequest,
): NonNullable<Expectation['after']> {
  return async (world, response, { port }) => {
    world.store.repair();
    expect((await send(port, request(response))).status).toBe(200);
  };
}

/** Afterwards the subject has as many sessions. */
export function thenSessions(count: number): NonNullable<Expectation['after']> {
  return async ({ parts, subject }) => {
    expect(await listSessions(parts.tokens, subject)).toHaveLength(count);
  };
}

/** A GET, or another request without a body, with a bearer token or without. */
export function call(path: string, token?: string, method = 'GET'): TestRequest {
  return { method, path, headers: bearerHeader(token) };
}

/** A GET with an `Authorization` header of any kind. */
export function callWith(path: string, authorization: string | readonly string[]): TestRequest {
  return { path, headers: { Authorization: authorization } };
}

export function postJson(path: string, value: unknown, token?: string): TestRequest {
  return post(path, 'application/json', JSON.stringify(value), token);
}

export function postForm(
  path: string,
  parameters: Readonly<Record<string, string>>,
  token?: string,
): TestRequest {
  const body = new URLSearchParams(parameters).toString();
  return post(path, 'application/x-www-form-urlencoded', body, token);
}

export function post(
  path: string,
  type: string,
  body: string | Buffer,
  token?: string,
): TestRequest {
  return {
    method: 'POST',
    path,
    headers: { 'Content-Type': type, ...bearerHeader(token) },
    body,
  };
}

/** A request as a browser sends it from the server's own page, with the cookies that it has. */
export function browse(
  path: string,
  cookie?: string,
  { method = 'POST', headers = ownPage, ...more }: Partial<TestRequest> = {},
): TestRequest {
  return { method, path, headers: { ...headers, ...(cookie && { Cookie: cookie }) }, ...more };
}

/** What a browser says of a request that a page of the server itself has made. */
export const ownPage = { 'Sec-Fetch-Site': 'same-origin' } as const;

/** The cookie that holds a refresh token, as a browser sends it. */
export function cookieOf({ refreshToken }: TokenPair, prefix = '__Host-'): string {
  return `${prefix}refresh_token=${refreshToken}`;
}

/** Seconds after a rotation in which a session does not rotate again, and one more. */
export const settled = 61;

/** The parameters of a refresh. */
export function refreshOf({ refreshToken }: TokenPair): { readonly refresh_token: string } {
  return { refresh_token: refreshToken };
}

function bearerHeader(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

// A story of the adapter contract: several requests that belong together, and the helpers of stories.

import { listSessions } from '@tokenpair/core';

import type { TestRequest, TestResponse } from '../support/http.js';
import { browse } from './contract-row.js';
import type { World } from './contract-world.js';

export interface ContractStory {
  /** A sentence; its subject is the adapter. */
  readonly name: string;
  readonly run: (world: World, send: Send) => Promise<void>;
}

/** Sends a request to the application of the adapter. */
export type Send = (request: TestRequest) => Promise<TestResponse>;

/** What a browser says of a request that a page of another site has made. */
export const otherSite = { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' } as const;

/** A login from the server's own page, with the cookies that the browser has. */
export function signIn(mount: string, cookie?: string): TestRequest {
  return browse(`/${mount}-signin`, cookie);
}

export function membersOf({ body }: TestResponse): Readonly<Record<string, unknown>> {
  return JSON.parse(body) as Record<string, unknown>;
}

/** The cookie that an answer sets, as the browser sends it back. */
export function cookieIn({ headers }: TestResponse): string {
  return headers['set-cookie']?.split(';')[0] ?? '';
}

/** The seconds that the browser keeps the cookie of an answer; `undefined` until it is closed. */
export function maxAgeIn({ headers }: TestResponse): number | undefined {
  const [, seconds] = /; Max-Age=(\d+);/.exec(headers['set-cookie'] ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Requires an answer with an error of this code. */
export function expectError(response: TestResponse, status: number, code: string): void {
  expect({ status: response.status, ...membersOf(response) }).toMatchObject({ status, code });
  expect(response.headers).not.toHaveProperty('set-cookie');
}

/** The IDs of a subject's sessions, in no order. */
export async function sessionIdsOf({ parts }: World, subject: string): Promise<readonly string[]> {
  const sessions = await listSessions(parts.tokens, subject);
  return sessions.map(({ sessionId }) => sessionId).toSorted();
}

/** The events of a type, without their time. */
export function eventsOf({ events }: World, type: string): readonly object[] {
  return events.flatMap(({ time: _time, ...event }) => (event.type === type ? [event] : []));
}

/** The content of an access token. */
export function claimsIn(response: TestResponse): Readonly<Record<string, unknown>> {
  return claimsOf(String(membersOf(response)['access_token']));
}

export function claimsOf(accessToken: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = accessToken.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

// Two clients whose tabs share one refresh token: a browser with a cookie jar, and a program with a storage.

import { send, type TestResponse } from '../http.js';
import type { Transport } from './service.js';

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly action: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly accessToken: string | undefined;
  /** The refresh token in the answer: the value of the cookie, or the member of the body. */
  readonly refreshToken: string | undefined;
}

/** The state that all tabs share. It does not wait: the tabs decide when a request leaves and when its answer arrives. */
export interface Client {
  /** The refresh token in the jar or the storage. */
  kept: string | undefined;
  /** The port of the service. A test may change it, as a load balancer does. */
  port: number;
  /** Every refresh token that was sent in an answer, the oldest first: for thieves to copy. */
  readonly seen: string[];
  login(subject: string): Promise<Answer>;
  refresh(sent: string | undefined): Promise<Answer>;
  /** Stores the answer to a request that was sent with the token `sent`. */
  receive(sent: string | undefined, answer: Answer): void;
  me(accessToken: string | undefined): Promise<Answer>;
}

export function openClient(transport: Transport, port: number): Client {
  return transport === 'cookie' ? openCookieClient(port) : openBodyClient(port);
}

const cookieName = '__Host-refresh_token';
// The browser sets this header; a page cannot.
const ownPage = { 'Sec-Fetch-Site': 'same-origin' };

function openCookieClient(port: number): Client {
  return {
    ...openAny(port),
    async refresh(sent) {
      const cookie = sent !== undefined && { Cookie: `${cookieName}=${sent}` };
      const headers = { ...ownPage, ...cookie };
      const response = await send(this.port, { method: 'POST', path: '/auth/refresh', headers });
      return note(this, readAnswer(response, cookieOf(response)));
    },
    async login(subject) {
      const path = `/login/${subject}`;
      const response = await send(this.port, { method: 'POST', path, headers: ownPage });
      return note(this, readAnswer(response, cookieOf(response)));
    },
    // A browser keeps the cookie that arrives last, whatever the jar has.
    receive(_sent, { refreshToken }) {
      if (refreshToken !== undefined) this.kept = refreshToken === '' ? undefined : refreshToken;
    },
  };
}

function openBodyClient(port: number): Client {
  return {
    ...openAny(port),
    async refresh(sent) {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ refresh_token: sent });
      const response = await send(this.port, {
        method: 'POST',
        path: '/auth/refresh',
        headers,
        body,
      });
      return note(this, readAnswer(response, memberOf(response)));
    },
    async login(subject) {
      const response = await send(this.port, { method: 'POST', path: `/login/${subject}` });
      return note(this, readAnswer(response, memberOf(response)));
    },
    // A program writes only a new token, and only if the storage still has the token that was sent.
    receive(sent, { refreshToken }) {
      if (refreshToken === undefined || refreshToken === sent || this.kept !== sent) return;
      this.kept = refreshToken;
    },
  };
}

function openAny(port: number): Pick<Client, 'kept' | 'port' | 'seen' | 'me'> {
  return {
    kept: undefined,
    port,
    seen: [],
    async me(accessToken) {
      const headers = { Authorization: `Bearer ${accessToken}` };
      return readAnswer(await send(this.port, { path: '/me', headers }), undefined);
    },
  };
}

function note({ seen }: Client, answer: Answer): Answer {
  const { refreshToken } = answer;
  if (refreshToken && !seen.includes(refreshToken)) seen.push(refreshToken);
  return answer;
}

function cookieOf({ headers }: TestResponse): string | undefined {
  const line = headers['set-cookie'];
  return line === undefined ? undefined : (/^__Host-refresh_token=([^;,]*)/.exec(line)?.[1] ?? '');
}

function memberOf({ body }: TestResponse): string | undefined {
  return bodyOf(body).refresh_token;
}

function readAnswer(
  { status, headers, body }: TestResponse,
  refreshToken: string | undefined,
): Answer {
  const { code, action, access_token: accessToken } = bodyOf(body);
  const seconds = headers['retry-after'];
  const retryAfter = seconds === undefined ? undefined : Number(seconds);
  return { status, code, action, retryAfter, accessToken, refreshToken };
}

function bodyOf(text: string): Readonly<Record<string, string>> & {
  readonly code?: string;
  readonly action?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
} {
  return JSON.parse(text || '{}') as Readonly<Record<string, string>>;
}

// Wraps the application at its HTTP server: records each request with its answer, and breaks answers on purpose. The application does
// not notice it, and no header is added.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http';

import type { TokenpairEvent } from '@tokenpair/core';

import {
  printOf,
  withoutTokens,
  type AccessNote,
  type Headers,
  type Row,
  type Stream,
} from './stream.js';

/**
 * What happens to the answer of one refresh. `cut`: the connection is cut. `html`: a page of a proxy is sent. `hold`: the answer waits
 * until another refresh has its own. `strand`: it waits until the client has gone away.
 */
export type Fault = 'cut' | 'html' | 'hold' | 'strand';

export const faults: readonly Fault[] = ['cut', 'html', 'hold', 'strand'];

export interface Tap {
  /** Passes a request on to the application. */
  handle(row: Row | undefined, request: IncomingMessage, response: ServerResponse): void;
  /** Breaks the next refreshes, one with each fault. */
  breakRefreshes(...next: readonly Fault[]): void;
  /** The refresh cookie that the browser has. */
  cookie(): string | undefined;
  /** The highest generation with which each session has used the API. */
  readonly uses: ReadonlyMap<string, number>;
  close(): void;
}

/** What a test compares with the stream. */
export interface TapOptions {
  readonly onToken?: ((token: string) => void) | undefined;
}

const cookieName = '__Host-refresh_token';
const refreshPath = '/auth/refresh';
/** So that a page which does not do its part waits for a few seconds only. */
const longestHold = 5_000;
const pageOfAProxy = '<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>';

export function createTap(
  application: RequestListener,
  stream: Stream,
  { onToken = () => {} }: TapOptions = {},
): Tap {
  const uses = new Map<string, number>();
  const current = new AsyncLocalStorage<number>();
  const waiting = new Set<() => void>();
  let planned: Fault[] = [];
  let exchanges = 0;
  let cookie: string | undefined;

  // The channel belongs to the process. Only what happens during a request of this tap counts.
  function onEvent(event: unknown): void {
    const exchange = current.getStore();
    if (exchange !== undefined) {
      stream.publish({ type: 'event', exchange, event: event as TokenpairEvent });
    }
  }
  subscribe('tokenpair', onEvent);

  function handle(row: Row | undefined, request: IncomingMessage, response: ServerResponse): void {
    exchanges += 1;
    const exchange = exchanges;
    const [path = ''] = (request.url ?? '').split('?');
    const fault = path === refreshPath ? planned.shift() : undefined;
    const isTab = row === undefined;
    const sender = row ?? rowOf(request);
    const access = readAccess(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
    const presented = cookieIn(request.headers.cookie);
    stream.publish({
      type: 'request',
      exchange,
      row: sender,
      method: request.method ?? '',
      path,
      headers: toHeaders(request.headers),
      access,
      refresh: presented && printOf(presented),
    });

    const sent = listen(request);
    capture(response, (send) => {
      const { body, text } = send;
      const answered = note();
      if (!fault) finish();
      else if (fault === 'cut') {
        publish('cut');
        response.destroy();
      } else if (fault === 'html') {
        publish('html');
        for (const name of response.getHeaderNames()) response.removeHeader(name);
        response.setHeader('Content-Type', 'text/html');
        response.statusCode = 502;
        send.end(Buffer.from(pageOfAProxy));
      } else hold();

      function note() {
        const { access_token: accessToken, refresh_token: refreshToken } = body as {
          access_token?: string;
          refresh_token?: string;
        };
        const setCookie = cookieIn(response.getHeader('set-cookie')?.toString());
        for (const token of [presented, accessToken, refreshToken, setCookie]) {
          if (token !== undefined && token !== '') onToken(token);
        }
        const refresh = setCookie ?? refreshToken;
        return {
          setCookie,
          access: readAccess(accessToken),
          refresh: refresh === undefined || refresh === '' ? undefined : printOf(refresh),
        };
      }

      function publish(how?: 'cut' | 'html' | 'gone'): void {
        stream.publish({
          type: 'answer',
          exchange,
          status: response.statusCode,
          headers: toHeaders(response.getHeaders()),
          sent: sent(),
          // Cut after its tokens were replaced: a part of a token does not look like one.
          body: Object.keys(body).length > 0 ? body : withoutTokens(text).slice(0, 200),
          fault: how,
          access: answered.access,
          refresh: answered.refresh,
        });
      }

      function finish(): void {
        if (isTab && answered.setCookie !== undefined) cookie = answered.setCookie;
        // A guard has looked at the token, so its verifier reports the use.
        const isUse = access !== undefined && !path.startsWith('/auth/');
        if (isUse && (response.statusCode < 400 || response.statusCode === 403)) {
          uses.set(access.sessionId, Math.max(access.generation, uses.get(access.sessionId) ?? 0));
        }
        publish();
        send.end();
        if (path === refreshPath) for (const release of waiting) release();
      }

      function hold(): void {
        stream.publish({ type: 'held', exchange });
        const timer = setTimeout(release, longestHold);
        if (fault === 'hold') waiting.add(release);
        response.once('close', gone);
        function release(): void {
          clearTimeout(timer);
          waiting.delete(release);
          response.off('close', gone);
          finish();
        }
        function gone(): void {
          clearTimeout(timer);
          waiting.delete(release);
          publish('gone');
        }
      }
    });
    current.run(exchange, application, request, response);
  }

  return {
    handle,
    uses,
    breakRefreshes: (...next) => {
      planned = [...next];
    },
    cookie: () => cookie,
    close: () => unsubscribe('tokenpair', onEvent),
  };
}

/** A frame has its own path. */
function rowOf({ headers }: IncomingMessage): Row {
  const frame = /\/playground\/(tab-a|tab-b)$/.exec(headers.referer ?? '')?.[1];
  return (frame as Row | undefined) ?? 'other';
}

/** Reads what the application reads of a body, so that it is there afterwards. */
function listen(request: IncomingMessage): () => unknown {
  const chunks: Buffer[] = [];
  const emit = request.emit.bind(request) as (...args: readonly unknown[]) => boolean;
  request.emit = (...args: readonly unknown[]) => {
    if (args[0] === 'data') chunks.push(args[1] as Buffer);
    return emit(...args);
  };
  return () => {
    const text = Buffer.concat(chunks).toString();
    if (text === '') return undefined;
    const isForm = request.headers['content-type']?.includes('urlencoded') === true;
    return isForm ? Object.fromEntries(new URLSearchParams(text)) : toObject(text);
  };
}

interface Send {
  /** The members of a JSON body; none of any other body. */
  readonly body: object;
  readonly text: string;
  /** Sends the answer of the application, or another body with the status and the headers of now. */
  end(body?: Buffer): void;
}

/** Calls back instead of sending when the application has ended its answer. */
function capture(response: ServerResponse, onEnd: (send: Send) => void): void {
  const chunks: Buffer[] = [];
  const own = {
    writeHead: response.writeHead.bind(response),
    write: response.write.bind(response),
    end: response.end.bind(response),
  };
  const send = (body: Buffer) => {
    Object.assign(response, own).end(body);
  };
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  response.writeHead = (status: number, ...more: readonly unknown[]) => {
    response.statusCode = status;
    const headers = (more.at(-1) ?? {}) as OutgoingHttpHeaders;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    return response;
  };
  response.write = (chunk: unknown) => {
    keep(chunk);
    return true;
  };
  response.end = (chunk?: unknown) => {
    keep(chunk);
    const whole = Buffer.concat(chunks);
    const text = whole.toString();
    onEnd({ body: toObject(text) ?? {}, text, end: (body = whole) => send(body) });
    return response;
  };
}

function toObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Browsers send the cookies of every port of `localhost`. Only ours is of interest here. */
function cookieIn(header: string | undefined): string | undefined {
  return new RegExp(`${cookieName}=([^;,]*)`).exec(header ?? '')?.[1];
}

function toHeaders(headers: NodeJS.Dict<number | string | readonly string[]>): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const text = String(value);
      if (name !== 'cookie') return [name, text];
      const own = cookieIn(text);
      return [name, own === undefined ? '(none of this application)' : `${cookieName}=${own}`];
    }),
  );
}

/** Reads an access token without a check: what it says is drawn, never believed. */
function readAccess(token: string | undefined): AccessNote | undefined {
  if (token === undefined) return undefined;
  const [header, claims] = token.split('.', 2).map((part) => {
    return toObject(Buffer.from(part, 'base64url').toString()) as
      | Readonly<Record<string, unknown>>
      | undefined;
  });
  if (!header || !claims) return undefined;
  return {
    print: printOf(token),
    kid: String(header['kid']),
    sessionId: String(claims['sid']),
    generation: Number(claims['gen']),
    issuedAt: Number(claims['iat']) * 1_000,
    expiresAt: Number(claims['exp']) * 1_000,
  };
}

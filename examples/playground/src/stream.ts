// The stream of the playground: everything that the page draws, as server-sent events without a token.

import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { TokenpairEvent } from '@tokenpair/core';

/** Who sent a request. `other`: a request that comes neither from a frame nor from the cards, of curl for example. */
export type Row = 'tab-a' | 'tab-b' | 'phone' | 'thief' | 'other';

/** What the claims and the header of an access token say. */
export interface AccessNote {
  /** Four hex digits of the SHA-256 of the token. */
  readonly print: string;
  readonly kid: string;
  readonly sessionId: string;
  readonly generation: number;
  /** Milliseconds since the epoch, as `expiresAt`. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A session record, without its notes. All times are milliseconds since the epoch. */
export interface RecordNote {
  readonly sessionId: string;
  readonly generation: number;
  /** The highest generation that was seen in use. */
  readonly confirmed: number;
  /** Hash of the current refresh token's secret, shortened. */
  readonly hash: string;
  readonly createdAt: number;
  readonly rotatedAt: number;
  readonly idleEnd: number;
  readonly absoluteEnd: number;
}

export type Headers = Readonly<Record<string, string>>;

/** A message before its number and its time are added. */
export type Note =
  | {
      readonly type: 'start';
      readonly framework: string;
      readonly accessTokenLifetime: number;
      readonly reuseInterval: number;
    }
  | {
      readonly type: 'request';
      readonly exchange: number;
      readonly row: Row;
      readonly method: string;
      readonly path: string;
      readonly headers: Headers;
      readonly access?: AccessNote | undefined;
      /** Four hex digits of the SHA-256 of the refresh token. */
      readonly refresh?: string | undefined;
    }
  /** The application has answered, and the tap holds the answer back. */
  | { readonly type: 'held'; readonly exchange: number }
  | {
      readonly type: 'answer';
      readonly exchange: number;
      readonly status: number;
      readonly headers: Headers;
      /** The body of the request. */
      readonly sent?: unknown;
      readonly body?: unknown;
      /** `cut`: the connection was cut instead. `html`: a page of a proxy was sent instead. `gone`: the client had gone away. */
      readonly fault?: 'cut' | 'html' | 'gone' | undefined;
      readonly access?: AccessNote | undefined;
      readonly refresh?: string | undefined;
    }
  | { readonly type: 'event'; readonly exchange: number; readonly event: TokenpairEvent }
  | { readonly type: 'store'; readonly records: readonly RecordNote[] }
  | { readonly type: 'advance'; readonly seconds: number }
  | { readonly type: 'control'; readonly says: string };

export type Message = Note & {
  readonly sequence: number;
  /** Milliseconds since the epoch, by the clock of the application. */
  readonly at: number;
};

export interface Stream {
  publish(note: Note): void;
  /** Number of the latest message. */
  readonly sequence: number;
  /** Forgets all messages. Every page begins anew. */
  clear(): void;
  /** Sends all messages, and then each new one. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

/** Older messages are forgotten. */
const maxMessages = 5_000;

/** @param now - the clock of the application. */
export function createStream(now: () => number): Stream {
  const pages = new Set<ServerResponse>();
  let frames: { readonly sequence: number; readonly text: string }[] = [];
  let sequence = 0;
  // What a page has from before this one may have the same numbers.
  let firstOfThis = 1;

  return {
    get sequence() {
      return sequence;
    },
    publish(note) {
      sequence += 1;
      const text = toFrame(sequence, { ...note, sequence, at: now() });
      frames.push({ sequence, text });
      // The first one says what the application is.
      if (frames.length > maxMessages) frames = [frames[0]!, ...frames.slice(-maxMessages / 2)];
      for (const page of pages) page.write(text);
    },
    clear() {
      frames = [];
      firstOfThis = sequence + 1;
    },
    serve(request, response) {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
      const last = Number(request.headers['last-event-id'] ?? 0);
      const from = last >= firstOfThis && last <= sequence ? last : 0;
      response.write('retry: 500\n\n');
      for (const frame of frames) if (frame.sequence > from) response.write(frame.text);
      pages.add(response);
      response.once('close', () => pages.delete(response));
    },
    close() {
      for (const page of pages) page.end();
    },
  };
}

function toFrame(sequence: number, message: Message): string {
  return `id: ${sequence}\ndata: ${withoutTokens(JSON.stringify(message, plainErrors))}\n\n`;
}

/** The only way into the stream: every token becomes four hex digits, wherever it is in a message. */
export function withoutTokens(text: string): string {
  return text
    .replace(/tpr_[\w-]+/g, (token) => `refresh ·${printOf(token)}`)
    .replace(/eyJ[\w-]*\.[\w-]*\.[\w-]*/g, (token) => `access ·${printOf(token)}`)
    .replace(/"password":"(?:[^"\\]|\\.)*"/g, '"password":"…"');
}

/** Four hex digits of the SHA-256 of a token: enough to see that two are the same. */
export function printOf(token: string): string {
  return hash('sha256', token, 'hex').slice(0, 4);
}

/** The cause of an event is an error, which JSON leaves empty. */
function plainErrors(_name: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}

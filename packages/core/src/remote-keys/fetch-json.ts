// Beside the guard journey: one JSON object from one URL, within bounds. What it is good for is judged by the caller.

import { X509Certificate } from 'node:crypto';
import type { Agent, IncomingMessage } from 'node:http';
import type { request } from 'node:https';

import { isObject, refuseOption } from '../lib/options.js';
import { whenVerified } from './verified-connection.js';

/** How a document is asked for. */
export interface FetchOptions {
  /**
   * Request headers, such as one that authenticates this server. `Accept-Encoding` stays ours.
   * @defaultValue none but `Accept`
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Certificate authorities as PEM text that are trusted *instead of* those that Node knows: for an endpoint behind a
   * private one. @defaultValue those that Node knows
   */
  readonly ca?: string | readonly string[] | undefined;
  /**
   * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
   * verified for the host in the URL, whatever the agent's `rejectUnauthorized`, `checkServerIdentity` and `servername`
   * say. A connection that resumes a TLS session is refused: Node's own agents are asked for a full handshake, an agent
   * that keeps sessions by itself must make one. @defaultValue a new connection for each load
   */
  readonly agent?: Agent | undefined;
}

/** Checked {@link FetchOptions}. */
export interface Fetching {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string[] | undefined;
  readonly agent: Agent | undefined;
}

export const fetchOptionNames: readonly string[] = ['headers', 'ca', 'agent'];

const maxBytes = 512 * 1_024;

/**
 * Gets a JSON object. Over TLS nothing is sent before the server has been verified. Status 200 counts and nothing else: no
 * redirect is followed, for the place that it leads to is nobody's choice. At most 512 KB are read, and no more: the
 * connection is cut. Time is bounded by the signal.
 *
 * @throws Error saying where what went wrong; nothing of the answer but its status is in it.
 */
export async function fetchJson(
  url: URL,
  options: Fetching,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await get(url, options, signal);
  try {
    requirePlainAnswer(url, response);
    return parse(url, await readBody(url, response));
  } finally {
    // Cuts the connection if there is more to come.
    response.destroy();
  }
}

function get(
  url: URL,
  { headers, ca, agent }: Fetching,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = requestOver(url.protocol)(url, {
      headers: {
        accept: 'application/json, application/jwk-set+json',
        ...headers,
        'accept-encoding': 'identity',
      },
      // Not the global one, which keeps connections open that nobody needs for minutes.
      agent: agent ?? false,
      ca,
      // Written out, it also overrides NODE_TLS_REJECT_UNAUTHORIZED. What the agent says overrides it.
      rejectUnauthorized: true,
      ...fullHandshake,
      signal,
    });
    // Not once: what goes wrong after the answer has begun is told here as well as to who reads.
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed the connection without an answer')));
    // The headers may hold secrets: they are written by `end`, not before.
    const send = () => request.once('response', resolve).end();
    if (url.protocol !== 'https:') send();
    else {
      request.once('socket', (socket) =>
        whenVerified(url, socket, send, (reason) => {
          reject(reason);
          request.destroy();
        }),
      );
    }
  });
}

// Node does not compare certificate and host name when it resumes a session. Node's agents look for one only when the
// request has no member of this name.
const fullHandshake = { session: undefined };

// Got when they are needed: to load them takes as long as to load all the rest of core, and few services fetch keys.
function requestOver(protocol: string): typeof request {
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http').request;
}

function requirePlainAnswer(url: URL, { statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) fail(url, `answered with status ${statusCode}`);
  // It was asked for as it is; what comes packed all the same could unpack to any size.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    fail(url, 'answered with an encoded body');
  }
}

async function readBody(url: URL, response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) fail(url, `answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(url: URL, body: Buffer): Record<string, unknown> {
  const value = parseJson(body);
  return isObject(value) ? value : fail(url, 'answered with something else than a JSON object');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes what came.
    return undefined;
  }
}

/** For the log. Without the query, which may hold a secret. */
export function fail(url: URL, what: string): never {
  throw new Error(`${url.origin}${url.pathname} ${what}`);
}

/** An https URL, or http to this machine itself, without credentials and fragment. */
export function requireFetchableUrl(option: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.username === '' && url.password === '' && url.hash === '';
  if (!isPlain || !(url.protocol === 'https:' || isLoopback(url))) {
    // Not what came: there may be a password in it.
    return refuseOption(option, 'an https URL (http for a loopback host) without credentials');
  }
  return url;
}

// The parser has brought every spelling of an IPv4 address to this one.
function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Checks the options. What comes back are copies: what a caller changes later does not count. */
export function readFetchOptions({ headers = {}, ca, agent }: FetchOptions): Fetching {
  if (agent !== undefined && typeof Object(agent).addRequest !== 'function') {
    refuseOption('agent', 'an agent as node:http and node:https have', agent);
  }
  return { headers: readHeaders(headers), ca: ca === undefined ? ca : readCertificates(ca), agent };
}

function readHeaders(headers: unknown): Record<string, string> {
  if (!isObject(headers)) return refuseOption('headers', 'an object');
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (typeof value !== 'string' || !isHeader(name, value)) {
        return refuseOption(`headers['${name}']`, 'a header name and its value, a string');
      }
      return [name.toLowerCase(), value];
    }),
  );
}

function isHeader(name: string, value: string): boolean {
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function readCertificates(ca: unknown): string[] {
  const texts: unknown[] = Array.isArray(ca) ? ca : [ca];
  return texts.map((text) => {
    if (typeof text !== 'string' || !isCertificate(text)) {
      return refuseOption('ca', 'certificates as PEM text');
    }
    return text;
  });
}

// Node takes what it cannot read without a word, and then trusts nobody.
function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

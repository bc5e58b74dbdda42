// Fetches one JSON object from one URL, within limits of size and time. The caller checks what is in it.

import { X509Certificate } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';

import { failFetch } from './fetch-error.js';
import { isObject, refuseOption } from '../lib/options.js';
import { whenVerified } from './verified-connection.js';

/** How a document is fetched. */
export interface FetchOptions {
  /**
   * Request headers, for example one that authenticates this server. `Accept-Encoding` cannot be changed.
   * @defaultValue only `Accept`
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Certificate authorities as PEM text, trusted *instead of* those of Node: for an endpoint whose certificate comes from a
   * private authority. @defaultValue the certificate authorities of Node
   */
  readonly ca?: string | readonly string[] | undefined;
  /**
   * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
   * verified for the host in the URL; `rejectUnauthorized`, `checkServerIdentity` and `servername` of the agent do not
   * change that. A connection that resumes a TLS session is refused: the agents of Node make a full handshake by
   * themselves, an agent that stores sessions must be set to make one. @defaultValue a new connection for each load
   */
  readonly agent?: http.Agent | undefined;
}

/** Checked {@link FetchOptions}. */
export interface FetchSettings {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string[] | undefined;
  readonly agent: http.Agent | undefined;
}

export const fetchOptionNames: readonly string[] = ['headers', 'ca', 'agent'];

const maxBytes = 512 * 1_024;

/**
 * Fetches a JSON object. Over TLS nothing is sent before the server has been verified. Accepts status 200 only, and follows
 * no redirect: the application has not chosen where it leads. Reads at most 512 KB, then closes the connection. The signal
 * limits the time.
 *
 * @throws Error with the URL and what went wrong. Of the response it contains the status only.
 */
export async function fetchJson(
  url: URL,
  options: FetchSettings,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await get(url, options, signal);
  try {
    requirePlainAnswer(url, response);
    return parse(url, await readBody(url, response));
  } finally {
    // Closes the connection if the response is not complete.
    response.destroy();
  }
}

function get(
  url: URL,
  { headers, ca, agent }: FetchSettings,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { request: createRequest } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = createRequest(url, {
      headers: {
        accept: 'application/json, application/jwk-set+json',
        ...headers,
        'accept-encoding': 'identity',
      },
      // The global agent would keep the connection open until the next load.
      agent: agent ?? false,
      ca,
      // Overrides NODE_TLS_REJECT_UNAUTHORIZED. The agent's own setting overrides this one, hence `whenVerified`.
      rejectUnauthorized: true,
      ...fullHandshake,
      signal,
    });
    // Not `once`: an error in the middle of the response is emitted here too, and would be uncaught.
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed the connection without an answer')));
    // The headers may hold secrets. They are written by `end`, not before.
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

// When Node resumes a TLS session it does not compare certificate and host name. Its agents look for a session to resume
// only if the request has no member of this name.
const fullHandshake = { session: undefined };

function requirePlainAnswer(url: URL, { statusCode, headers }: http.IncomingMessage): void {
  if (statusCode !== 200) failFetch(url, `answered with status ${statusCode}`);
  // `identity` was requested. A compressed body could decompress to any size.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    failFetch(url, 'answered with an encoded body');
  }
}

async function readBody(url: URL, response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) failFetch(url, `answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(url: URL, body: Buffer): Record<string, unknown> {
  const value = parseJson(body);
  return isObject(value)
    ? value
    : failFetch(url, 'answered with something other than a JSON object');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The message of the parser quotes the body.
    return undefined;
  }
}

/** Requires an https URL, or an http URL of a loopback host, without credentials and fragment. */
export function requireFetchableUrl(option: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.username === '' && url.password === '' && url.hash === '';
  if (!isPlain || !(url.protocol === 'https:' || isLoopback(url))) {
    // The value is not in the message: it may hold a password.
    return refuseOption(option, 'an https URL (http for a loopback host) without credentials');
  }
  return url;
}

// The URL parser has normalized every spelling of an IPv4 address to this one.
function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Checks the options and copies them, so that later changes have no effect. */
export function readFetchOptions({ headers = {}, ca, agent }: FetchOptions): FetchSettings {
  if (agent !== undefined && typeof Object(agent).addRequest !== 'function') {
    refuseOption('agent', 'an http.Agent or https.Agent of Node', agent);
  }
  return { headers: readHeaders(headers), ca: ca === undefined ? ca : readCertificates(ca), agent };
}

function readHeaders(headers: unknown): Record<string, string> {
  if (!isObject(headers)) return refuseOption('headers', 'an object');
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (typeof value !== 'string' || !isHeader(name, value)) {
        return refuseOption(
          `headers['${name}']`,
          'a valid header name with a valid value, a string',
        );
      }
      return [name.toLowerCase(), value];
    }),
  );
}

function isHeader(name: string, value: string): boolean {
  try {
    http.validateHeaderName(name);
    http.validateHeaderValue(name, value);
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

// Node ignores text that is no certificate, and then trusts no server. Fail at construction instead.
function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

// Fetches one JSON object from one URL, within limits of size and time. The caller checks what is in it.

import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, TLSSocket } from 'node:tls';

import { attempt } from '../lib/attempt.js';
import { isObject } from '../lib/options.js';
import type { FetchFunction, FetchSettings } from './fetch-options.js';

const maxBytes = 512 * 1_024;

/** Throws an Error that names the URL without its query, which may hold a secret. */
export function failFetch(url: URL, what: string): never {
  throw new Error(`${url.origin}${url.pathname} ${what}`);
}

/**
 * Fetches a JSON object. Follows no redirect: the application has not chosen where it leads.
 *
 * @throws Error with the URL and what went wrong. Of the response it contains the status only.
 */
export async function fetchJson(
  url: URL,
  options: FetchSettings,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const given = options.headers();
  const headers = {
    accept: 'application/json, application/jwk-set+json',
    ...(given instanceof Promise ? await given : given),
    'accept-encoding': 'identity',
  };
  const body = await (options.fetch
    ? fetchWith(options.fetch, url, headers, signal)
    : fetchOverNode(url, headers, options, signal));
  // The message of the parser quotes the body, so it is not passed on.
  const value = attempt((): unknown =>
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)),
  );
  return isObject(value)
    ? value
    : failFetch(url, 'answered with something other than a JSON object');
}

type Headers = Record<string, string>;

async function fetchWith(
  fetch: FetchFunction,
  url: URL,
  headers: Headers,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const response = await fetch(url.href, { method: 'GET', headers, redirect: 'manual', signal });
  const { status, body, redirected } = response;
  // The function may have passed no `redirect` on, and then the keys are those of an address that the application has not chosen.
  if (redirected === true) {
    failFetch(
      url,
      'was redirected by the option fetch: let it pass init on, as (url, init) => fetch(url, init)',
    );
  }
  if (status !== 200) failFetch(url, `answered with status ${status}`);
  if (isIterable(body)) return readBody(url, body);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length > maxBytes ? failTooLarge(url) : bytes;
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function fetchOverNode(
  url: URL,
  headers: Headers,
  options: FetchSettings,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const response = await get(url, headers, options, signal);
  try {
    const { statusCode, headers: received } = response;
    if (statusCode !== 200) failFetch(url, `answered with status ${statusCode}`);
    // `identity` was requested. A compressed body could decompress to any size.
    if ((received['content-encoding'] ?? 'identity') !== 'identity') {
      failFetch(url, 'answered with an encoded body');
    }
    return await readBody(url, response);
  } finally {
    // Closes the connection if the response is not complete.
    response.destroy();
  }
}

function get(
  url: URL,
  headers: Headers,
  { ca, agent }: FetchSettings,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(url, {
      // The global agent would keep the connection open until the next load.
      headers: agent ? headers : { ...headers, connection: 'close' },
      // Without one, Node uses the global agent: with NODE_USE_ENV_PROXY, that is the way through the proxy.
      agent,
      ca,
      // Overrides NODE_TLS_REJECT_UNAUTHORIZED. The agent's own setting overrides this one, hence `requireVerifiedServer`.
      rejectUnauthorized: true,
      ...fullHandshake,
      signal,
    });
    // Not `once`: an error in the middle of the response is emitted here too, and would be uncaught.
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed the connection without an answer')));
    // The headers may hold secrets. They are written by `end`, not before.
    const send = () => request.once('response', resolve).end();
    const sendIfVerified = (socket: Duplex) => {
      try {
        requireVerifiedServer(url, socket);
        send();
      } catch (reason) {
        reject(reason);
        request.destroy();
      }
    };
    if (isSecure) request.once('socket', (socket) => afterHandshake(socket, sendIfVerified));
    else send();
  });
}

// When Node resumes a TLS session it does not compare certificate and host name. Its agents look for a session to resume
// only if the request has no member of this name.
const fullHandshake = { session: undefined };

/** The connection may be new, or one that an agent has kept. */
function afterHandshake(socket: Duplex, proceed: (socket: Duplex) => void): void {
  // Node sets one of the two at the end of the handshake. Before, the error is null, whatever its type says.
  if (!(socket instanceof TLSSocket) || socket.authorized || Boolean(socket.authorizationError)) {
    proceed(socket);
  } else {
    socket.once('secureConnect', () => proceed(socket));
  }
}

// Does not rely on the agent that made the connection: it may accept any certificate or any host. RFC 9110 §4.3.4
function requireVerifiedServer(url: URL, socket: Duplex): void {
  if (!(socket instanceof TLSSocket)) {
    failFetch(
      url,
      'was reached without TLS: a proxy may have refused the connection, or a library for tests (msw, nock, mock-jwks) has ' +
        'answered; in such a test, give the key set the option fetch: (url, init) => fetch(url, init)',
    );
  }
  if (socket.destroyed) failFetch(url, 'closed the connection');
  if (!socket.authorized) {
    const reason = String(socket.authorizationError);
    failFetch(url, `sent a certificate that was not verified (${reason})`);
  }
  // In a resumed session Node does not compare host names, and has no certificate to compare here.
  if (socket.isSessionReused()) {
    failFetch(
      url,
      'was reached by an agent that resumes a TLS session, in which the certificate is not verified again: ' +
        'let the agent do a full handshake, or give the key set an agent that nothing else uses',
    );
  }
  const hostname = url.hostname.replaceAll(/[[\]]/g, '');
  const mismatch = checkServerIdentity(hostname, socket.getPeerCertificate());
  if (mismatch !== undefined) throw mismatch;
}

async function readBody(url: URL, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) failTooLarge(url);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function failTooLarge(url: URL): never {
  return failFetch(url, `answered with more than ${maxBytes} bytes`);
}

// Checks the options of a fetch, and the URLs that may be fetched.

import { X509Certificate } from 'node:crypto';
import * as http from 'node:http';

import { attempt } from '../lib/attempt.js';
import { isObject, refuseOption } from '../lib/options.js';

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
    Object.entries(headers).map(([name, value]) =>
      typeof value === 'string' && isHeader(name, value)
        ? [name.toLowerCase(), value]
        : refuseOption(`headers['${name}']`, 'a valid header name with a valid value, a string'),
    ),
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

// Node ignores text that is no certificate, and then trusts no server. Fail at construction instead.
function readCertificates(ca: unknown): string[] {
  const texts: unknown[] = Array.isArray(ca) ? ca : [ca];
  return texts.map((text) =>
    typeof text === 'string' && attempt(() => new X509Certificate(text))
      ? text
      : refuseOption('ca', 'certificates as PEM text'),
  );
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

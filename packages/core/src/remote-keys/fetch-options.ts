// Checks the options of a fetch, and the URLs that may be fetched.

import { X509Certificate } from 'node:crypto';
import * as http from 'node:http';

import { attempt } from '../lib/attempt.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { isObject, refuseOption, requireFunction } from '../lib/options.js';

/** How a document is fetched. */
export interface FetchOptions {
  /**
   * Request headers, for example one that authenticates this server, or a function that returns them, also as a promise:
   * for a token that expires. The function is called for each request and has the time of the load. If it fails, the load
   * fails. `Accept-Encoding` cannot be changed. @defaultValue only `Accept`
   */
  readonly headers?: RequestHeaders | (() => MaybePromise<RequestHeaders>) | undefined;
  /**
   * Names of hosts that may be asked over plain http, without port and patterns: `['keycloak']`. Who can change the traffic to
   * such a host can sign tokens that are accepted: name only hosts inside a network that you trust.
   * @defaultValue none: http is for loopback hosts only
   */
  readonly allowInsecureHosts?: readonly string[] | undefined;
  /**
   * Certificate authorities as PEM text, trusted *instead of* those of Node: for an endpoint whose certificate comes from a
   * private authority. @defaultValue the certificate authorities of Node
   */
  readonly ca?: string | readonly string[] | undefined;
  /**
   * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
   * verified for the host in the URL; `rejectUnauthorized`, `checkServerIdentity` and `servername` of the agent do not
   * change that. A connection that resumes a TLS session is refused: the agents of Node make a full handshake by
   * themselves, an agent that stores sessions must be set to make one.
   * @defaultValue the global agent of Node, which uses a proxy if `NODE_USE_ENV_PROXY` is set; a new connection for each load
   */
  readonly agent?: http.Agent | undefined;
  /**
   * Used instead of Node's `http` and `https`: for another transport, or for tests with msw, nock or mock-jwks, as
   * `(url, init) => fetch(url, init)`. Then the function decides about certificates, proxies and connections, and tokenpair
   * checks only status, size and content. Redirects are refused, if the function observes `redirect: 'manual'`, or sets
   * `redirected` as the Fetch API does. Not with `ca` or `agent`. @defaultValue none
   */
  readonly fetch?: FetchFunction | undefined;
}

export type RequestHeaders = Readonly<Record<string, string>>;

/** The part of the Fetch API that is used. The `fetch` of every runtime fits. */
export type FetchFunction = (
  url: string,
  init: {
    readonly method: 'GET';
    readonly headers: Record<string, string>;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<FetchedResponse>;

/** The part of a Fetch `Response` that is read. */
export interface FetchedResponse {
  readonly status: number;
  /** Whether a redirect was followed: then the load fails. */
  readonly redirected?: boolean;
  /** Read in pieces if it is iterable, so that a body that is too large is not read to its end. */
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Checked {@link FetchOptions}. */
export interface FetchSettings {
  /** Names in lower case. Called for each request. */
  readonly headers: () => MaybePromise<Record<string, string>>;
  readonly insecureHosts: ReadonlySet<string>;
  readonly fetch: FetchFunction | undefined;
  readonly ca: string[] | undefined;
  readonly agent: http.Agent | undefined;
}

export const fetchOptionNames: readonly string[] = [
  'headers',
  'allowInsecureHosts',
  'ca',
  'agent',
  'fetch',
];

/** Checks the options and copies them, so that later changes have no effect. */
export function readFetchOptions({
  headers = {},
  allowInsecureHosts = [],
  ca,
  agent,
  fetch,
}: FetchOptions): FetchSettings {
  requireFunction('fetch', fetch);
  if (fetch !== undefined && (ca !== undefined || agent !== undefined)) {
    throw new TypeError('fetch cannot be combined with ca or agent: let the function use them');
  }
  if (agent !== undefined && typeof Object(agent).addRequest !== 'function') {
    refuseOption('agent', 'an http.Agent or https.Agent of Node', agent);
  }
  return {
    headers: readHeaderSource(headers),
    insecureHosts: readHosts(allowInsecureHosts),
    ca: ca === undefined ? ca : readCertificates(ca),
    agent,
    fetch,
  };
}

function readHeaderSource(headers: NonNullable<FetchOptions['headers']>): FetchSettings['headers'] {
  if (typeof headers === 'function') return async () => readHeaders(await headers());
  const fixed = readHeaders(headers);
  return () => fixed;
}

function readHosts(hosts: unknown): ReadonlySet<string> {
  const expected = "an array of host names like 'keycloak', without scheme, port and pattern";
  if (!Array.isArray(hosts)) return refuseOption('allowInsecureHosts', expected, hosts);
  return new Set(
    hosts.map((host: unknown) => {
      const isHost = typeof host === 'string' && !host.includes('*') && hostnameOf(host) === host;
      return isHost ? host : refuseOption('allowInsecureHosts', expected, host);
    }),
  );
}

function hostnameOf(host: string): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
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

/** Requires an https URL, or an http URL of a loopback host or an allowed one, without credentials and fragment. */
export function requireFetchableUrl(
  option: string,
  value: unknown,
  insecureHosts: ReadonlySet<string>,
): URL {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.username === '' && url.password === '' && url.hash === '';
  if (
    !isPlain ||
    !(url.protocol === 'https:' || isLoopback(url) || isAllowed(url, insecureHosts))
  ) {
    // The value is not in the message: it may hold a password.
    return refuseOption(
      option,
      'an https URL without credentials (http for a loopback host, or for a host in allowInsecureHosts)',
    );
  }
  return url;
}

function isAllowed({ protocol, hostname }: URL, insecureHosts: ReadonlySet<string>): boolean {
  return protocol === 'http:' && insecureHosts.has(hostname);
}

// The URL parser has normalized every spelling of an IPv4 address to this one.
function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

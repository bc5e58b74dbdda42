// Checks the options of a client.

import type { ClientOptions, TokenStorage } from './types.js';

export interface CheckedOptions {
  /** Absolute, without a slash at its end. */
  readonly mount: string;
  readonly origins: readonly string[];
  readonly send: typeof globalThis.fetch;
  readonly wait: number;
  readonly isCookie: boolean;
  readonly storage: TokenStorage | undefined;
  readonly sendAccessToken?: boolean;
  /** Name of the channel, if there is one. */
  readonly channel: string | false | undefined;
  readonly onSignedOut: ClientOptions['onSignedOut'];
  readonly onReauthenticate: ClientOptions['onReauthenticate'];
  readonly onEvent: ClientOptions['onEvent'];
}

/** The type of each option. More is checked below. */
const types = new Map(
  Object.entries({
    mount: 'string or object',
    transport: 'string',
    storage: 'object',
    origins: 'object',
    wait: 'number',
    fetch: 'function',
    sendAccessToken: 'boolean',
    channel: 'boolean',
    onSignedOut: 'function',
    onReauthenticate: 'function',
    onEvent: 'function',
  }),
);

/** @throws TypeError naming the option that is wrong. */
export function checkOptions(options: ClientOptions): CheckedOptions {
  for (const [name, value] of Object.entries(options)) {
    const type = types.get(name);
    check(type, `unknown option ${name}`);
    check(value === undefined || type?.includes(typeof value), `${name} must be ${type}`);
  }
  // Without a prototype: a member that something adds to the prototype of all objects must not choose where tokens go.
  const own = Object.assign(Object.create(null), options) as ClientOptions;
  const { transport, wait = 10, origins = [], channel, fetch: send } = own;
  const { storage } = own as { storage?: TokenStorage };
  const isCookie = transport === 'cookie';
  check(isCookie || transport === 'body', "transport must be 'cookie' or 'body'");
  const methods = ['get', 'set', 'delete'] as const;
  const isStorage = methods.every((name) => typeof storage?.[name] === 'function');
  check(isCookie ? !storage : isStorage, 'storage must be get, set and delete, for the body only');
  check(wait >= 1 && wait <= 15, 'wait must be 1 to 15 seconds');
  const isOrigin = (origin: string) => toUrl(origin)?.origin === origin;
  check(isOrigin('https://a.example'), 'URL has no origin: load react-native-url-polyfill/auto');
  check(Array.isArray(origins) && origins.every(isOrigin), 'origins must be exact origins');
  const url = toUrl(own.mount) as URL;
  check(url && isOrigin(url.origin), 'mount must be a URL, absolute outside of a page');
  check(!isCookie || pageUrl(), 'with cookies, on a server, all visitors would share a session');
  const mount = url.origin + url.pathname.replace(/\/$/, '');
  const name = `tokenpair ${mount}`;
  const shared = storage?.shared;
  return Object.assign(own, {
    mount,
    origins: [url.origin, ...origins],
    // Looked up at each call, so that what replaces the global one later is used.
    send: (...request: Parameters<typeof fetch>) => (send ?? fetch)(...request),
    wait,
    isCookie,
    storage,
    channel: channel !== false && (isCookie ? name : shared && `${name} ${shared}`),
  }) as CheckedOptions;
}

function check(isRight: unknown, text: string): void {
  if (!isRight) throw new TypeError(`createClient: ${text}`);
}

export const pageUrl = (): string | undefined =>
  (globalThis as { location?: Location }).location?.href;

function toUrl(text: string | URL): URL | undefined {
  try {
    return new URL(text, pageUrl());
  } catch {
    return undefined;
  }
}

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
  readonly sendAccessToken: boolean;
  /** Name of the channel; `undefined`: none. */
  readonly channel: string | undefined;
  readonly onSignedOut: ClientOptions['onSignedOut'];
  readonly onReauthenticate: ClientOptions['onReauthenticate'];
  readonly onEvent: ClientOptions['onEvent'];
}

const isFunction = (value: unknown) => typeof value === 'function';
const isBoolean = (value: unknown) => typeof value === 'boolean';

/** What each option must be. One that may be left out is not checked when it is `undefined`. */
const rules: Record<string, readonly [(value: unknown) => unknown, string]> = {
  mount: [(value) => toUrl(value), 'a URL, absolute outside of a page'],
  transport: [(value) => value === 'cookie' || value === 'body', "'cookie' or 'body'"],
  storage: [
    (value) => ['get', 'set', 'delete'].every((name) => isFunction((value as never)?.[name])),
    'an object with get, set and delete, with the transport body only',
  ],
  origins: [
    (value) => Array.isArray(value) && value.every((origin) => toUrl(origin)?.origin === origin),
    "a list of origins, 'https://api.example.com' for example",
  ],
  wait: [
    (value) => typeof value === 'number' && value >= 1 && value <= 15,
    'a number of seconds, 1 to 15',
  ],
  sendAccessToken: [isBoolean, 'a boolean'],
  channel: [isBoolean, 'a boolean'],
  fetch: [isFunction, 'a function'],
  onSignedOut: [isFunction, 'a function'],
  onReauthenticate: [isFunction, 'a function'],
  onEvent: [isFunction, 'a function'],
};

/** @throws TypeError naming the option that is wrong. */
export function checkOptions(options: ClientOptions): CheckedOptions {
  const given = options as unknown as Record<string, unknown> & ClientOptions;
  if (new URL('https://a.example/b').origin !== 'https://a.example') {
    throw fault('URL has no origin here: import react-native-url-polyfill/auto first');
  }
  for (const name of Object.keys(given)) if (!rules[name]) throw fault(`unknown option ${name}`);
  const isCookie = given.transport === 'cookie';
  const storage = isCookie ? undefined : (given as { storage?: TokenStorage }).storage;
  for (const [name, [isRight, expected]] of Object.entries(rules)) {
    const value = given[name];
    const isNeeded = /^(mount|transport)$/.test(name) || (name === 'storage' && !isCookie);
    const isWrong =
      value === undefined ? isNeeded : !isRight(value) || (name === 'storage' && isCookie);
    if (isWrong) throw fault(`${name} must be ${expected}`);
  }
  if (isCookie && !pageUrl()) {
    throw fault('a cookie client on a server would give the session of one visitor to all');
  }
  const { origin, pathname } = toUrl(given.mount) as URL;
  const mount = origin + pathname.replace(/\/$/, '');
  const { wait = 10, sendAccessToken = false, channel, origins = [], fetch: own } = given;
  const isShared = channel !== false && (isCookie || storage?.shared !== undefined);
  return {
    ...given,
    mount,
    origins: [origin, ...origins],
    // Looked up at each call, so that what replaces the global one later is used.
    send: own ? (input, init) => own(input, init) : (input, init) => fetch(input, init),
    wait,
    isCookie,
    storage,
    sendAccessToken,
    channel: isShared
      ? ['tokenpair', mount, ...(isCookie ? [] : [storage?.shared])].join(' ')
      : undefined,
  } as CheckedOptions;
}

const fault = (text: string) => new TypeError(`createClient: ${text}`);

const pageUrl = () => (globalThis as { location?: Location }).location?.href;

function toUrl(text: unknown): URL | undefined {
  try {
    return new URL(text as string, pageUrl());
  } catch {
    return undefined;
  }
}

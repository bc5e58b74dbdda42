// The headers of every answer behind pages: no cache keeps an answer with a session, and our cookies reach the browser, whatever
// a handler does with the headers. RFC 9111 §5.2.2

import type { ServerResponse } from 'node:http';

export interface PageHeaders {
  /**
   * Sets cookies, in place of ours that an earlier call has set. Cookies of the application remain.
   *
   * @param isCurrent - asked when the headers are written: `false` leaves the cookies out. @defaultValue they are current
   */
  setCookies(lines: readonly string[], isCurrent?: () => boolean): void;
  /** From now on, no cache may keep the answer. */
  keepPrivate(): void;
}

type WriteHead = (status: number, ...rest: readonly unknown[]) => ServerResponse;

interface OwnCookie {
  readonly line: string;
  readonly isCurrent: () => boolean;
}

/** All pages of an application watch a response together: with separate lists, a cookie of one would come after that of another. */
const watches = new WeakMap<ServerResponse, PageHeaders>();

/**
 * Completes the headers of a response when they are written: also those that a handler gives to `writeHead`, and after an error
 * handler has removed all of them.
 */
export function watchHeaders(response: ServerResponse): PageHeaders {
  const known = watches.get(response);
  if (known !== undefined) return known;
  const headers = startWatch(response);
  watches.set(response, headers);
  return headers;
}

function startWatch(response: ServerResponse): PageHeaders {
  /** By name. */
  const own = new Map<string, OwnCookie>();
  let isPrivate = false;
  // The middleware of a WebSocket server may have a plain object: nothing is written to it.
  if (typeof response.writeHead !== 'function') {
    return { setCookies: () => undefined, keepPrivate: () => undefined };
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the overloads of `writeHead`, as one
  const writeHead = response.writeHead.bind(response) as WriteHead;

  function complete(): void {
    addTo(response, 'Vary', 'Cookie');
    const present = linesOf(response, 'Set-Cookie');
    const late = new Set<string>();
    const missing: string[] = [];
    for (const { line, isCurrent } of own.values()) {
      if (!isCurrent()) late.add(line);
      else if (!present.includes(line)) missing.push(line);
    }
    writeCookies(response, [...present.filter((line) => !late.has(line)), ...missing]);
    if (isPrivate || response.hasHeader('Set-Cookie')) forbidCaching(response);
  }

  const watched: WriteHead = (status, ...rest) => {
    // Throws, as it does without us.
    if (response.headersSent) return writeHead(status, ...rest);
    const [first, second] = rest;
    const given = typeof first === 'string' ? second : (second ?? first);
    setGiven(response, given);
    complete();
    return typeof first === 'string' ? writeHead(status, first) : writeHead(status);
  };
  response.writeHead = watched;

  return {
    setCookies(lines, isCurrent = () => true) {
      for (const line of lines) own.set(nameOf(line), { line, isCurrent });
      if (response.headersSent) return;
      const others = linesOf(response, 'Set-Cookie').filter((line) => !own.has(nameOf(line)));
      writeCookies(response, [...others, ...[...own.values()].map(({ line }) => line)]);
    },
    keepPrivate() {
      isPrivate = true;
    },
  };
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf('='));
}

function writeCookies(response: ServerResponse, lines: readonly string[]): void {
  if (lines.length > 0) response.setHeader('Set-Cookie', lines);
  else response.removeHeader('Set-Cookie');
}

function forbidCaching(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'private, no-store');
  // Caches in front of the server read these first. RFC 9213; `X-Accel-Expires`: nginx; `Edge-Control`: Akamai
  for (const name of response.getHeaderNames()) {
    if (/.-cache-control$|^(?:surrogate-control|edge-control|x-accel-expires)$/i.test(name))
      response.removeHeader(name);
  }
}

/** Sets what was given to `writeHead`, as Node does: an object replaces headers, so does a list, whose names may come twice. */
function setGiven(response: ServerResponse, given: unknown): void {
  if (typeof given !== 'object' || given === null) return;
  const byName = new Map<string, unknown[]>();
  const pairs = Array.isArray(given) ? pairsOf(given) : Object.entries(given);
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), ...[value].flat()]);
  }
  for (const [name, values] of byName) {
    const all = values.length === 1 ? values[0] : values;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node throws for anything else, as without us
    response.setHeader(name, all as string | string[]);
  }
}

/** `['A', '1', 'B', '2']` or `[['A', '1'], ['B', '2']]`. */
function pairsOf(list: readonly unknown[]): readonly (readonly [string, unknown])[] {
  if (list.every((entry) => Array.isArray(entry))) {
    return list.map(([name, value]: readonly unknown[]) => [String(name), value]);
  }
  return list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1]] as const] : []));
}

function linesOf(response: ServerResponse, name: string): readonly string[] {
  const value = response.getHeader(name);
  return value === undefined ? [] : [value].flat().map(String);
}

function addTo(response: ServerResponse, name: string, member: string): void {
  const members = linesOf(response, name)
    .join(',')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const isThere = members.some((one) => one === '*' || one.toLowerCase() === member.toLowerCase());
  if (!isThere) response.setHeader(name, [...members, member].join(', '));
}

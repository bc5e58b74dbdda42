// The answers to a refused request: a redirect or a small page for a person, problem details for a program. RFC 9110 §15.4.4

import type { AuthError } from '../errors/auth-error.js';
import { problemResponse } from '../errors/error-response.js';
import type { HttpResponse } from '../lib/http-response.js';
import type { PageExchange } from './page-exchange.js';
import type { CheckedPagesOptions } from './page-options.js';
import { isReturnPath, returnParameter } from './return-path.js';
import { isPerson, isUnsafe } from './who-asks.js';

type Paths = Pick<CheckedPagesOptions, 'signIn' | 'reauthenticate'>;

/** A redirect to a path of this server, or to an address that the application names. */
export function seeOther(location: string): HttpResponse {
  const headers = { 'Cache-Control': 'private, no-store', Location: location };
  // An empty body, not none: Koa would make it 204.
  return { status: 303, headers, body: '' };
}

/**
 * The redirect that lets a person sign in, or prove again who they are. `undefined`: the error is answered otherwise.
 *
 * A person who asks for one of these two pages is never redirected: with blocked cookies there would be no end.
 */
export function redirectFor(
  { request, url }: PageExchange,
  { status, action }: AuthError,
  { signIn, reauthenticate }: Paths,
): HttpResponse | undefined {
  const target =
    action === 'login' ? signIn : action === 'reauthenticate' ? reauthenticate : undefined;
  const isTarget = [signIn, reauthenticate].some((path) => path !== undefined && isAt(url, path));
  if (status !== 401 || target === undefined || isTarget || !isPerson(request)) return undefined;
  // The answer to a form is no page that one can return to.
  if (isUnsafe(request) || !isReturnPath(url)) return seeOther(target);
  return seeOther(`${target}?${returnParameter}=${encodeURIComponent(url)}`);
}

function isAt(url: string, path: string): boolean {
  const [asked = ''] = url.split('?', 1);
  // Routers take a slash at the end for nothing.
  return asked.replace(/\/$/, '') === path.replace(/\/$/, '');
}

/** The answer to a refused request. */
export function refusalResponse(
  exchange: PageExchange,
  error: AuthError,
  paths: Paths,
): HttpResponse {
  if (!isPerson(exchange.request)) return problemResponse(error);
  return redirectFor(exchange, error, paths) ?? pageResponse(exchange.request, error, paths);
}

/** Title and text by status. No text of a request, a token or a library is in them. */
const texts: Readonly<Record<number, readonly [title: string, text: string]>> = {
  400: [
    'This request cannot be used',
    'Your browser sent something that does not belong to this site. Remove the cookies of this site, then open the page again.',
  ],
  401: ['Please sign in', 'This page needs to know who you are.'],
  403: ['Not allowed', 'You may not do this here.'],
  405: ['Not allowed', 'This address takes forms only.'],
  500: ['This page has an error', 'Trying again does not help.'],
  503: ['Not available just now', 'Please try again in a moment.'],
};

function pageResponse(
  request: PageExchange['request'],
  { status, headers }: AuthError,
  { signIn }: Paths,
): HttpResponse {
  const [title = '', text = ''] = texts[status] ?? texts[status < 500 ? 400 : 500] ?? [];
  const link = status === 401 ? ` <a href="${escapeHtml(signIn)}">Sign in</a>` : '';
  const retryAfter = headers['Retry-After'];
  // To load the answer to a form again would send the form again.
  const reloads = status === 503 && !isUnsafe(request) && typeof retryAfter === 'string';
  return {
    status,
    headers: {
      ...headers,
      'Cache-Control': 'private, no-store',
      'Content-Type': 'text/html; charset=utf-8',
      ...(reloads && { Refresh: retryAfter }),
    },
    body:
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${title}</title><h1>${title}</h1><p>${text}${link}</p></html>\n`,
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

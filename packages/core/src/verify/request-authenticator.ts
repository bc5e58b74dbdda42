// The guard journey as frameworks need it: once per request, for every request that is guarded.

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { isAuthError } from '../errors/auth-error.js';
import { checkOptions, requireBoolean, requireOneOf } from '../lib/options.js';
import type { NodeRequest } from './bearer-request.js';
import type { Guard } from './require-scopes.js';
import type { TokenVerifier } from './token-verifier.js';
import { createVerifiedRequests } from './verified-requests.js';
import type { VerifiedToken } from './verified-token.js';
import { verifyRequest } from './verify-bearer.js';

/** What adapters let an application choose. */
export interface AuthenticationOptions {
  /** Lets a request without a credential pass. One with a bad credential is still refused. @defaultValue `false` */
  readonly optional?: boolean | undefined;
  /**
   * `'pass'` lets a true CORS preflight (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) reach what is
   * behind, unverified. Better: put `cors()` in front. @defaultValue `'verify'`
   */
  readonly preflight?: 'verify' | 'pass' | undefined;
}

/** A request that frameworks on Node hand us. */
export type ServerRequest = NodeRequest;

/** Verifies requests and puts their tokens before guards; remembers them as long as there is the request. */
export interface RequestAuthenticator {
  /**
   * Verifies the request. With `optional`, one without a credential passes.
   *
   * @returns `undefined` when it has passed at once, or a promise; a refusal is always a rejection.
   */
  authenticate(request: ServerRequest): Promise<void> | undefined;
  /** Verifies the request, unless that has been done, and puts its token before a guard. Answers in the same way. */
  guard<Context>(
    request: ServerRequest,
    guard: Guard<Context>,
    context: Context,
  ): Promise<void> | undefined;
  /** The verified token of a request, if it has one. */
  tokenOf(request: object): VerifiedToken | undefined;
  /**
   * The same for a handler, which relies on it.
   *
   * @throws Error nothing has verified the request, and verifying is not optional.
   */
  requireToken(request: object): VerifiedToken | undefined;
}

const authenticationOptionNames = ['optional', 'preflight'];

/**
 * Composes {@link verifyBearer} and guards for an adapter, which then only translates.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
export function createRequestAuthenticator(
  verifier: TokenVerifier,
  options: AuthenticationOptions = {},
  adapterOptionNames: readonly string[] = [],
): RequestAuthenticator {
  const names = [...authenticationOptionNames, ...adapterOptionNames];
  const { optional = false, preflight = 'verify' } = checkOptions('bearer', options, names);
  requireBoolean('optional', optional);
  requireOneOf('preflight', preflight, ['verify', 'pass']);
  const { tokenOf, remember } = createVerifiedRequests();
  const passes = (request: ServerRequest) => preflight === 'pass' && isPreflight(request);

  /** The token of a request: known, verified at once, or a promise of it. */
  function tokenFor(request: ServerRequest): MaybePromise<VerifiedToken> {
    const known = tokenOf(request);
    if (known !== undefined) return known;
    const token = verifyRequest(verifier, request);
    if (token instanceof Promise) return rememberLater(request, token);
    remember(request, token);
    return token;
  }

  async function rememberLater(
    request: ServerRequest,
    pending: Promise<VerifiedToken>,
  ): Promise<VerifiedToken> {
    const token = await pending;
    remember(request, token);
    return token;
  }

  function passAnonymous(error: unknown): undefined {
    if (!(optional && isAuthError(error) && error.code === 'token_missing')) throw error;
  }

  return {
    // Written without a function that is made for each request, as is what it calls: this is the hot path.
    authenticate(request) {
      if (passes(request)) return undefined;
      try {
        const token = tokenFor(request);
        return token instanceof Promise ? token.then(saidNothing, passAnonymous) : undefined;
      } catch (error) {
        return Promise.reject(error).catch(passAnonymous);
      }
    },
    guard(request, guard, context) {
      if (passes(request)) return undefined;
      try {
        const verdict = andThen(tokenFor(request), (token) => guard(token, context));
        return verdict instanceof Promise ? verdict.then(saidNothing) : undefined;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    tokenOf,
    requireToken(request) {
      const token = tokenOf(request);
      if (token === undefined && !optional) {
        throw new Error('bearer has not verified this request: put it in front of this handler');
      }
      return token;
    },
  };
}

function saidNothing(): undefined {
  return undefined;
}

// Anything less than all three signs of a preflight is a request like any other.
function isPreflight({ method, headers }: ServerRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers['origin'] !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

// Verifies each request of a server once, for the middleware and the guards that adapters make.

import { isAuthError } from '../errors/auth-error.js';
import { checkOptions, requireBoolean, requireOneOf } from '../lib/options.js';
import type { NodeRequest } from './bearer-request.js';
import type { Guard } from './require-scopes.js';
import { requireCall } from './require-call.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
import { verifyBearer, verifyFromCache } from './verify-bearer.js';

/** Options of `bearer` in every adapter. */
export interface AuthenticationOptions {
  /** Lets a request without a credential pass. One with a bad credential still fails. @defaultValue `false` */
  readonly optional?: boolean | undefined;
  /**
   * `'pass'` lets a CORS preflight pass without verification: `OPTIONS` with `Origin` and
   * `Access-Control-Request-Method`. Prefer to put `cors()` in front. @defaultValue `'verify'`
   */
  readonly preflight?: 'verify' | 'pass' | undefined;
}

/** A request of a framework on Node. */
export type ServerRequest = NodeRequest;

/**
 * Verifies requests and runs guards. It keeps the token of each request as long as the request exists, and shares it with
 * the other authenticators of the same verifier: a request is verified once.
 */
export interface RequestAuthenticator {
  /**
   * Verifies the request. With `optional`, one without a credential passes.
   *
   * @returns `undefined` when the request passed and nothing had to be awaited: its token is in the verifier's cache, and
   * the verifier has neither `isRevoked` nor `transports`. Otherwise a promise, which rejects when the request fails.
   */
  authenticate(request: ServerRequest): Promise<void> | undefined;
  /** Verifies the request, unless that was done before, and calls a guard with its token. Rejects when either fails. */
  guard<Context>(request: ServerRequest, guard: Guard<Context>, context: Context): Promise<void>;
  /** The verified token of a request, or `undefined`. */
  tokenOf(request: object): VerifiedToken | undefined;
  /**
   * The verified token of a request, for a handler. With `optional`, `undefined` for a request without a credential.
   *
   * @throws Error the request was not verified, and `optional` is off.
   */
  requireToken(request: object): VerifiedToken | undefined;
}

const authenticationOptionNames = ['optional', 'preflight'];

/**
 * Composes {@link verifyBearer} and guards for the `bearer` of an adapter.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param adapterOptionNames - names of options that the adapter reads itself. Other names are an error.
 * @throws TypeError `verifier` is something else, or an option is wrong; the message says what to pass.
 */
export function createRequestAuthenticator(
  verifier: TokenVerifier,
  options: AuthenticationOptions = {},
  adapterOptionNames: readonly string[] = [],
): RequestAuthenticator {
  requireCall('bearer', verifier, 'app.use(bearer(verifier))');
  requireVerifier('bearer', verifier);
  const names = [...authenticationOptionNames, ...adapterOptionNames];
  const { optional = false, preflight = 'verify' } = checkOptions('bearer', options, names);
  requireBoolean('optional', optional);
  requireOneOf('preflight', preflight, ['verify', 'pass']);
  const { verifiedRequests } = verifier;
  const passes = (request: ServerRequest) => preflight === 'pass' && isPreflight(request);

  function verifyAtOnce(request: ServerRequest): VerifiedToken | undefined {
    const known = verifiedRequests.get(request);
    if (known !== undefined) return known;
    const token = verifyFromCache(verifier, request);
    if (token !== undefined) verifiedRequests.set(request, token);
    return token;
  }

  async function verify(request: ServerRequest): Promise<VerifiedToken> {
    const token = await verifyBearer(verifier, request);
    verifiedRequests.set(request, token);
    return token;
  }

  async function verifyIfPresent(request: ServerRequest): Promise<void> {
    try {
      await verify(request);
    } catch (error) {
      if (!(optional && isAuthError(error) && error.code === 'token_missing')) throw error;
    }
  }

  return {
    authenticate(request) {
      const isDone = passes(request) || verifyAtOnce(request) !== undefined;
      return isDone ? undefined : verifyIfPresent(request);
    },
    async guard(request, guard, context) {
      if (passes(request)) return;
      await guard(verifyAtOnce(request) ?? (await verify(request)), context);
    },
    tokenOf: (request) => verifiedRequests.get(request),
    requireToken(request) {
      const token = verifiedRequests.get(request);
      if (token === undefined && !optional) {
        throw new Error('bearer has not verified this request: put it in front of this handler');
      }
      return token;
    },
  };
}

// A request that lacks one of the three signs of a preflight is an ordinary request.
function isPreflight({ method, headers }: ServerRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers['origin'] !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

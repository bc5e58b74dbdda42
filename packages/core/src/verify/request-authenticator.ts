// Verifies each request of a server once, for the middleware and the guards that adapters make.

import type { IncomingMessage } from 'node:http';

import { isAuthError, type AuthError } from '../errors/auth-error.js';
import type { InsufficientScopeError } from '../errors/errors.js';
import { nameScope } from '../errors/name-scope.js';
import { describeRequest, type RequestContext } from '../hooks/describe-request.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import {
  checkOptions,
  isObject,
  refuseOption,
  requireFunction,
  requireOneOf,
} from '../lib/options.js';
import type { NodeRequest } from './bearer-request.js';
import { hintAtGuardedEndpoint } from './guarded-endpoint.js';
import type { Guard } from './guards.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
import { verifyDescribed, verifyFromCache } from './verify-bearer.js';

/** Options of `bearer` in every adapter. */
export interface AuthenticationOptions {
  /**
   * `true` lets a request without a credential pass; one with a bad credential still fails, so that its client learns to
   * refresh. `'lenient'` lets a request with a bad or expired credential pass too, as that of a guest: the handler gets no
   * token, and `onEvent` gets `verification.refused`. Guards of single routes require a valid token in all cases, and a check
   * that could not be made is 503. @defaultValue `false`
   */
  readonly optional?: boolean | 'lenient' | undefined;
  /**
   * `'pass'` lets a CORS preflight pass without verification: `OPTIONS` with `Origin` and
   * `Access-Control-Request-Method`. Prefer to put `cors()` in front, with `exposedHeaders: ['WWW-Authenticate', 'Retry-After']`.
   * @defaultValue `'verify'`
   */
  readonly preflight?: 'verify' | 'pass' | undefined;
  /**
   * What the application wants to know of a refused request, `(req) => ({ ip: req.socket.remoteAddress })` for example: `request` in
   * the events `verification.refused` and `request.refused`. Called for refused requests only. When it throws or returns a promise,
   * that is reported as `hook.failed`. @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
}

/** A request of a framework on Node. */
export type ServerRequest = NodeRequest;

/**
 * Verifies requests and runs guards. It keeps the token of each request as long as the request exists, and shares it with
 * the other authenticators of the same verifier: a request is verified once.
 */
export interface RequestAuthenticator {
  /**
   * Verifies the request. With `optional`, one without a credential passes, or one with a bad credential.
   *
   * @returns `undefined` when the request passed and nothing had to be awaited: its token is in the verifier's cache, the revocation
   * list lets it pass, and the verifier has neither `isRevoked` nor `transports`. Otherwise a promise, which rejects when the request fails.
   */
  authenticate(request: ServerRequest): Promise<void> | undefined;
  /** Verifies the request, unless that was done before, and calls a guard with its token. Rejects when either fails. */
  guard<Context>(request: ServerRequest, guard: Guard<Context>, context: Context): Promise<void>;
  /** The verified token of a request, or `undefined`. */
  tokenOf(request: object): VerifiedToken | undefined;
  /**
   * The verified token of a request, for a handler. With `optional`, `undefined` for a request that passed without one.
   *
   * @throws Error the request was not verified, and `optional` is off.
   */
  requireToken(request: object): VerifiedToken | undefined;
}

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
  const names = ['optional', 'preflight', 'requestContext', ...adapterOptionNames];
  const checked = checkOptions('bearer', options, names);
  const { optional = false, preflight = 'verify', requestContext } = checked;
  requireFunction('requestContext', requestContext);
  if (typeof optional !== 'boolean' && optional !== 'lenient') {
    refuseOption('optional', "true, false or 'lenient'", optional);
  }
  requireOneOf('preflight', preflight, ['verify', 'pass']);
  const { verifiedRequests } = verifier;

  // A request that lacks one of the three signs of a preflight is an ordinary request.
  const passes = ({ method, headers }: ServerRequest) =>
    preflight === 'pass' &&
    method === 'OPTIONS' &&
    headers['origin'] !== undefined &&
    headers['access-control-request-method'] !== undefined;

  const describe = (request: ServerRequest) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- adapters pass the request of Node
    describeRequest(verifier.hooks.emit, requestContext, request as IncomingMessage);

  function verify(request: ServerRequest): MaybePromise<VerifiedToken> {
    const known = verifiedRequests.get(request) ?? verifyFromCache(verifier, request);
    const circumstances = (error: AuthError) => ({
      request: () => describe(request),
      hint: hintAtGuardedEndpoint(verifier, request, error),
    });
    return andThen(known ?? verifyDescribed(verifier, request, circumstances), (token) => {
      verifiedRequests.set(request, token);
      return token;
    });
  }

  async function verifyFor(scope: string | undefined, request: ServerRequest) {
    try {
      return await verify(request);
    } catch (error) {
      if (scope !== undefined) nameScope(error, scope);
      throw error;
    }
  }

  function passesAsGuest(error: unknown): boolean {
    if (optional === false || !isAuthError(error)) return false;
    // With 503 nothing was checked: the user may be signed in.
    return optional === 'lenient' ? error.status < 500 : error.code === 'token_missing';
  }

  async function letGuestPass(verification: Promise<VerifiedToken>): Promise<void> {
    try {
      await verification;
    } catch (error) {
      if (!passesAsGuest(error)) throw error;
    }
  }

  return {
    authenticate(request) {
      const token = passes(request) ? undefined : verify(request);
      return token instanceof Promise ? letGuestPass(token) : undefined;
    },
    async guard(request, guard, context) {
      if (passes(request)) return;
      const token = await verifyFor(guard.scope, request);
      try {
        await guard(token, context);
      } catch (error) {
        reportGuard(verifier, error, token, () => describe(request));
        throw error;
      }
    },
    tokenOf: (request) => verifiedRequests.get(request),
    requireToken(request) {
      const token = verifiedRequests.get(request);
      if (token === undefined && optional === false) {
        throw new Error('bearer has not verified this request: put it in front of this handler');
      }
      return token;
    },
  };
}

/** Emits `request.refused` for a guard that refused a good token; a guard that failed with 503 has emitted `hook.failed`. */
export function reportGuard(
  { hooks }: TokenVerifier,
  error: unknown,
  { subject, sessionId }: VerifiedToken,
  describe: () => unknown,
): void {
  if (!isAuthError(error) || error.status >= 500) return;
  const { scope } = error as Partial<InsufficientScopeError>;
  const request = describe();
  hooks.emit({
    type: 'request.refused',
    code: error.code,
    subject,
    ...(sessionId !== undefined && { sessionId }),
    ...(scope !== undefined && { scope }),
    ...(request !== undefined && { request }),
  });
}

/**
 * Requires that the first argument of a factory is not a request of Express or a context of Koa, as in `app.use(bearer)`.
 *
 * @param call - the code to write instead.
 * @throws TypeError the framework called the factory as middleware; the message says what to write.
 */
export function requireCall(factory: string, firstArgument: unknown, call: string): void {
  if (isObject(firstArgument) && isObject(firstArgument['headers'])) {
    throw new TypeError(
      `${factory} was used as middleware without being called. Write ${call} instead.`,
    );
  }
}

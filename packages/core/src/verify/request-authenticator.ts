// The guard journey as frameworks need it: once per request, for every request that is guarded.

import { isAuthError } from '../errors.js';
import { checkOptions, requireBoolean, requireOneOf } from '../options.js';
import type { NodeRequest } from './bearer-request.js';
import type { Guard } from './require-scopes.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
import { verifyBearer } from './verify-bearer.js';

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
export interface ServerRequest extends NodeRequest {
  readonly method?: string | undefined;
}

/** Remembers, per request, the token that was verified; forgets it with the request. */
export interface RequestAuthenticator {
  /** Verifies the request. With `optional`, one without a credential passes. */
  authenticate(request: ServerRequest): Promise<void>;
  /** Verifies the request, unless that has been done, and puts its token before a guard. */
  guard<Context>(request: ServerRequest, guard: Guard<Context>, context: Context): Promise<void>;
  /** The verified token of a request, if it has one. */
  tokenOf(request: object): VerifiedToken | undefined;
}

const authenticationOptionNames = ['optional', 'preflight'];

/** Composes {@link verifyBearer} and guards for an adapter, which then only translates. */
export function createRequestAuthenticator(
  verifier: TokenVerifier,
  options: AuthenticationOptions = {},
): RequestAuthenticator {
  checkOptions('bearer', options, authenticationOptionNames);
  const { optional = false, preflight = 'verify' } = options;
  requireBoolean('optional', optional);
  requireOneOf('preflight', preflight, ['verify', 'pass']);
  const verified = new WeakMap<object, VerifiedToken>();
  const passes = (request: ServerRequest) => preflight === 'pass' && isPreflight(request);

  async function tokenFor(request: ServerRequest): Promise<VerifiedToken> {
    const token = verified.get(request) ?? (await verifyBearer(verifier, request));
    verified.set(request, token);
    return token;
  }

  return {
    async authenticate(request) {
      if (passes(request)) return;
      try {
        await tokenFor(request);
      } catch (error) {
        if (!(optional && isAuthError(error) && error.code === 'token_missing')) throw error;
      }
    },
    async guard(request, guard, context) {
      if (passes(request)) return;
      await guard(await tokenFor(request), context);
    },
    tokenOf: (request) => verified.get(request),
  };
}

// Anything less than all three signs of a preflight is a request like any other.
function isPreflight({ method, headers }: ServerRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers['origin'] !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

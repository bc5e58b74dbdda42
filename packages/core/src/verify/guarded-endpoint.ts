// Notices a guard in front of the token endpoints: a client whose access token has expired could never refresh it.

import type { AuthError } from '../errors/auth-error.js';
import type { NodeRequest } from './bearer-request.js';
import type { TokenVerifier } from './token-verifier.js';

// By name, because an application may have another verifier for the tokens of its issuer.
const issuersWithEndpoints = new Set<string>();

/** Notes that there are token endpoints for the tokens that this verifier verifies. */
export function noteEndpoints({ accepts }: TokenVerifier): void {
  for (const { issuer } of accepts) issuersWithEndpoints.add(issuer);
}

// The endpoints that take no access token as their credential.
const withoutAccessToken = /\/(?:refresh|logout|token|revoke)\/?(?:\?|$)/;

/** What a developer should do when a guard has refused what looks like a request to a token endpoint. */
export function hintAtGuardedEndpoint(
  verifier: TokenVerifier,
  request: NodeRequest,
  { status }: AuthError,
): string | undefined {
  const { method, url = '' } = request;
  // Express removes the path of a mount from `url`: behind `app.use('/auth/refresh', auth)` it is `/`.
  const original: unknown = Reflect.get(request, 'originalUrl');
  const address = typeof original === 'string' ? original : url;
  const isEndpoint = method === 'POST' && withoutAccessToken.test(address);
  const hasEndpoints = verifier.accepts.some(({ issuer }) => issuersWithEndpoints.has(issuer));
  if (status !== 401 || !isEndpoint || !hasEndpoints) return undefined;
  return 'The path looks like a token endpoint, and bearer stands in front of it: a client with an expired access token cannot refresh. Mount tokenEndpoints before app.use(bearer(verifier)).';
}

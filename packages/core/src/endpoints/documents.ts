// Public documents: key set and metadata. RFC 7517, RFC 8414, RFC 9728

import type { HttpResponse } from '../lib/http-response.js';
import { toPublicJwk, type ImportedKey } from '../keys/keys.js';
import { checkOptions, refuseOption, requireUrl } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import type { Endpoint, EndpointContext } from './endpoint.js';

// Seconds: short enough for a key that is published before it signs.
const documentAge = 600;

/** The public keys in every state, for other services that verify. A shared secret is not published. RFC 7517 §5 */
export const jwks: Endpoint = ({ tokens }) => {
  const keys = [...tokens.keys.current.byKid.values()].filter(isAsymmetric).map(toPublicJwk);
  return documentResponse({ keys }, 'application/jwk-set+json');
};

/** The metadata of the authorization server whose endpoints are mounted at `url`. RFC 8414 §2 */
export function authorizationServerMetadata(
  { tokens, authenticateClient }: EndpointContext,
  url: string,
  speaksOAuth: boolean,
): object {
  const methods = authenticateClient
    ? ['client_secret_basic', 'client_secret_post', 'none']
    : ['none'];
  return {
    issuer: tokens.issuer,
    ...(speaksOAuth && {
      token_endpoint: `${url}/token`,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint: `${url}/revoke`,
      revocation_endpoint_auth_methods_supported: methods,
    }),
    jwks_uri: `${url}/.well-known/jwks.json`,
    // Without it, clients assume grants that are not offered.
    grant_types_supported: speaksOAuth ? ['refresh_token'] : [],
    // Required by the specification, although there is no authorization endpoint.
    response_types_supported: [],
  };
}

/** Metadata of a protected resource, which tells a client where to get a token. */
export interface ProtectedResourceOptions {
  /** Absolute URL of the resource, as clients see it. */
  readonly resource: string;
  /** The issuers whose tokens the resource accepts, exactly as they write their `iss`. */
  readonly authorizationServers: readonly string[];
  /** Scopes that a client may need. @defaultValue none */
  readonly scopes?: string | readonly string[] | undefined;
}

/** RFC 9728 §2 */
export function protectedResourceMetadata(options: ProtectedResourceOptions): object {
  const {
    resource,
    authorizationServers,
    scopes = [],
  } = checkOptions('protectedResource', options, ['resource', 'authorizationServers', 'scopes']);
  if (!Array.isArray(authorizationServers)) {
    refuseOption('authorizationServers', 'an array of issuers', authorizationServers);
  }
  const supported = readScopes('scopes', [scopes]);
  return {
    resource: requireUrl('resource', resource),
    authorization_servers: authorizationServers.map(requireIssuer),
    bearer_methods_supported: ['header'],
    ...(supported.length > 0 && { scopes_supported: supported }),
  };
}

// Not normalized: an issuer must match exactly, and some end in a slash.
function requireIssuer(issuer: unknown): string {
  const isUrl = typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer);
  return isUrl ? issuer : refuseOption('authorizationServers', 'URLs of issuers', issuer);
}

/** The response with a public document, which caches may keep. */
export function documentResponse(document: object, type = 'application/json'): HttpResponse {
  return {
    status: 200,
    headers: {
      'Content-Type': type,
      'Cache-Control': `public, max-age=${documentAge}`,
    },
    body: JSON.stringify(document),
  };
}

function isAsymmetric({ verificationKey }: ImportedKey): boolean {
  return verificationKey.type === 'public';
}

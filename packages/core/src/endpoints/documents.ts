// GET documents: what others need to know of us in order to verify and to ask. RFC 7517, RFC 8414, RFC 9728

import type { HttpResponse } from '../lib/http-response.js';
import { toPublicJwk } from '../keys/jwk.js';
import type { ImportedKey } from '../keys/keys.js';
import { checkOptions, refuseOption, requireUrl } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import type { Endpoint, EndpointContext } from './endpoint.js';

// Long enough to spare the server, short enough for a key that is published before it signs.
const documentAge = 600;

/** The public keys in every state, for whoever verifies elsewhere. A shared secret is no key to publish. RFC 7517 §5 */
export const jwks: Endpoint = ({ tokens }) => {
  const keys = [...tokens.keys.current.byKid.values()].filter(isAsymmetric).map(toPublicJwk);
  return documentResponse({ keys }, 'application/jwk-set+json');
};

/** What is mounted at `url`, as an authorization server describes itself. RFC 8414 §2 */
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
    // Left out, it would stand for grants that are not offered.
    grant_types_supported: speaksOAuth ? ['refresh_token'] : [],
    // Required by the specification; we have no authorization endpoint to respond.
    response_types_supported: [],
  };
}

/** What a resource says of itself, so that a client finds out where to get a token. */
export interface ProtectedResourceOptions {
  /** Absolute URL of the resource, as clients see it. */
  readonly resource: string;
  /** Issuers whose tokens are accepted. */
  readonly authorizationServers: readonly string[];
  /** Scopes that a client may need. */
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

// Word for word, as the issuer writes itself: some end in a slash.
function requireIssuer(issuer: unknown): string {
  const isUrl = typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer);
  return isUrl ? issuer : refuseOption('authorizationServers', 'URLs of issuers', issuer);
}

/** A public document, for caches to keep. */
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

// Public documents, below the mount and at the root of a host. RFC 7517, RFC 8414, RFC 8615, RFC 9728

import type { HttpResponse } from '../lib/http-response.js';
import { toPublicJwk } from '../keys/keys.js';
import { checkOptions, isObject, refuseOption, requireUrl, toJsonObject } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { matchRoute, type EndpointRequest } from './router.js';

/** The public keys in every state, for other services that verify. A shared secret is not published. RFC 7517 §5 */
export const jwks: Endpoint = ({ tokens }) => {
  const keys = [...tokens.keys.current.byKid.values()]
    .filter(({ verificationKey }) => verificationKey.type === 'public')
    .map(toPublicJwk);
  return documentResponse({ keys }, 'application/jwk-set+json');
};

/** Serves the metadata of the authorization server whose endpoints are mounted at `url`. RFC 8414 §2 */
export function serveServerMetadata(
  { tokens, authenticateClient }: EndpointContext,
  url: string,
  speaksOAuth: boolean,
  metadata: Readonly<Record<string, unknown>>,
): ProtectedResource['handleRoot'] {
  const methods = authenticateClient
    ? ['client_secret_basic', 'client_secret_post', 'none']
    : ['none'];
  return serveAtRoot('oauth-authorization-server', tokens.issuer, {
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
    ...metadata,
  });
}

/** Checks the members that an application adds to the metadata of the server. @returns a copy by way of JSON. */
export function readServerMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  const copy = isObject(metadata) ? toJsonObject(metadata) : undefined;
  if (copy === undefined) return refuseOption('metadata', 'an object of JSON values', metadata);
  if (Object.hasOwn(copy, 'issuer')) {
    throw new TypeError(
      'metadata.issuer: the document is of the issuer of the tokens. Leave it out.',
    );
  }
  for (const [name, value] of Object.entries(copy)) {
    if (/_(?:endpoint|uri)$/.test(name) && !isWebUrl(value)) {
      refuseOption(`metadata.${name}`, 'an absolute http(s) URL without fragment', value);
    }
  }
  return copy;
}

function isWebUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:[^#]+$/.test(value) && URL.canParse(value);
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

/** The document of a protected resource, for any framework. */
export interface ProtectedResource {
  /** The response at the root of the host; `undefined` for another path. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}

/**
 * Creates the RFC 9728 document of a resource. Put its URL into the verifier's option `resourceMetadata`.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const names = ['resource', 'authorizationServers', 'scopes'];
  const checked = checkOptions('protectedResource', options, names);
  const { resource, authorizationServers, scopes = [] } = checked;
  if (!Array.isArray(authorizationServers)) {
    refuseOption('authorizationServers', 'an array of issuers', authorizationServers);
  }
  const supported = readScopes('scopes', [scopes]);
  return {
    handleRoot: serveAtRoot('oauth-protected-resource', resource, {
      resource: requireUrl('resource', resource),
      authorization_servers: authorizationServers.map(requireIssuer),
      bearer_methods_supported: ['header'],
      ...(supported.length > 0 && { scopes_supported: supported }),
    }),
  };
}

// Not normalized: an issuer must match exactly, and some end in a slash.
function requireIssuer(issuer: unknown): string {
  const isUrl = typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer);
  return isUrl ? issuer : refuseOption('authorizationServers', 'URLs of issuers', issuer);
}

// The well-known part comes before the path of the identifier that the document is about. RFC 8414 §3.1, RFC 9728 §3.1
function serveAtRoot(
  name: string,
  identifier: string,
  document: object,
): ProtectedResource['handleRoot'] {
  const path = URL.canParse(identifier) ? new URL(identifier).pathname.replace(/\/$/, '') : '';
  const routes = { [`/.well-known/${name}${path}`]: { GET: documentResponse(document) } };
  return async (request) => matchRoute(routes, request.path, request.request.method)?.handler;
}

/** Caches may keep a public document for ten minutes: short enough for a key that is published before it signs. */
function documentResponse(document: object, type = 'application/json'): HttpResponse {
  return {
    status: 200,
    headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=600' },
    body: JSON.stringify(document),
  };
}

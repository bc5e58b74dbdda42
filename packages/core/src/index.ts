// The public surface by name, in reading order: verify, issue, stores, endpoints, errors.

export { createTokenVerifier } from './verify/token-verifier.js';
export type {
  OneIssuerOptions,
  SeveralIssuersOptions,
  TokenTransports,
  TokenVerifier,
  TokenVerifierOptions,
  VerificationOptions,
} from './verify/token-verifier.js';
export type { AcceptedIssuer, AcceptedIssuerOptions } from './verify/accepted-issuer.js';
export type { TokenCacheOptions } from './verify/token-cache.js';
export type { KeySource } from './keys/key-source.js';
export { verifyBearer } from './verify/verify-bearer.js';
export type {
  BearerRequest,
  BearerSource,
  FetchRequest,
  NodeRequest,
} from './verify/bearer-request.js';
export type { VerifiedToken } from './verify/verified-token.js';
export {
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  requireScopes,
} from './verify/require-scopes.js';
export type { Guard, ScopeList } from './verify/require-scopes.js';
export { createRouteGuards } from './verify/route-guards.js';
export type { RouteGuards } from './verify/route-guards.js';
export { createRequestAuthenticator } from './verify/request-authenticator.js';
export type {
  AuthenticationOptions,
  RequestAuthenticator,
  ServerRequest,
} from './verify/request-authenticator.js';

export { createTokenIssuer } from './create-token-issuer.js';
export type { TokenIssuer, TokenIssuerOptions } from './create-token-issuer.js';
export type {
  ClaimsAnswer,
  ClaimsContext,
  ClaimsHook,
  IssuingContext,
  IssuingOptions,
} from './issue/token-issuer.js';
export type { KeyDescription } from './issue/describe-keys.js';
export type { RefreshKeyOptions } from './issue/refresh-keys.js';
export { issueTokenPair } from './issue/issue-token-pair.js';
export type { LoginGrant } from './issue/issue-token-pair.js';
export { refreshTokenPair } from './issue/refresh-token-pair.js';
export type { RefreshOptions } from './issue/refresh-token-pair.js';
export { revokeSession, revokeSubject } from './issue/revoke-session.js';
export type { SessionReference } from './issue/revoke-session.js';
export { listSessions } from './issue/list-sessions.js';
export type { SessionInfo } from './issue/list-sessions.js';
export { tokenResponse } from './issue/token-pair.js';
export type { TokenPair, TokenResponse } from './issue/token-pair.js';

export type {
  JwkWithAlgorithm,
  PrivateKeyOptions,
  PublicKeyOptions,
  SecretKeyOptions,
  SigningKeyOptions,
  VerificationKeyOptions,
} from './keys/keys.js';
export type { Algorithm } from './keys/algorithm.js';
export type { Jwk } from './keys/jwk-members.js';
export type { AsymmetricKeyMaterial, SecretMaterial } from './keys/key-material.js';
export type { KeyState, KeyStateOptions } from './keys/key-state.js';
export { keyThumbprint } from './keys/thumbprint.js';
export type { KeyToName } from './keys/thumbprint.js';
export { remoteKeySet } from './remote-keys/remote-key-set.js';
export type { RemoteKeySetOptions } from './remote-keys/remote-key-set.js';
export { discover, discoveredKeySet } from './remote-keys/discover.js';
export type { Discovery } from './remote-keys/discover.js';
export { loadedKeySet } from './remote-keys/loaded-key-set.js';
export type { LoadKeys } from './remote-keys/loaded-key-set.js';
export type { FetchOptions } from './remote-keys/fetch-json.js';
export type { KeyRefreshOptions } from './remote-keys/key-refreshing.js';
export type { AccessTokenClaims, ClaimValue } from './jwt/claims.js';
export type { ProtectionSpace, ProtectionSpaceOptions } from './errors/challenge.js';
export type { Clock } from './hooks/clock.js';
export type { Duration } from './lib/duration.js';

// For authors of stores and adapters.
export { checkOptions } from './lib/options.js';
export { toSeconds } from './lib/duration.js';
export { withDeadline } from './lib/deadline.js';
export { MemorySessionStore } from './store/memory-session-store.js';
export type { MemorySessionStoreOptions } from './store/memory-session-store.js';
export { subjectTag, subjectTagOf } from './store/session-id.js';
export type {
  CreateResult,
  ExpectedGeneration,
  Millis,
  NewSession,
  NextGeneration,
  RotateResult,
  SessionLimit,
  SessionRecord,
  SessionSnapshot,
  SessionStore,
} from './store/session-store.js';

export { createTokenEndpoints } from './endpoints/token-endpoints.js';
export type { TokenEndpointOptions, TokenEndpoints } from './endpoints/token-endpoints.js';
export type { ClientAuthentication, ClientCredentials } from './endpoints/authenticate-client.js';
export type { ProtectedResourceOptions } from './endpoints/documents.js';
export type { EndpointRequest } from './endpoints/endpoint-request.js';
export type { RefreshCookieOptions } from './endpoints/refresh-cookie.js';
export type { TransportName } from './endpoints/refresh-transport.js';
export { createProtectedResource } from './endpoints/well-known.js';
export type { ProtectedResource } from './endpoints/well-known.js';
export { problemResponse, tokenErrorResponse } from './errors/error-response.js';
export type { HttpResponse } from './errors/error-response.js';

export type {
  EventListener,
  HookFailedEvent,
  KeysUnavailableEvent,
  RefreshForgedEvent,
  RefreshPendingEvent,
  RefreshReusedEvent,
  SessionEvictedEvent,
  SessionIssuedEvent,
  SessionRefreshedEvent,
  SessionRevokedEvent,
  SessionRolledBackEvent,
  StoreUnavailableEvent,
  TokenpairEvent,
  VerificationRefusedEvent,
} from './hooks/events.js';
export {
  AccessDeniedError,
  AuthError,
  ClaimRefusedError,
  InsufficientScopeError,
  InvalidClientError,
  InvalidRefreshTokenError,
  InvalidRequestError,
  InvalidTokenError,
  isAuthError,
  MissingRefreshTokenError,
  MissingTokenError,
  OriginRefusedError,
  RefreshPendingError,
  ScopeNotGrantedError,
  SessionLimitError,
  SessionRevokedError,
  StoreFullError,
  StoreUnavailableError,
  TemporarilyUnavailableError,
  TokenPairMismatchError,
  TokenTooLargeError,
} from './errors/errors.js';
export type { TokenCheck } from './errors/errors.js';
export type { AuthAction, AuthErrorCode } from './errors/error-table.js';

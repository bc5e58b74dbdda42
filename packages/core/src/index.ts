// What applications import, in reading order: verify, issue, keys, stores, endpoints, events, errors.

export { createTokenVerifier } from './verify/token-verifier.js';
export type { TokenVerifier } from './verify/token-verifier.js';
export type { TokenTransports } from './verify/token-transports.js';
export type {
  ClaimsSchemaOptions,
  OneIssuerOptions,
  SeveralIssuersOptions,
  TokenVerifierOptions,
  VerificationOptions,
} from './verify/verifier-options.js';
export type { AcceptedIssuer, AcceptedIssuerOptions } from './verify/accepted-issuer.js';
export type { FindIssuer, IssuerCacheOptions } from './verify/issuer-finder.js';
export type { TokenCacheOptions } from './verify/token-cache.js';
export type { KeySource } from './keys/key-source.js';
export type { SchemaResult, StandardSchema } from './lib/standard-schema.js';
export { verifyBearer } from './verify/verify-bearer.js';
export type {
  BearerRequest,
  BearerSource,
  FetchRequest,
  NodeRequest,
} from './verify/bearer-request.js';
export type { VerifiedToken } from './verify/verified-token.js';
export { requireScopes, type ScopeList } from './verify/guards.js';
export { requireFresh } from './verify/require-fresh.js';
export { watchToken } from './verify/watch-token.js';

export { createTokenIssuer } from './create-token-issuer.js';
export type { TokenIssuer, TokenIssuerOptions } from './create-token-issuer.js';
export type {
  ClaimsAnswer,
  ClaimsHook,
  IssuingContext,
  IssuingOptions,
} from './issue/token-issuer.js';
export type { KeyDescription } from './issue/describe-keys.js';
export type { RefreshKeyOptions } from './issue/refresh-keys.js';
export { issueTokenPair } from './issue/issue-token-pair.js';
export type { LoginGrant } from './issue/login-grant.js';
export { refreshTokenPair, type RefreshOptions } from './issue/refresh-token-pair.js';
export { revokeSession, revokeSubject } from './issue/revoke-session.js';
export { revokeEverything } from './issue/revoke-everything.js';
export { revokeClaims, type ClaimsReference } from './issue/revoke-claims.js';
export type { SessionReference } from './issue/presented-session.js';
export { listSessions } from './issue/list-sessions.js';
export { updateSession, type SessionChange } from './issue/update-session.js';
export { reauthenticated } from './issue/reauthenticate.js';
export { confirmGeneration } from './issue/confirm-generation.js';
export type { ClaimsContext, SessionDetails, SessionInfo } from './issue/session-details.js';
export type { Authentication } from './issue/session-data.js';
export { tokenResponse, type TokenPair, type TokenResponse } from './issue/token-pair.js';

export type {
  JwkWithAlgorithm,
  PrivateKeyOptions,
  PublicKeyOptions,
  SecretKeyOptions,
  SigningKeyOptions,
  VerificationKeyOptions,
} from './keys/keys.js';
export type { JwkSet } from './keys/jwk-set.js';
export type { KeysInMemory, VerifierKeys } from './keys/verifier-keys.js';
export type { Algorithm } from './keys/algorithm.js';
export type { Jwk } from './keys/jwk.js';
export type { AsymmetricKeyMaterial, SecretMaterial } from './keys/key-material.js';
export type { KeyState, KeyStateOptions } from './keys/key-state.js';
export { keyThumbprint, type KeyToName } from './keys/thumbprint.js';
export {
  remoteRevocations,
  type RemoteRevocationsOptions,
} from './remote-keys/remote-revocations.js';
export { remoteKeySet, type RemoteKeySetOptions } from './remote-keys/remote-key-set.js';
export { discover, discoveredKeySet, type Discovery } from './remote-keys/discover.js';
export { loadedKeySet, type LoadKeys } from './remote-keys/loaded-key-set.js';
export type {
  FetchedResponse,
  FetchFunction,
  FetchOptions,
  RequestHeaders,
} from './remote-keys/fetch-options.js';
export type { KeyRefreshOptions } from './remote-keys/refreshed-keys.js';
export type { AccessTokenClaims, Actor, ClaimValue } from './jwt/claims.js';
export type { ProtectionSpace, ProtectionSpaceOptions } from './errors/challenge.js';
export type { Clock } from './hooks/clock.js';
export type { RequestContext } from './hooks/describe-request.js';
export type { Duration } from './lib/duration.js';

export { MemorySessionStore } from './store/memory-session-store.js';
export type { MemorySessionStoreOptions } from './store/memory-session-store.js';
export type { SessionStore } from './store/session-store.js';

export { createRevocations } from './revocations/log-revocations.js';
export { MemoryRevocations } from './revocations/memory-revocations.js';
export type {
  FollowOptions,
  Revocations,
  RevocationsSettings,
  RevocationsState,
} from './revocations/revocations.js';
export type { RevocationLog } from './revocations/revocation-log.js';

export type { ClientAuthentication, ClientCredentials } from './endpoints/authenticate-client.js';
export type { FollowerAuthentication } from './endpoints/revocations.js';
export type { LegacyTokens } from './endpoints/legacy-tokens.js';
export type { LoginOptions } from './endpoints/login.js';
export type { RefreshCookieOptions } from './endpoints/refresh-cookie.js';
export type { TransportName } from './endpoints/refresh-transport.js';

export type {
  ClaimsRevokedEvent,
  EventListener,
  EverythingRevokedEvent,
  HookFailedEvent,
  KeysUnavailableEvent,
  RefreshForgedEvent,
  RefreshPendingEvent,
  RefreshRefusal,
  RefreshRefusedEvent,
  RefreshReusedEvent,
  RefreshUnverifiableEvent,
  RequestRefusedEvent,
  RevocationsBehindEvent,
  RevocationsCaughtUpEvent,
  RevocationsGapEvent,
  RevocationsUnavailableEvent,
  SessionEvictedEvent,
  SessionIssuedEvent,
  SessionReauthenticatedEvent,
  SessionRefreshedEvent,
  SessionRevivedEvent,
  SessionRevokedEvent,
  SessionRolledBackEvent,
  SessionUpdatedEvent,
  StoreUnavailableEvent,
  TokenpairEvent,
  VerificationRefusedEvent,
} from './hooks/events.js';
export {
  AccessDeniedError,
  ClaimRefusedError,
  ClaimsStaleError,
  InsufficientAuthenticationError,
  InsufficientScopeError,
  InvalidClientError,
  InvalidRefreshTokenError,
  InvalidRequestError,
  InvalidTokenError,
  MissingRefreshTokenError,
  MissingTokenError,
  OriginRefusedError,
  RefreshPendingError,
  RevocationsUnavailableError,
  ScopeNotGrantedError,
  SessionLimitError,
  SessionRevokedError,
  StoreFullError,
  StoreUnavailableError,
  TemporarilyUnavailableError,
  TokenPairMismatchError,
  TokenTooLargeError,
} from './errors/errors.js';
export { AuthError, isAuthError } from './errors/auth-error.js';
export type { TokenCheck } from './errors/errors.js';
export type { AuthAction, AuthErrorCode } from './errors/error-table.js';

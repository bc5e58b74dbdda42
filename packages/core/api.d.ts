// access-token.d.ts
import { type Awaitable } from './awaitable.js';
import type { TokenCheck } from './errors.js';
import type { KeySource } from './key-source.js';
import type { ImportedKey } from './keys.js';
/** Claims under a good signature and the key that made it, or the check that failed first. No claim has been judged. */
export type AccessTokenReading = {
    readonly claims: Readonly<Record<string, unknown>>;
    readonly key: ImportedKey;
} | FailedReading;
/** The check that an access token failed first. */
export interface FailedReading {
    readonly failed: TokenCheck;
    /**
     * True when the header names a key that the reader does not have, or no longer has: a change of keys is the usual
     * reason. False for a header that names no key at all, which no change of keys explains.
     */
    readonly isKeyUnknown?: boolean;
}
/** Reads the access tokens of one issuer. */
export interface AccessTokenReader {
    readonly keys: KeySource;
    /**
     * Reads an access token: shape → header → key by `kid` → signature → payload. A promise when the key must be fetched.
     *
     * Times, issuer, audience and all other claims are left to the caller.
     */
    read(token: string): Awaitable<AccessTokenReading>;
}
/** What a token must look like, before its claims are read. */
export interface AccessTokenForm {
    /** Narrows the algorithms of the keys. */
    readonly algorithms?: ReadonlySet<string> | undefined;
    /** The media type that `typ` must be; `false` when it is not looked at. */
    readonly type?: string | false;
}
/** A reader over some keys. */
export declare function createAccessTokenReader(keys: KeySource, form?: AccessTokenForm): AccessTokenReader;

// algorithm.d.ts
import type { KeyObject } from 'node:crypto';
/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2.2. `none` is not among them, so it cannot be
 * written. `EdDSA` and `Ed25519` are two words for one thing: a key is for one of them, and its tokens bear that word.
 */
export type Algorithm = 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519';
export declare const algorithms: readonly Algorithm[];
/** Bytes that a shared secret must have: as many as the hash. `undefined` for keys that come in pairs. RFC 7518 §3.2 */
export declare function secretLength(algorithm: Algorithm): number | undefined;
/** The hash that a pair of keys signs with; `null` for Ed25519, which has its own. RFC 7518 §3.1, RFC 8037 §3.1 */
export declare function hashOf(algorithm: Algorithm): string | null;
/** What a public key lacks to be of the kind, the size and the curve that the algorithm names. RFC 7518 §3.3 to §3.5 */
export declare function misfit(algorithm: Algorithm, key: KeyObject): string | undefined;

// awaitable.d.ts
/** A value, or a promise of it. A request that needs nothing from elsewhere is then answered without one. */
export type Awaitable<T> = T | Promise<T>;
/** Goes on with a value, at once when it is there. */
export declare function andThen<T, U>(value: Awaitable<T>, goOn: (value: T) => Awaitable<U>): Awaitable<U>;

// base64url.d.ts
/**
 * The bytes of a canonical, unpadded base64url text, or `undefined`.
 *
 * Node's decoder skips what it does not know and forgives spare bits; its encoder has one spelling for every value. So
 * the text is canonical when it is what its own bytes are written as.
 */
export declare function decodeBase64url(text: string): Buffer | undefined;
/** Whether a text is canonical, unpadded base64url of at least one byte. */
export declare function isBase64url(text: string): boolean;

// challenge.d.ts
/** What a refusal says of the place that was asked for: the challenge repeats it. */
export interface ProtectionSpace {
    /** Name of the protected area, as in RFC 9110 §11.5. */
    readonly realm: string;
    /** Where the RFC 9728 document of this resource is, when it has one. */
    readonly resourceMetadata?: string;
}
export interface ChallengeDetails {
    /** Left out when no bearer credential was sent at all. RFC 6750 §3.1 */
    readonly error?: string | undefined;
    readonly description?: string | undefined;
    /** The scope that the refused guard asks for. */
    readonly scope?: string | undefined;
}
/** The value of a `WWW-Authenticate` header. Every part is from our own tables or checked options: plain ASCII. */
export declare function challenge(space: ProtectionSpace, details?: ChallengeDetails): string;
/** What is said of a protection space in options. */
export interface ProtectionSpaceOptions {
    /** Name of the protected area in every challenge. Printable ASCII without `"` and `\`. @defaultValue `'api'` */
    readonly realm?: string | undefined;
    /** Absolute URL of the resource's metadata document, repeated in every challenge. RFC 9728 §5.1 */
    readonly resourceMetadata?: string | undefined;
}
/** Checks what is to stand between the quotes of a challenge without escaping. RFC 6750 §3 */
export declare function toProtectionSpace(options: ProtectionSpaceOptions): ProtectionSpace;

// claims.d.ts
import type { TokenCheck } from './errors.js';
/** The payload of a verified access token. Registered names have their RFC 7519 meaning; times are seconds. */
export interface AccessTokenClaims {
    readonly iss: string;
    readonly sub: string;
    readonly aud: string | readonly string[];
    readonly exp: number;
    readonly iat?: number;
    readonly nbf?: number;
    readonly jti?: string;
    /** The session; an identifier, not a credential. */
    readonly sid?: string;
    readonly scope?: string | readonly string[];
    readonly [claim: string]: unknown;
}
/** Claims that are ours to write: an application's own claims cannot replace them. */
export declare const reservedClaims: readonly string[];
type Claims = Readonly<Record<string, unknown>>;
/** An own property only: what `Object.prototype` or `__proto__` offers is no claim. */
export declare function ownClaim(claims: Claims, name: string): unknown;
/** Why the times of a token do not hold. */
export interface FailedTimeCheck {
    readonly check: 'exp' | 'nbf' | 'iat';
    readonly code: 'token_expired' | 'token_not_active' | 'token_invalid';
}
/** First of `exp`, `nbf`, `iat` that does not hold at `now` (seconds), or `undefined`. RFC 7519 §4.1.4 to §4.1.6 */
export declare function failedTimeCheck(claims: Claims, now: number, clockTolerance: number): FailedTimeCheck | undefined;
/** What a claim can be compared with. */
export type ClaimValue = string | number | boolean;
/** What the claims of an issuer's tokens must be, and where they stand. */
export interface ClaimRules {
    readonly issuer: string;
    readonly audience: readonly string[];
    /** The claim that holds the audience, where it is not `aud`. */
    readonly audienceClaim?: string;
    /** The claim that holds the scopes, where it is not `scope`. */
    readonly scopeClaim?: string;
    /** Claims that must have exactly one value. */
    readonly requiredClaims?: readonly (readonly [name: string, value: ClaimValue])[];
}
/** First claim, other than the times, that is not as the rules require, or `undefined`. */
export declare function failedClaimCheck(claims: Claims, { issuer, audience, audienceClaim, scopeClaim, requiredClaims }: ClaimRules): TokenCheck | undefined;
/** The scopes that a token carries, as a string or as an array; `undefined` when they are neither. */
export declare function scopesOf(claims: Claims, scopeClaim?: string): readonly string[] | undefined;
export {};

// clock.d.ts
/** A source of now: milliseconds since the epoch, as `Date.now` gives. */
export type Clock = () => number;
export declare const systemClock: Clock;
/**
 * Reads a clock.
 *
 * @throws {@link TemporarilyUnavailableError} when it throws or answers anything but a positive finite number: with a
 * clock like that no lifetime can be judged, so nothing is let through.
 */
export declare function readClock(clock: Clock): number;
/** What the clock says, or the system's while it says nothing sane: for what must not fail because of it. */
export declare function nowOrSystem(clock: Clock): number;
/**
 * The same clock for measuring how long ago something was: a step back counts as no time at all, so what is waited for
 * comes, however the clock is set.
 */
export declare function neverBack(clock: Clock): Clock;

// compact-jws.d.ts
/** A signed token cut into its parts; nothing in it is believed yet. */
export interface CompactJws {
    /** As it was sent: tokens of one key share it, so whoever knows it need not read it again. */
    readonly encodedHeader: string;
    readonly payload: Buffer;
}
/** A token is a header field, which servers bound at 16 KB in all. */
export declare const maxTokenLength = 8192;
/**
 * Cuts a token into its parts; `undefined` when it is too long or not three canonical base64url segments. Under ECDSA a
 * token has two such texts: with the signature (r, s), (r, n - s) is one too.
 */
export declare function parseCompactJws(token: string): CompactJws | undefined;
/** The JSON object that is written in a segment, or `undefined`. Duplicate members make it none. RFC 7519 §4 */
export declare function parseJsonObject(segment: Buffer): Record<string, unknown> | undefined;

// cookies.d.ts
/** Every value that a `Cookie` header has under a name: more than one means that nobody can tell which is meant. */
export declare function readCookies(header: string, name: string): readonly string[];

// create-token-issuer.d.ts
import { type KeyDescription } from './issue/describe-keys.js';
import { type IssuingContext, type IssuingOptions } from './issue/token-issuer.js';
import { type TokenVerifier, type VerificationOptions } from './verify/token-verifier.js';
/** Options of {@link createTokenIssuer}. */
export interface TokenIssuerOptions extends IssuingOptions, VerificationOptions {
}
/** Issues token pairs and keeps their sessions. */
export interface TokenIssuer extends IssuingContext {
    /** Verifies what this issuer signs. */
    readonly verifier: TokenVerifier;
    /**
     * Takes other keys instead of the present ones, for signing and verifying: from the next call on. At the very next
     * request a token whose key is gone is refused with `token_key_unknown`, and its client refreshes.
     *
     * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
     * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
     *
     * @throws TypeError naming what is wrong with them; then no key is replaced.
     */
    replaceKeys(keys: IssuingOptions['keys']): void;
    /**
     * The same for the keys of refresh tokens. No user is signed out, even when the former keys are all gone.
     *
     * @throws TypeError naming what is wrong with them; then no key is replaced. A `kid` must not come with another secret
     * while sessions under the secret that it had in this process may be alive: while it is among the keys, and for the
     * shorter of `idleLifetime` and `absoluteLifetime` after its last use.
     */
    replaceRefreshKeys(refreshKeys: IssuingOptions['refreshKeys']): void;
    /** What each key does, and until when it is needed. */
    describeKeys(): readonly KeyDescription[];
}
/**
 * Checks options and imports keys, once, for {@link issueTokenPair}, {@link refreshTokenPair} and their kin.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
export declare function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer;

// deadline.d.ts
/** The promise's own outcome, or a rejection once `milliseconds` have passed. What comes later is ignored. */
export declare function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T>;
/** The same for work that can be stopped: once it is late, its signal is aborted. */
export declare function abortWhenLate<T>(start: (signal: AbortSignal) => PromiseLike<T>, milliseconds: number): Promise<T>;

// digest.d.ts
/** As bytes. By way of a text, since Node takes five times as long to answer a `Buffer` itself. */
export declare function sha256(data: string | Uint8Array): Buffer;
/** As base64url. */
export declare function sha256Text(data: string | Uint8Array): string;
/** HMAC-SHA256 under one key, over all the parts in turn, 960 bytes at most. The key cannot be got out of it. */
export type Hmac = (...parts: readonly Uint8Array[]) => Buffer;
/**
 * Takes the key of an HMAC, which has at most 64 bytes: a longer one would have to be hashed first.
 *
 * What is hashed is put together in the same two places each time, behind the key: a new buffer for each would cost as
 * much as hashing it.
 *
 * @see RFC 2104 §2
 */
export declare function createHmacSha256(key: Uint8Array): Hmac;

// discover.d.ts
import type { KeySource } from './key-source.js';
import type { RemoteKeySetOptions } from './remote-key-set.js';
/** What an issuer says of itself. */
export interface Discovery {
    /** As given, and word for word as the issuer writes itself: the option `issuer` of a verifier. */
    readonly issuer: string;
    /** The issuer's key set: the option `keys` of a verifier. */
    readonly keys: KeySource;
    /** The whole document, frozen. Only its `issuer` and `jwks_uri` have been looked at. */
    readonly metadata: Readonly<Record<string, unknown>>;
}
/**
 * Asks an issuer where its keys are, once, now: for a server that should not start unless its issuer is right and there.
 * {@link discoveredKeySet} asks when the first token comes, and again with every load.
 *
 * Looks for the OpenID Connect document (`<issuer>/.well-known/openid-configuration`), then for that of RFC 8414
 * (`/.well-known/oauth-authorization-server`, before the issuer's path). Both are fetched as {@link remoteKeySet} fetches, and
 * `jwks_uri` must be a URL that it takes: https, for an issuer that is on https.
 *
 * @param issuer - word for word what stands in `iss`; a slash at the end counts.
 * @param options - those of the key set; `deadline` is also for this call. `headers` go to the issuer's own host only.
 * @throws TypeError an option is wrong, or the document is of another issuer or names no key set that could be used.
 * @throws {@link TemporarilyUnavailableError} (503) neither document could be had; why is its `cause`.
 */
export declare function discover(issuer: string, options?: RemoteKeySetOptions): Promise<Discovery>;
/**
 * The key set of an issuer, for the option `keys` of a verifier: found when a key is first asked for, so that a server
 * starts without the network. Each load reads the issuer's metadata again and follows where it points, so it is two
 * requests; the rules are those of {@link discover} and {@link remoteKeySet}. Whatever is wrong with the metadata is a load
 * that failed.
 *
 * @throws TypeError naming the option that is wrong.
 */
export declare function discoveredKeySet(issuer: string, options?: RemoteKeySetOptions): KeySource;

// duration.d.ts
/** Seconds as a whole number, or text with a unit: `'90s'`, `'15m'`, `'12h'`, `'30d'`, `'2w'`. */
export type Duration = number | string;
/**
 * Reads a duration option as seconds, whole ones unless `fractions` says otherwise.
 *
 * A text of bare digits is refused: half of its readers mean seconds, the other half milliseconds.
 *
 * @throws TypeError naming the option when the value is no duration or lies outside `min` to `max`.
 * @throws TypeError `bounds` has an unknown member.
 */
export declare function toSeconds(option: string, value: unknown, bounds?: {
    min?: number;
    max?: number;
    fractions?: boolean;
}): number;

// endpoints/authenticate-client.d.ts
import type { IncomingMessage } from 'node:http';
import type { TokenIssuer } from '../create-token-issuer.js';
import { type Parameters } from './read-parameters.js';
/** What a client says of itself, at most once. */
export interface ClientCredentials {
    readonly clientId: string;
    /** Absent for a public client. */
    readonly clientSecret?: string;
}
/**
 * Answers whether a client may use the OAuth endpoints; `undefined` when the request names none. Only `true` passes.
 * `client` is frozen; `request` is the request itself.
 * Compare secrets in constant time.
 */
export type ClientAuthentication = (client: ClientCredentials | undefined, request: IncomingMessage) => boolean | Promise<boolean>;
/**
 * Asks the application about the client, where it wants to be asked.
 *
 * @throws {@link InvalidRequestError} (400) credentials that are malformed or given twice.
 * @throws {@link InvalidClientError} (401) the application does not know the client.
 */
export declare function requireClient(tokens: TokenIssuer, authenticateClient: ClientAuthentication | undefined, request: IncomingMessage, parameters: Parameters): Promise<void>;

// endpoints/documents.d.ts
import type { HttpResponse } from '../http-response.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
/** The public keys in every state, for whoever verifies elsewhere. A shared secret is no key to publish. RFC 7517 §5 */
export declare const jwks: Endpoint;
/** What is mounted at `url`, as an authorization server describes itself. RFC 8414 §2 */
export declare function authorizationServerMetadata({ tokens, authenticateClient }: EndpointContext, url: string, speaksOAuth: boolean): object;
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
export declare function protectedResourceMetadata(options: ProtectedResourceOptions): object;
/** A public document, for caches to keep. */
export declare function documentResponse(document: object, type?: string): HttpResponse;

// endpoints/endpoint-request.d.ts
import type { IncomingMessage } from 'node:http';
/** A request as an adapter hands it over. */
export interface EndpointRequest {
    readonly request: IncomingMessage;
    /** Path below the mount, with a leading slash and without the query. */
    readonly path: string;
    /** What a body parser left, if there was one. */
    readonly body: unknown;
}

// endpoints/endpoint.d.ts
import type { TokenIssuer } from '../create-token-issuer.js';
import type { HttpResponse } from '../http-response.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { RefreshTransport } from './refresh-transport.js';
/** What the endpoints of one mount share. */
export interface EndpointContext {
    readonly tokens: TokenIssuer;
    readonly transport: RefreshTransport;
    readonly authenticateClient: ClientAuthentication | undefined;
}
/** @throws AuthError whatever is refused; the adapter answers it or hands it on. */
export type Endpoint = (context: EndpointContext, request: EndpointRequest, 
/** What stood in the path where the route has `:id`. */
id: string) => HttpResponse | Promise<HttpResponse>;

// endpoints/logout.d.ts
import type { Endpoint } from './endpoint.js';
/**
 * The refresh token is the credential, so this works with an expired access token or none. The answer is the same for
 * a live session, an ended one and a token that was never ours. A browser that has no cookie any more is logged out.
 */
export declare const logout: Endpoint;

// endpoints/oauth.d.ts
import type { Endpoint } from './endpoint.js';
/** `grant_type=refresh_token` and nothing else: how a client signs in is the application's. RFC 6749 §6 */
export declare const token: Endpoint;
/**
 * Ends the session of a refresh token, current or spent. Whatever is no token of ours has nothing to be revoked, so the
 * answer is the same. An access token cannot be called back: that is said, not feigned. RFC 7009 §2
 */
export declare const revoke: Endpoint;

// endpoints/read-parameters.d.ts
import type { IncomingMessage } from 'node:http';
/** The parameters of a request as they came: nothing is known of their types. */
export type Parameters = Readonly<Record<string, unknown>>;
/**
 * Takes the body that a parser left, or reads it: JSON or a URL-encoded form.
 *
 * @throws {@link InvalidRequestError} (400) it is neither an object nor a form; (408) it did not come within
 * `deadline` milliseconds; (413) it is too large; (415) it is of another type.
 */
export declare function readParameters(request: IncomingMessage, parsed: unknown, deadline: number): Promise<Parameters>;
/**
 * One parameter as text. An empty one, and `null`, count as left out. RFC 6749 §3.2
 *
 * @throws {@link InvalidRequestError} (400) it came twice or is no text.
 */
export declare function textParameter(parameters: Parameters, name: string): string | undefined;

// endpoints/refresh-cookie.d.ts
import type { IncomingMessage } from 'node:http';
export interface RefreshCookieOptions {
    /**
     * Where the browser sends the cookie: the path of the mount as the browser sees it, `'/auth'` say. The name is then
     * `__Secure-refresh_token`. @defaultValue none: `__Host-refresh_token` with `Path=/`, the strictest prefix
     */
    readonly path?: string | undefined;
    /** `'none'` for pages of other sites, which many browsers keep cookies from. @defaultValue `'strict'` */
    readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
}
export interface RefreshCookie {
    /** The `Set-Cookie` value that hands a token to the browser for so many seconds. */
    set(token: string, maxAge: number): string;
    /** The `Set-Cookie` value that takes it away. */
    clear(): string;
    /** Every value that the request has under the cookie's name. */
    read(request: IncomingMessage): readonly string[];
}
/** Checks the option `cookie`. */
export declare function createRefreshCookie(options?: RefreshCookieOptions): RefreshCookie;

// endpoints/refresh-transport.d.ts
import type { IncomingMessage } from 'node:http';
import { type HttpResponse } from '../http-response.js';
import { type TokenPair } from '../issue/token-pair.js';
import type { EndpointRequest } from './endpoint-request.js';
import { type Parameters } from './read-parameters.js';
import type { RefreshCookie } from './refresh-cookie.js';
/** `'auto'`: the cookie for browsers, which say so by `Origin` or `Sec-Fetch-Site`, and the body for programs. */
export type TransportName = 'cookie' | 'body' | 'auto';
/** A refresh token as it came, and the way that the answer goes. */
export interface ReceivedRefreshToken {
    readonly refreshToken: string | undefined;
    readonly carrier: 'cookie' | 'body';
    readonly parameters: Parameters;
}
export interface RefreshTransport {
    /**
     * Takes the refresh token from a request.
     *
     * @throws {@link OriginRefusedError} (403) a cookie from a place that is not allowed.
     * @throws {@link InvalidRequestError} (4xx) two cookies of the name, cookie and body both, or a body that is none.
     */
    receive(request: EndpointRequest): Promise<ReceivedRefreshToken>;
    /** Hands a pair to the client in the way given, or in that which suits the request. */
    deliver(request: IncomingMessage, pair: TokenPair, carrier?: 'cookie' | 'body'): HttpResponse;
    /** The header that takes the cookie away. */
    clearingHeaders(): Readonly<Record<string, string>>;
    /** What the request has under the cookie's name; nothing where no cookie is used. */
    cookiesOf(request: IncomingMessage): readonly string[];
}
export declare function createRefreshTransport(name: TransportName, cookie: RefreshCookie, allowedOrigins: ReadonlySet<string>, bodyDeadline: number): RefreshTransport;

// endpoints/refresh.d.ts
import type { Endpoint } from './endpoint.js';
/**
 * The refresh token, and if the client likes `access_token` and `scope` in the body, for the next pair.
 *
 * A refusal neither sets nor clears a cookie. The browser may hold a newer token by the time it reads the answer, or the
 * cookie may belong to another application on the same host; and a cleared cookie would show what became of the session.
 */
export declare const refresh: Endpoint;

// endpoints/router.d.ts
/** Handlers by path and method. A path may end in `/:id`. */
export type Routes<Handler> = Readonly<Record<string, Readonly<Record<string, Handler>>>>;
export interface Match<Handler> {
    readonly handler: Handler;
    /** What stood in the path where the route has `:id`; else empty. */
    readonly id: string;
}
/**
 * Finds the handler of a request; `undefined` when no route has its path.
 *
 * A slash at the end of the path is forgiven, and `HEAD` is `GET` whose body nobody sends.
 *
 * @throws {@link InvalidRequestError} (405, with `Allow`) the path is ours, the method is not.
 */
export declare function matchRoute<Handler>(routes: Routes<Handler>, path: string, method?: string): Match<Handler> | undefined;
/** A path as routes are written: without the slash at its end that is forgiven. */
export declare function withoutSlash(path: string): string;

// endpoints/sessions.d.ts
import type { Endpoint } from './endpoint.js';
/** The caller's sessions, the most recently refreshed first. Instants are seconds, as everywhere on the wire. */
export declare const getSessions: Endpoint;
/** Ends one of the caller's sessions. Somebody else's, and one that is over, look alike: there is none to end. */
export declare const deleteSession: Endpoint;
/** Ends all of the caller's sessions, or with `keep_current` all others; says how many. */
export declare const logoutAll: Endpoint;

// endpoints/token-endpoints.d.ts
import type { TokenIssuer } from '../create-token-issuer.js';
import type { AuthError } from '../errors.js';
import { type HttpResponse } from '../http-response.js';
import type { TokenPair } from '../issue/token-pair.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { EndpointRequest } from './endpoint-request.js';
import { type RefreshCookieOptions } from './refresh-cookie.js';
import { type TransportName } from './refresh-transport.js';
export interface TokenEndpointOptions {
    /**
     * How refresh tokens travel: `'body'`, JSON or form in and JSON out; `'cookie'`, which no script can read; `'auto'`,
     * the cookie for browsers and the body for programs. @defaultValue `'body'`
     */
    readonly transport?: TransportName | undefined;
    readonly cookie?: RefreshCookieOptions | undefined;
    /**
     * Origins, beside the server's own, whose pages may refresh and log out by cookie. The own origin is `https` and the
     * `Host` of the request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers
     * see. @defaultValue none
     */
    readonly allowedOrigins?: readonly string[] | undefined;
    /** Asked about the client at `/token` and `/revoke`. @defaultValue none: any client, as for public ones */
    readonly authenticateClient?: ClientAuthentication | undefined;
    /** Absolute URL of the mount as clients see it; with it, there is RFC 8414 metadata for the root. */
    readonly url?: string | undefined;
}
/** The endpoints of an issuer, for any framework. */
export interface TokenEndpoints {
    /**
     * Answers a request below the mount, or `undefined` when its path is none of ours.
     *
     * @throws AuthError whatever is refused; answer it with {@link TokenEndpoints.refuse}.
     */
    readonly handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>;
    /** The answer to a refusal, in the dialect of the endpoint. */
    readonly refuse: (request: EndpointRequest, error: AuthError) => HttpResponse;
    /** The answer that hands a fresh pair to the client, after a login. */
    readonly deliver: (request: EndpointRequest['request'], pair: TokenPair) => HttpResponse;
    /** Answers for the documents that must stand at the root of the host, or `undefined`. */
    readonly handleRoot: (request: Omit<EndpointRequest, 'body'>) => Promise<HttpResponse | undefined>;
}
/**
 * Checks options and binds the endpoints to an issuer.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
export declare function createTokenEndpoints(tokens: TokenIssuer, options?: TokenEndpointOptions, adapterOptionNames?: readonly string[]): TokenEndpoints;

// endpoints/well-known.d.ts
import type { ProtectedResourceOptions } from './documents.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { HttpResponse } from '../http-response.js';
/** The path of a document about an identifier: the well-known part comes before the identifier's own path. */
export declare function wellKnownPath(document: string, identifier: string): string;
/** The document of a protected resource, for any framework. */
export interface ProtectedResource {
    /** Answers at the root of the host, or `undefined` when the path is another. */
    readonly handleRoot: (request: Omit<EndpointRequest, 'body'>) => Promise<HttpResponse | undefined>;
}
/**
 * The RFC 9728 document of a resource. Its URL belongs in the verifier's option `resourceMetadata`.
 *
 * @throws TypeError naming the option that is wrong.
 */
export declare function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource;

// errors.d.ts
import { type ProtectionSpace } from './challenge.js';
import { FramelessError } from './frameless-error.js';
import { type AuthAction, type AuthErrorCode } from './refusals.js';
/** The exact check that an access token failed. For logs and events; never on the wire. */
export type TokenCheck = 'shape' | 'header' | 'algorithm' | 'crit' | 'type' | 'key' | 'signature' | 'payload' | 'exp' | 'nbf' | 'iat' | 'iss' | 'aud' | 'sub' | 'jti' | 'sid' | 'scope' | 'claim' | 'cnf' | 'revoked';
interface AuthErrorDetails {
    /** Where a bearer credential was asked for; without it there is nothing to challenge for. */
    readonly space?: ProtectionSpace;
    readonly scope?: string;
    readonly cause?: unknown;
    /** Headers that this one case needs beside those of the table. */
    readonly headers?: Readonly<Record<string, string>>;
}
/**
 * Any refusal by tokenpair. Express and Koa understand `status`, `headers` and `expose` of an error that is handed on.
 *
 * Neither the message nor any property holds a token, a key or text from either. What went wrong underneath is
 * in `cause`, for the log. Its `stack` has no frames: a refusal is an answer, and `code` says why it was given.
 */
export declare class AuthError extends FramelessError {
    /** True for an error of this class, also for one made by another copy of the package. */
    static [Symbol.hasInstance](value: unknown): boolean;
    readonly code: AuthErrorCode;
    /** HTTP status. */
    readonly status: number;
    /** The OAuth error word, where there is one: coarser than `code`. */
    readonly error: string | undefined;
    readonly action: AuthAction;
    /** The message is our own fixed text, so it may always be shown. */
    readonly expose: true;
    /** Response headers that belong to this refusal, names in the usual case. */
    readonly headers: Readonly<Record<string, string>>;
    /** @throws TypeError `details` is no object or has an unknown member, which would then be lost. */
    constructor(code: AuthErrorCode, details?: AuthErrorDetails);
}
/** No bearer credential was sent (401, `token_missing`). */
export declare class MissingTokenError extends AuthError {
    constructor(space: ProtectionSpace);
}
/** The request itself is wrong: malformed, several credentials, wrong method, media type or size (4xx). */
export declare class InvalidRequestError extends AuthError {
    constructor(code?: 'request_malformed' | 'method_not_allowed' | 'request_timeout' | 'request_too_large' | 'media_type_unsupported' | 'grant_type_unsupported' | 'token_type_unsupported', details?: Pick<AuthErrorDetails, 'space' | 'headers'>);
}
/**
 * The access token was refused (401): `code` says whether it expired, is not active yet, names a key that the verifier
 * does not have, or is not valid.
 */
export declare class InvalidTokenError extends AuthError {
    /** The exact check that failed. For logs: it never reaches the client. */
    readonly check: TokenCheck;
    constructor(code: 'token_expired' | 'token_not_active' | 'token_key_unknown' | 'token_invalid', check: TokenCheck, space?: ProtectionSpace);
}
/** The session that the access token belongs to has been ended (401, `session_revoked`). */
export declare class SessionRevokedError extends AuthError {
    readonly check: TokenCheck;
    constructor(space: ProtectionSpace);
}
/** A good token lacks a scope (403, `scope_insufficient`). */
export declare class InsufficientScopeError extends AuthError {
    /** What the guard asks for, space-delimited. */
    readonly scope: string;
    constructor(scope: string, space: ProtectionSpace);
}
/** A good token fails a claim guard or an application's own check (403, `claim_refused`). */
export declare class ClaimRefusedError extends AuthError {
    constructor(space: ProtectionSpace);
}
/** No refresh token was sent where one is needed (401, `refresh_token_missing`). */
export declare class MissingRefreshTokenError extends AuthError {
    constructor(space: ProtectionSpace);
}
/**
 * The refresh token was refused (401, `refresh_token_invalid`): forged, unknown, expired, revoked or reused. The
 * client does not learn which; reuse, a leaked key and a store that went back are events.
 */
export declare class InvalidRefreshTokenError extends AuthError {
    constructor(space: ProtectionSpace);
}
/** The access token sent along at refresh is not of the refresh token's session (401, `token_pair_mismatch`). */
export declare class TokenPairMismatchError extends AuthError {
    constructor(space: ProtectionSpace);
}
/** A refresh asked for more scope than the session was granted (400, `scope_not_granted`). */
export declare class ScopeNotGrantedError extends AuthError {
    constructor();
}
/** The `claims` hook denied the subject at login (403, `access_denied`). */
export declare class AccessDeniedError extends AuthError {
    constructor();
}
/** A request with a cookie comes from a place that is not allowed to send it (403, `origin_refused`). */
export declare class OriginRefusedError extends AuthError {
    constructor();
}
/** An OAuth client could not be authenticated (401, `client_invalid`). */
export declare class InvalidClientError extends AuthError {
    constructor(space: ProtectionSpace);
}
/** The subject has as many sessions as it may have, and the oldest is not to make room (403, `session_limit`). */
export declare class SessionLimitError extends AuthError {
    constructor();
}
/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Repeating does not help:
 * the application has to change its hook. `cause` says how long the token would be. Nothing was stored or spent.
 */
export declare class TokenTooLargeError extends AuthError {
    constructor(details?: {
        readonly cause?: unknown;
    });
}
/** Something could not be checked just now (503, `temporarily_unavailable`): not a verdict on any token. */
export declare class TemporarilyUnavailableError extends AuthError {
    /** @throws TypeError `details` is no object or has another member than `cause` and `headers`. */
    constructor(details?: Pick<AuthErrorDetails, 'cause' | 'headers'>, code?: 'temporarily_unavailable' | 'refresh_pending' | 'store_full');
}
/**
 * The refresh token was spent a moment ago and nothing can be said about it yet (503, `refresh_pending`). Nothing happened:
 * repeat the refresh after `Retry-After`, with the token that the client holds then.
 */
export declare class RefreshPendingError extends TemporarilyUnavailableError {
    /** @param seconds - for `Retry-After`. */
    constructor(seconds: number);
}
/** The session store is down, slow or answered nonsense (503). The outcome of what was asked is unknown. */
export declare class StoreUnavailableError extends TemporarilyUnavailableError {
}
/** The session store has no room and evicts no live session to make some (503, `store_full`). */
export declare class StoreFullError extends TemporarilyUnavailableError {
    constructor();
}
/** Whether a value is a refusal by tokenpair, whichever copy of the package made it. */
export declare function isAuthError(value: unknown): value is AuthError;
export {};

// events.d.ts
import type { TokenCheck } from './errors.js';
import type { AuthErrorCode } from './refusals.js';
interface SessionEvent {
    /** Milliseconds since the epoch, by the clock of this process. */
    readonly time: number;
    readonly sessionId: string;
    readonly subject: string;
}
/** A subject signed in. */
export interface SessionIssuedEvent extends SessionEvent {
    readonly type: 'session.issued';
}
/** A session was refreshed. */
export interface SessionRefreshedEvent extends SessionEvent {
    readonly type: 'session.refreshed';
    readonly generation: number;
    /**
     * `'rotated'`: the refresh token was exchanged for its successor. `'held'`: the session had rotated within the settle time,
     * so the client keeps its refresh token. `'replayed'`: a spent token got the successor that exists.
     */
    readonly how: 'rotated' | 'held' | 'replayed';
}
/** A session was ended. */
export interface SessionRevokedEvent extends SessionEvent {
    readonly type: 'session.revoked';
    readonly reason: 'logout' | 'subject' | 'reuse' | 'denied';
}
/** A session was ended to make room for a newer one of the same subject. */
export interface SessionEvictedEvent extends SessionEvent {
    readonly type: 'session.evicted';
}
/** A refresh token is ahead of its record: the store has lost a write, as a failover can. Nobody is accused. */
export interface SessionRolledBackEvent extends SessionEvent {
    readonly type: 'session.rolled_back';
    readonly presentedGeneration: number;
    readonly storedGeneration: number;
}
/** A spent refresh token came out of turn, so its session was ended. One event however many arrive. */
export interface RefreshReusedEvent extends SessionEvent {
    readonly type: 'refresh.reused';
    readonly presentedGeneration: number;
    readonly storedGeneration: number;
}
/**
 * A spent refresh token came after the reuse interval and within the settle time, or its session rotated while a hook was
 * slow. The client repeats the refresh; nothing happened.
 */
export interface RefreshPendingEvent extends SessionEvent {
    readonly type: 'refresh.pending';
    readonly presentedGeneration: number;
    readonly storedGeneration: number;
}
/** A refresh token with a good tag that was never issued: the refresh key has leaked. Change it. */
export interface RefreshForgedEvent extends SessionEvent {
    readonly type: 'refresh.forged_with_valid_tag';
    readonly presentedGeneration: number;
    readonly storedGeneration: number;
}
/** A presented access token was refused. */
export interface VerificationRefusedEvent {
    readonly type: 'verification.refused';
    readonly time: number;
    readonly code: AuthErrorCode;
    /** The exact check that failed, where the token was looked at. */
    readonly check?: TokenCheck;
    /** From the token's own claims, once its signature was good. */
    readonly sessionId?: string;
    readonly subject?: string;
}
/** The store failed, was too slow or answered nonsense. */
export interface StoreUnavailableEvent {
    readonly type: 'store.unavailable';
    readonly time: number;
    /** The method of the store contract that was called. */
    readonly operation: string;
    readonly cause: unknown;
}
/** A function of the application failed, was too slow or answered nonsense. */
export interface HookFailedEvent {
    readonly type: 'hook.failed';
    readonly time: number;
    /** The option that holds the function. */
    readonly hook: string;
    readonly cause: unknown;
}
/** A key set could not be loaded: the endpoint is down, slow or redirects, or what it answered is no key set. */
export interface KeysUnavailableEvent {
    readonly type: 'keys.unavailable';
    readonly time: number;
    /** The URL of the key set without its query, the issuer, or `loadedKeySet`. */
    readonly source: string;
    readonly cause: unknown;
}
export type TokenpairEvent = SessionIssuedEvent | SessionRefreshedEvent | SessionRevokedEvent | SessionEvictedEvent | SessionRolledBackEvent | RefreshReusedEvent | RefreshPendingEvent | RefreshForgedEvent | VerificationRefusedEvent | StoreUnavailableEvent | HookFailedEvent | KeysUnavailableEvent;
/**
 * Hears of every event. What it throws or rejects with changes nothing. An event is frozen and the same object for every
 * listener; `cause` is the value that was thrown, not a copy.
 */
export type EventListener = (event: TokenpairEvent) => unknown;
/** The same without the time, which is added when the event is told. */
type Untimed<Event> = Event extends TokenpairEvent ? Omit<Event, 'time'> : never;
export type Emit = (event: Untimed<TokenpairEvent>) => void;
/** Tells a listener, and the diagnostics channel `tokenpair`, of what happens. */
export declare function createEmit(listener: EventListener | undefined): Emit;
export {};

// fetch-json.d.ts
import type { Agent } from 'node:http';
/** How a document is asked for. */
export interface FetchOptions {
    /**
     * Request headers, such as one that authenticates this server. `Accept-Encoding` stays ours.
     * @defaultValue none but `Accept`
     */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /**
     * Certificate authorities as PEM text that are trusted *instead of* those that Node knows: for an endpoint behind a
     * private one. @defaultValue those that Node knows
     */
    readonly ca?: string | readonly string[] | undefined;
    /**
     * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
     * verified for the host in the URL, whatever the agent's `rejectUnauthorized`, `checkServerIdentity` and `servername`
     * say. A connection that resumes a TLS session is refused: Node's own agents are asked for a full handshake, an agent
     * that keeps sessions by itself must make one. @defaultValue a new connection for each load
     */
    readonly agent?: Agent | undefined;
}
/** Checked {@link FetchOptions}. */
export interface Fetching {
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly ca: string[] | undefined;
    readonly agent: Agent | undefined;
}
export declare const fetchOptionNames: readonly string[];
/**
 * Gets a JSON object. Over TLS nothing is sent before the server has been verified. Status 200 counts and nothing else: no
 * redirect is followed, for the place that it leads to is nobody's choice. At most 512 KB are read, and no more: the
 * connection is cut. Time is bounded by the signal.
 *
 * @throws Error saying where what went wrong; nothing of the answer but its status is in it.
 */
export declare function fetchJson(url: URL, options: Fetching, signal: AbortSignal): Promise<Record<string, unknown>>;
/** For the log. Without the query, which may hold a secret. */
export declare function fail(url: URL, what: string): never;
/** An https URL, or http to this machine itself, without credentials and fragment. */
export declare function requireFetchableUrl(option: string, value: unknown): URL;
/** Checks the options. What comes back are copies: what a caller changes later does not count. */
export declare function readFetchOptions({ headers, ca, agent }: FetchOptions): Fetching;

// frameless-error.d.ts
/** An error whose `stack` is its name and message. */
export declare class FramelessError extends Error {
    constructor(message: string, options?: ErrorOptions);
}

// frozen.d.ts
/** Freezes a value of JSON in place, with everything in it. */
export declare function deepFreeze<T>(value: T): T;
/** A frozen copy of a value of JSON, for a function of the application: what it writes into it reaches nobody. */
export declare function frozenCopy<T>(value: T): T;

// hooks.d.ts
import type { Awaitable } from './awaitable.js';
import type { Emit } from './events.js';
/** Seconds that a hook or the store may take, unless an option says otherwise. */
export declare const defaultDeadline = 5;
export interface HookContext {
    readonly emit: Emit;
    /** Milliseconds. */
    readonly deadline: number;
}
/**
 * Calls a hook and reads its answer: at once when it is no promise, for an answer that is there needs no timer.
 *
 * A hook that throws, is too slow or answers nonsense (`read` throws) has not refused anybody: the request could not
 * be checked. An {@link AuthError} that a hook throws on purpose is passed on.
 *
 * @throws {@link TemporarilyUnavailableError} (503) with what went wrong as its `cause`.
 */
export declare function callHook<T>(context: HookContext, hook: string, call: () => unknown, read: (answer: unknown) => T): Awaitable<T>;

// http-response.d.ts
import type { AuthError } from './errors.js';
/** An HTTP response as plain values. Adapters send it as it is. */
export interface HttpResponse {
    readonly status: number;
    /** Names in the usual case; a value that is an array is one header line each. */
    readonly headers: Readonly<Record<string, string | readonly string[]>>;
    /** JSON text; absent when there is no body. */
    readonly body?: string;
}
/**
 * A guard's refusal as `application/problem+json`, with `error`, `code` and `action` beside the standard members.
 * Every text in it is from our own table. RFC 9457 §3
 */
export declare function problemResponse(error: AuthError): HttpResponse;
/** A token endpoint's refusal: RFC 6749 §5.2 JSON with `code` and `action` beside `error`. */
export declare function tokenErrorResponse(error: AuthError): HttpResponse;
/** The same in the OAuth dialect, which has a status, and now and then a word, of its own. RFC 6749 §5.2 */
export declare function oauthErrorResponse(error: AuthError): HttpResponse;
/** JSON that no cache may keep. */
export declare function jsonResponse(status: number, value: object, headers?: HttpResponse['headers']): HttpResponse;
/** Done, and there is nothing to say. */
export declare function emptyResponse(headers?: HttpResponse['headers']): HttpResponse;

// index.d.ts
export { createTokenVerifier } from './verify/token-verifier.js';
export type { OneIssuerOptions, SeveralIssuersOptions, TokenTransports, TokenVerifier, TokenVerifierOptions, VerificationOptions, } from './verify/token-verifier.js';
export type { AcceptedIssuer, AcceptedIssuerOptions } from './verify/accepted-issuer.js';
export type { TokenCacheOptions } from './verify/token-cache.js';
export type { KeySource } from './key-source.js';
export { verifyBearer } from './verify/verify-bearer.js';
export type { BearerRequest, BearerSource, FetchRequest, NodeRequest, } from './verify/bearer-request.js';
export type { VerifiedToken } from './verify/verified-token.js';
export { guardAnyScope, guardCheck, guardClaim, guardScopes, requireScopes, } from './verify/require-scopes.js';
export type { Guard, ScopeList } from './verify/require-scopes.js';
export { createRouteGuards } from './verify/route-guards.js';
export type { RouteGuards } from './verify/route-guards.js';
export { createRequestAuthenticator } from './verify/request-authenticator.js';
export type { AuthenticationOptions, RequestAuthenticator, ServerRequest, } from './verify/request-authenticator.js';
export { createTokenIssuer } from './create-token-issuer.js';
export type { TokenIssuer, TokenIssuerOptions } from './create-token-issuer.js';
export type { ClaimsAnswer, ClaimsContext, ClaimsHook, IssuingContext, IssuingOptions, } from './issue/token-issuer.js';
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
export type { JwkWithAlgorithm, PrivateKeyOptions, PublicKeyOptions, SecretKeyOptions, SigningKeyOptions, VerificationKeyOptions, } from './keys.js';
export type { Algorithm } from './algorithm.js';
export type { Jwk } from './jwk-members.js';
export type { AsymmetricKeyMaterial, SecretMaterial } from './key-material.js';
export type { KeyState, KeyStateOptions } from './key-state.js';
export { keyThumbprint } from './thumbprint.js';
export type { KeyToName } from './thumbprint.js';
export { remoteKeySet } from './remote-key-set.js';
export type { RemoteKeySetOptions } from './remote-key-set.js';
export { discover, discoveredKeySet } from './discover.js';
export type { Discovery } from './discover.js';
export { loadedKeySet } from './loaded-key-set.js';
export type { LoadKeys } from './loaded-key-set.js';
export type { FetchOptions } from './fetch-json.js';
export type { KeyRefreshOptions } from './key-refreshing.js';
export type { AccessTokenClaims, ClaimValue } from './claims.js';
export type { ProtectionSpace, ProtectionSpaceOptions } from './challenge.js';
export type { Clock } from './clock.js';
export type { Duration } from './duration.js';
export { checkOptions } from './options.js';
export { toSeconds } from './duration.js';
export { withDeadline } from './deadline.js';
export { MemorySessionStore } from './store/memory-session-store.js';
export type { MemorySessionStoreOptions } from './store/memory-session-store.js';
export { subjectTag, subjectTagOf } from './store/session-id.js';
export type { CreateResult, ExpectedGeneration, Millis, NewSession, NextGeneration, RotateResult, SessionLimit, SessionRecord, SessionSnapshot, SessionStore, } from './store/session-store.js';
export { createTokenEndpoints } from './endpoints/token-endpoints.js';
export type { TokenEndpointOptions, TokenEndpoints } from './endpoints/token-endpoints.js';
export type { ClientAuthentication, ClientCredentials } from './endpoints/authenticate-client.js';
export type { ProtectedResourceOptions } from './endpoints/documents.js';
export type { EndpointRequest } from './endpoints/endpoint-request.js';
export type { RefreshCookieOptions } from './endpoints/refresh-cookie.js';
export type { TransportName } from './endpoints/refresh-transport.js';
export { createProtectedResource } from './endpoints/well-known.js';
export type { ProtectedResource } from './endpoints/well-known.js';
export { problemResponse, tokenErrorResponse } from './http-response.js';
export type { HttpResponse } from './http-response.js';
export type { EventListener, HookFailedEvent, KeysUnavailableEvent, RefreshForgedEvent, RefreshPendingEvent, RefreshReusedEvent, SessionEvictedEvent, SessionIssuedEvent, SessionRefreshedEvent, SessionRevokedEvent, SessionRolledBackEvent, StoreUnavailableEvent, TokenpairEvent, VerificationRefusedEvent, } from './events.js';
export { AccessDeniedError, AuthError, ClaimRefusedError, InsufficientScopeError, InvalidClientError, InvalidRefreshTokenError, InvalidRequestError, InvalidTokenError, isAuthError, MissingRefreshTokenError, MissingTokenError, OriginRefusedError, RefreshPendingError, ScopeNotGrantedError, SessionLimitError, SessionRevokedError, StoreFullError, StoreUnavailableError, TemporarilyUnavailableError, TokenPairMismatchError, TokenTooLargeError, } from './errors.js';
export type { TokenCheck } from './errors.js';
export type { AuthAction, AuthErrorCode } from './refusals.js';

// issue/ask-store.d.ts
import type { SessionStore } from '../store/session-store.js';
import { type OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';
type Operation = Exclude<keyof SessionStore, 'close'>;
/**
 * Calls a method of the store, waits no longer than the deadline, and looks at what it answers.
 *
 * @throws {@link StoreUnavailableError} (503) whatever went wrong; the outcome is then unknown.
 */
export declare function askStore<T>({ store, hooks }: IssuingContext, operation: Operation, ask: (store: SessionStore) => Promise<T>): Promise<T>;
/** The live session of an id, when it is one of this issuer's. */
export declare function askForSession(tokens: IssuingContext, sessionId: string): Promise<OwnSession | undefined>;
export {};

// issue/attempt.d.ts
/** The record bears it afterwards, which tells a command that a client library repeated from somebody else's. */
export declare function newAttempt(): string;

// issue/decide-refresh.d.ts
import { InvalidRefreshTokenError, RefreshPendingError } from '../errors.js';
import type { RefreshKey } from './refresh-keys.js';
import type { PresentedRefreshToken, SealedRefreshToken } from './refresh-token.js';
import type { OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';
/** One call of {@link refreshTokenPair}, as its steps hand it on. */
export interface Refresh {
    readonly tokens: IssuingContext;
    readonly presented: PresentedRefreshToken;
    /** Seals what this call writes, also when the keys are replaced meanwhile. */
    readonly key: RefreshKey;
    /** Milliseconds, for the access token. */
    readonly now: number;
    readonly attempt: string;
    readonly scope: string | undefined;
    /** Derives a later token from the presented one, or answers the last one that it derived. */
    readonly derive: (key: RefreshKey, generation: number) => SealedRefreshToken;
}
/** The presented token is acceptable for this record. Nothing has been written yet. */
export interface Acceptance {
    readonly verdict: 'rotate' | 'hold' | 'replay';
    readonly session: OwnSession;
    /** The token that exists already, for a replay. */
    readonly successor?: SealedRefreshToken | undefined;
}
/** Holds the presented token against the record: accepts it, or refuses it with all that the verdict entails. */
export declare function acceptFor(refresh: Refresh, session: OwnSession | undefined): Promise<Acceptance>;
export declare function invalid({ space }: IssuingContext): InvalidRefreshTokenError;
export declare function pending(refresh: Refresh, session: OwnSession, seconds: number): RefreshPendingError;
/** Ends the session: true for the call that ended it. */
export declare function end(tokens: IssuingContext, sessionId: string): Promise<boolean>;

// issue/describe-keys.d.ts
import type { Algorithm } from '../algorithm.js';
import type { KeyState } from '../key-state.js';
import type { IssuingContext } from './token-issuer.js';
/** A key, what it does, and until when. */
export interface KeyDescription {
    /** Which of the issuer's two kinds of keys it is. */
    readonly for: 'access tokens' | 'refresh tokens';
    readonly kid: string;
    /** Of a key for access tokens. */
    readonly algorithm?: Algorithm;
    readonly state: KeyState;
    /** Since when it is in its state, in milliseconds since the epoch. */
    readonly since: number;
    /**
     * When the last token that it has made is of no more use, in milliseconds; `undefined` while the key is not retiring. A
     * key for access tokens is needed until they have expired and, with `requireAccessToken`, until the sessions that must
     * present them have expired too.
     */
    readonly neededUntil: number | undefined;
    /** All of that as a sentence, for a log. */
    readonly summary: string;
}
/**
 * Says of every key of an issuer what it does and until when it is needed, those for access tokens first.
 *
 * It reckons with the lifetimes that are set now and with `since`. A retiring key may have gone on signing in another
 * process that learned of the change later: wait that much longer.
 */
export declare function describeKeys(tokens: IssuingContext, clockTolerance: number): readonly KeyDescription[];

// issue/issue-token-pair.d.ts
import type { IssuingContext } from './token-issuer.js';
import { type TokenPair } from './token-pair.js';
/** Who signs in, and to what. */
export interface LoginGrant {
    /**
     * Written as `sub`: the stable id of the account. Well-formed text of at most 1 024 characters; together with the scope
     * at most 4 096 bytes as JSON.
     */
    readonly subject: string;
    /** What is granted, for the whole session: `'a b'` or `['a', 'b']`. */
    readonly scope?: string | readonly string[] | undefined;
    /** Words about the session for `listSessions`, a device name for example: JSON, at most 4 096 characters of it. */
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
/**
 * Starts a session for a subject whose identity has been proved, and issues its first token pair.
 *
 * Nothing is stored unless the `claims` hook agrees and the access token is signed.
 *
 * @throws {@link AccessDeniedError} (403) the `claims` hook answered `false`.
 * @throws {@link SessionLimitError} (403) the subject is at `maxSessions` and the policy is `'reject'`.
 * @throws {@link StoreFullError}, {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503).
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token.
 * @throws TypeError the grant is not what its types say, or has an unknown member; nothing is stored.
 */
export declare function issueTokenPair(tokens: IssuingContext, grant: LoginGrant): Promise<TokenPair>;

// issue/list-sessions.d.ts
import type { IssuingContext } from './token-issuer.js';
/** A live session. Instants are milliseconds since the epoch, by the store's clock. */
export interface SessionInfo {
    readonly sessionId: string;
    readonly subject: string;
    /** The scope that was granted at login, space-delimited. */
    readonly scope: string;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly createdAt: number;
    /** The login, or the last refresh since. */
    readonly refreshedAt: number;
    /** When the session ends if it is not refreshed before. */
    readonly idleAt: number;
    /** When it ends in any case. */
    readonly expiresAt: number;
}
/**
 * Lists the live sessions of a subject, the most recently refreshed first.
 *
 * @throws {@link StoreUnavailableError} (503).
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters.
 */
export declare function listSessions(tokens: IssuingContext, subject: string): Promise<readonly SessionInfo[]>;

// issue/match-access-token.d.ts
import type { PresentedRefreshToken } from './refresh-token.js';
import type { IssuingContext } from './token-issuer.js';
/**
 * Requires that the access token, when there is one, is ours and of the refresh token's session and subject.
 *
 * The session id carries the tag of its subject, so the store need not be asked, and nothing is spent. A token whose key is
 * not known, or no longer known, proves nothing for or against the session, so it counts as absent: a change of keys must
 * not end a session. A bad signature under a known key is a mismatch.
 *
 * @throws {@link TokenPairMismatchError} (401) it is not, or there is none and the issuer requires one. With
 * `requireAccessToken`, a token whose key is not known is therefore refused.
 */
export declare function matchAccessToken(tokens: IssuingContext, { sessionId }: PresentedRefreshToken, accessToken: unknown): Promise<void>;

// issue/payload.d.ts
/** What an issuer writes into each of its tokens. */
export interface PayloadContext {
    readonly issuer: string;
    readonly audience: readonly string[];
}
/** What differs from token to token. Times are seconds. */
export interface PayloadParts {
    readonly subject: string;
    readonly scope: string;
    readonly sessionId: string;
    readonly iat: number;
    readonly expiresIn: number;
    readonly claims?: Readonly<Record<string, unknown>>;
}
export declare function writePayload({ issuer, audience }: PayloadContext, { subject, scope, sessionId, iat, expiresIn, claims }: PayloadParts): string;

// issue/refresh-keys.d.ts
import { type Hmac } from '../digest.js';
import { type SecretMaterial } from '../key-material.js';
import { type KeyStanding, type KeyStateOptions } from '../key-state.js';
/** A key that seals refresh tokens. A fresh one may replace it at any time: nobody is signed out. */
export interface RefreshKeyOptions extends KeyStateOptions {
    /**
     * A whole number from 1 to 15, as text. Every refresh token names it in four bits, of which it carries the
     * complement too. Use an ID again only when the sessions of its former key are over: until then the refresh tokens of
     * those sessions do not open under the other secret, and their users are signed out. `replaceRefreshKeys` refuses it.
     */
    readonly kid: string;
    /** At least 32 bytes. */
    readonly secret: SecretMaterial;
}
/** The two keys that are derived from one refresh key. */
export interface RefreshKey extends KeyStanding {
    readonly id: number;
    /** Makes the tag that says "this issuer sealed this". */
    readonly mac: Hmac;
    /** Derives the secret of a successor from that of its predecessor. */
    readonly ratchet: Hmac;
}
/** The refresh keys of an issuer, by id. */
export interface RefreshKeys {
    /** Seals whatever is made from now on. */
    readonly active: RefreshKey;
    readonly byId: ReadonlyMap<number, RefreshKey>;
}
/** Refresh keys that can be exchanged while they are in use. */
export interface RefreshKeyRing extends RefreshKeys {
    /**
     * @param now - milliseconds
     * @throws TypeError an ID comes with another secret than the one it has, or had when it left the ring and whose sessions
     * may still be alive. Then no key is replaced.
     */
    replace(keys: RefreshKeys, now: number): void;
}
/** @param sessionSpan - milliseconds from the last use of a key to the end of the last session under it. */
export declare function createRefreshKeyRing(keys: RefreshKeys, sessionSpan: number): RefreshKeyRing;
/**
 * Imports refresh keys. The current one seals: the first, where no states are given. The rest open.
 *
 * @param issuer - whose tokens the keys are for.
 * @param now - milliseconds; since when a key is in its state, unless it says so or was so among the keys `before`.
 */
export declare function importRefreshKeys(refreshKeys: unknown, issuer: string, now: number, before?: RefreshKeys): RefreshKeys;

// issue/refresh-token-pair.d.ts
import type { IssuingContext } from './token-issuer.js';
import { type TokenPair } from './token-pair.js';
export interface RefreshOptions {
    /** The access token of the pair, expired or not, as further evidence. */
    readonly accessToken?: string | undefined;
    /** Less scope for the next access token than the session was granted; the session keeps it all. RFC 6749 §6 */
    readonly scope?: string | undefined;
}
/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice the reuse interval. A refresh before that answers a new
 * access token and the refresh token that was presented (`refreshTokenChanged` is false). Of any number of calls with one
 * token exactly one rotates; the others get the identical refresh token, within the reuse interval. A spent token that
 * comes after the settle time, or is older, ends its session and no other. What was in order when a call began is never
 * taken for theft, however slow a hook is. A call that fails with 503 has spent nothing, unless the store's answer was
 * lost: repeat it with the same token, inside the interval.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys, or no longer is, counts as absent.
 *
 * @param refreshToken - as the client sent it; anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) there is none.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, or its subject was
 * denied.
 * @throws {@link RefreshPendingError} (503) it was spent a moment ago; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `options` has an unknown member, `access_token` for example; nothing was spent.
 */
export declare function refreshTokenPair(tokens: IssuingContext, refreshToken: string | null | undefined, options?: RefreshOptions): Promise<TokenPair>;

// issue/refresh-token.d.ts
import type { RefreshKey, RefreshKeys } from './refresh-keys.js';
/** A refresh token of some generation, ready to be handed out, and what the store may know of it. */
export interface SealedRefreshToken {
    readonly token: string;
    readonly sessionId: string;
    readonly generation: number;
    readonly secretHash: string;
    readonly keyId: number;
}
/** A refresh token as somebody sent it. */
export interface PresentedRefreshToken {
    /** As it came. */
    readonly token: string;
    readonly sessionId: string;
    readonly generation: number;
    readonly secretHash: string;
    /** Id of the refresh key that sealed it. */
    readonly keyId: number;
    /**
     * Whether the tag was checked and is good. False when the key that sealed the token has been retired: then only the
     * secret can show that it is one of ours.
     */
    readonly sealed: boolean;
    /** What a successor is derived from. Never leaves this process. */
    readonly secret: Buffer;
}
/** The last generation that four bytes can count; no session lives so long. */
export declare const lastGeneration = 4294967295;
/** Mints the first refresh token of a new session. */
export declare function mintRefreshToken(ring: RefreshKeys, owner: string): SealedRefreshToken;
/**
 * Opens a refresh token: shape, version, key id, tag. The store is not asked.
 *
 * @returns `undefined` for whatever we did not seal: forged, cut short, altered or spelled in another way.
 */
export declare function openRefreshToken(ring: RefreshKeys, token: unknown): PresentedRefreshToken | undefined;
/**
 * The refresh token of a later generation, derived generation by generation from the presented one under one key. Whether it
 * is the current token of its session, its hash tells.
 */
export declare function deriveSuccessor(key: RefreshKey, presented: PresentedRefreshToken, generation: number): SealedRefreshToken;

// issue/revoke-session.d.ts
import type { IssuingContext } from './token-issuer.js';
/** Which session to end: the one that a refresh token belongs to, or the one of this id. */
export type SessionReference = {
    readonly refreshToken: string | undefined;
    readonly sessionId?: undefined;
} | {
    readonly sessionId: string;
    readonly refreshToken?: undefined;
};
/**
 * Ends one session: no further access token is issued for it. Those that are out stay valid until they expire, unless
 * `isRevoked` says otherwise. Idempotent.
 *
 * Any refresh token that the session really had will do, also a spent one, unless the key that sealed it is gone; an
 * access token is not needed. A forged one ends nothing. Whoever calls with a session id has already checked whose it is.
 *
 * @returns whether this call ended a session: false for an unknown one, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still live: repeat the call.
 * @throws TypeError both were given, or the reference has another member.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session id was given.
 */
export declare function revokeSession(tokens: IssuingContext, reference: SessionReference): Promise<boolean>;
/**
 * Ends all sessions of a subject, or all but one: after a change of password, say. Wins against refreshes under way.
 *
 * @returns the ids of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still live: repeat the call.
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters, or `options` has an unknown member.
 */
export declare function revokeSubject(tokens: IssuingContext, subject: string, options?: {
    readonly except?: string | undefined;
}): Promise<readonly string[]>;

// issue/rotation.d.ts
import type { Millis, SessionSnapshot } from '../store/session-store.js';
/** What follows for a presented refresh token. */
export type Verdict = 
/** The current token: exchange it for its successor. */
'rotate'
/** The current token, written within the settle time: a new access token, and the same refresh token. */
 | 'hold'
/** The predecessor, within the reuse interval: the same successor again. Nothing is written. */
 | 'replay'
/** The predecessor, after the reuse interval and within the settle time: ask again later. Nobody is accused. */
 | 'pending'
/** Not one of our tokens, or nothing can be said about it: refused, without consequence. */
 | 'invalid'
/** The tag is good but we never issued the token: the refresh key has leaked. Refused, without consequence. */
 | 'forged'
/** The token is ahead of the record: the store lost a write. Refused, without consequence. */
 | 'rolled back'
/** A real token that was spent: the session ends. */
 | 'reused';
/** What the table looks at, beside the record. */
export interface RotationCase {
    readonly generation: number;
    readonly secretHash: string;
    /** Whether the tag was checked and is good; false when its key has been retired. */
    readonly sealed: boolean;
    /**
     * For a token of the record's parent generation: hash of the secret that it derives to for the record's generation,
     * under the key that the record names. `undefined` when that key is gone.
     */
    readonly derivedHash: string | undefined;
    /** Names the call that asks. */
    readonly attempt: string;
}
/** What the table reads of a record. */
export type RotationRecord = Pick<SessionSnapshot, 'generation' | 'secretHash' | 'parentGeneration' | 'attempt' | 'rotatedAt' | 'idleLifetime' | 'asOf'>;
export interface RotationPolicy {
    /** Milliseconds in which the predecessor gets the same successor again. 0: never. */
    readonly reuseInterval: Millis;
}
/**
 * Decides on a refresh token whose shape and, where its key is known, tag were good, and for which there is a record.
 * Each line is a row of the table in docs/refresh.md. The store's clock decides about time.
 */
export declare function decide(presented: RotationCase, record: RotationRecord, policy: RotationPolicy): Verdict;
/**
 * The time in which a session rotates at most once: twice the reuse interval, in milliseconds.
 *
 * Never more than half the idle lifetime of the record, which an issuer with a shorter reuse interval may have written: a
 * session that could not rotate before it becomes idle would end in its owner's hands.
 */
export declare function settleTimeOf({ reuseInterval }: RotationPolicy, { idleLifetime }: Pick<RotationRecord, 'idleLifetime'>): Millis;

// issue/session-data.d.ts
/** What a session was granted at login, for as long as it lives. */
export interface SessionGrant {
    /** The scope in full, space-delimited; empty when there is none. A refresh may narrow it for one access token. */
    readonly scope: string;
    /** The application's own words about the session, a device name for example. */
    readonly metadata: Readonly<Record<string, unknown>>;
}
/** What `data` holds. */
export interface SessionData {
    /** Which audiences the issuer had at login (session-owner.ts). */
    readonly marks: readonly string[];
    readonly grant: SessionGrant;
}
/** Characters that the scope of a session may have: it stands in every access token. */
export declare const maxScopeLength = 2048;
/** Characters of JSON that an application's metadata may take. */
export declare const maxMetadataLength = 4096;
export declare function writeSessionData({ marks, grant: { scope, metadata } }: SessionData): string;
/** @throws {@link StoreUnavailableError} what the store gave back is not what we put there. */
export declare function readSessionData(data: string): SessionData;

// issue/session-owner.d.ts
import type { SessionSnapshot } from '../store/session-store.js';
import { type SessionGrant } from './session-data.js';
/** What tells the sessions of one issuer from those of another. */
export interface SessionOwnership {
    /** Begins the owner of every record of this issuer: 8 characters of the hash of the issuer's name, and a dot. */
    readonly ownerPrefix: string;
    /** The audiences of this issuer, as records name them. */
    readonly audienceMarks: readonly string[];
}
/** A record of this issuer, its owner read back into the subject and its data into the grant. */
export interface OwnSession extends Omit<SessionSnapshot, 'data'> {
    readonly grant: SessionGrant;
}
export declare function toSessionOwnership(issuer: string, audience: readonly string[]): SessionOwnership;
/** What the store knows a subject of this issuer as: unique across issuers. */
export declare function ownerOf({ ownerPrefix }: SessionOwnership, subject: string): string;
/**
 * Reads a record that the store answered.
 *
 * @returns `undefined` when the record belongs to another issuer: another name, or no audience in common.
 * @throws {@link StoreUnavailableError} (503) the record is another than was asked for, or garbled: a store that mixes
 * records up must neither sign anybody in nor out.
 */
export declare function readOwnSession({ ownerPrefix, audienceMarks }: SessionOwnership, sessionId: string, { data, ...session }: SessionSnapshot): OwnSession | undefined;

// issue/sign-access-token.d.ts
import type { ClaimsContext, IssuingContext } from './token-issuer.js';
/** What an access token is made for. */
export interface AccessGrant {
    readonly subject: string;
    readonly session: ClaimsContext;
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Milliseconds until the session's absolute end, which no access token outlives. */
    readonly sessionLeft: number;
}
export interface SignedAccessToken {
    readonly accessToken: string;
    /** Seconds. */
    readonly expiresIn: number;
}
/**
 * Asks the `claims` hook and signs an access token.
 *
 * @returns `undefined` when the hook denies the subject.
 * @throws {@link TemporarilyUnavailableError} (503) the hook failed or answered what cannot be signed.
 * @throws {@link TokenTooLargeError} (500) the hook answered more than fits into an access token.
 */
export declare function signAccessToken(context: IssuingContext, grant: AccessGrant): Promise<SignedAccessToken | undefined>;

// issue/sign-for-session.d.ts
import { type Refresh } from './decide-refresh.js';
import type { OwnSession } from './session-owner.js';
import { type SignedAccessToken } from './sign-access-token.js';
export interface SignedGrant extends SignedAccessToken {
    readonly scope: string;
}
/** Signs the access token for a session, or ends the session when the `claims` hook denies its subject. */
export declare function signOrEnd({ tokens, now, scope }: Refresh, { sessionId, subject, grant, createdAt, expiresAt, asOf }: OwnSession): Promise<SignedGrant>;

// issue/store-answers.d.ts
import type { SessionStore } from '../store/session-store.js';
type Check = (answer: unknown) => boolean;
declare const answers: Readonly<Record<Exclude<keyof SessionStore, 'close'>, Check>>;
export declare function isAnswer(operation: keyof typeof answers, answer: unknown): boolean;
export {};

// issue/token-issuer.d.ts
import { type ProtectionSpaceOptions } from '../challenge.js';
import { type Clock } from '../clock.js';
import { type Duration } from '../duration.js';
import { type EventListener } from '../events.js';
import { type SigningKeyOptions, type VerificationKeyOptions } from '../keys.js';
import type { SessionStore } from '../store/session-store.js';
import { type RefreshKeyOptions } from './refresh-keys.js';
import { type SessionOwnership } from './session-owner.js';
/** What the `claims` hook learns of the session: a copy for each call, frozen with everything in it. */
export interface ClaimsContext {
    readonly sessionId: string;
    /** The scope that this access token will carry. */
    readonly scope: string;
    readonly metadata: Readonly<Record<string, unknown>>;
    /** When the session began, in milliseconds by the store's clock; `undefined` at issue, when it is about to. */
    readonly createdAt: number | undefined;
    /** Whether somebody signs in or a session is refreshed. */
    readonly reason: 'issue' | 'refresh';
}
/**
 * Answers the claims that an access token carries beside the registered ones, or `false` to deny: then a login gets
 * {@link AccessDeniedError}, and a refresh ends the session. Asked at issue and at every refresh, so a change of role
 * or a ban arrives with the next access token; old claims are never copied.
 *
 * When it throws, is slow or answers anything else, the client gets 503 and nothing has been spent. When it answers more
 * claims than fit into an access token of 8 192 characters, repeating does not help: {@link TokenTooLargeError} (500), and
 * nothing has been spent either.
 */
export type ClaimsHook = (subject: string, session: ClaimsContext) => ClaimsAnswer | Promise<ClaimsAnswer>;
export type ClaimsAnswer = Readonly<Record<string, unknown>> | false;
/** What {@link createTokenIssuer} takes for issuing; {@link VerificationOptions} go to its own verifier. */
export interface IssuingOptions extends ProtectionSpaceOptions {
    /** Written as `iss`. With `audience` and the signature it must leave room for 4 096 bytes of subject and scope. */
    readonly issuer: string;
    /** Written as `aud`. */
    readonly audience: string | readonly string[];
    /** The first key signs, the rest still verify; or as their `state` says. */
    readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
    /** The first key seals refresh tokens, the rest still open them; or as their `state` says. */
    readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
    readonly store: SessionStore;
    readonly claims?: ClaimsHook | undefined;
    /** How long an access token is valid. @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4 */
    readonly accessTokenLifetime?: Duration | undefined;
    /** A session that is not refreshed for so long is over. @defaultValue `'30d'` (30 days) */
    readonly idleLifetime?: Duration | undefined;
    /** A session is over so long after login, however often it is refreshed. @defaultValue `'90d'` (90 days) */
    readonly absoluteLifetime?: Duration | undefined;
    /**
     * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
     * answers that were lost. A session rotates at most once in twice this time; a refresh before that answers the same
     * refresh token. 0 to 300 seconds; 0 makes every second use a theft. @defaultValue 30 (seconds)
     */
    readonly reuseInterval?: Duration | undefined;
    /**
     * Whether a refresh must bring the access token too. Then a key that has signed access tokens must stay among `keys`
     * until the sessions that have them are over, the shorter of `idleLifetime` and `absoluteLifetime`: an access token
     * whose key is gone counts as absent, and its session could not be refreshed. `describeKeys` says until when.
     * @defaultValue `false`
     */
    readonly requireAccessToken?: boolean | undefined;
    /** Live sessions that a subject may have. @defaultValue 100 */
    readonly maxSessions?: number | undefined;
    /** What happens at a login beyond that. @defaultValue `'evict-oldest'`: the least recently refreshed one ends */
    readonly onSessionLimit?: 'evict-oldest' | 'reject' | undefined;
    /** How long the store and the hooks may take. @defaultValue 5 (seconds) */
    readonly deadline?: Duration | undefined;
    /** Hears of everything that happens to sessions and tokens. */
    readonly onEvent?: EventListener | undefined;
    /** Source of now in milliseconds, for `iat` and `exp`; sessions live by the store's clock. @defaultValue `Date.now` */
    readonly clock?: Clock | undefined;
}
/** The checked options. */
export interface IssuingContext extends SessionOwnership {
    readonly issuer: string;
    readonly audience: readonly string[];
}
export declare const issuingOptionNames: readonly string[];
/** Checks the options of issuing and imports its keys. */
export declare function buildIssuingContext(options: IssuingOptions): IssuingContext;

// issue/token-pair.d.ts
import type { SessionSnapshot } from '../store/session-store.js';
import type { SignedAccessToken } from './sign-access-token.js';
/** An access token and the refresh token that renews it. */
export interface TokenPair {
    readonly accessToken: string;
    /** The refresh token to go on with. Two refreshes within the settle time answer the same one. */
    readonly refreshToken: string;
    /** False when `refreshToken` is the token that was presented: there is nothing new to store. */
    readonly refreshTokenChanged: boolean;
    readonly tokenType: 'Bearer';
    /** Seconds until the access token is over. */
    readonly expiresIn: number;
    /** Seconds until the refresh token is over, if it is not used: the idle or the absolute end, whichever is first. */
    readonly refreshExpiresIn: number;
    readonly sessionId: string;
    /** The scope of the access token, space-delimited; empty when it has none. */
    readonly scope: string;
}
/** A token pair as clients read it. RFC 6749 §5.1 */
export interface TokenResponse {
    readonly access_token: string;
    readonly token_type: 'Bearer';
    readonly expires_in: number;
    readonly refresh_token: string;
    readonly scope?: string;
}
/** The RFC 6749 §5.1 JSON of a pair. Send it with `Cache-Control: no-store`. */
export declare function tokenResponse(pair: TokenPair): TokenResponse;
export declare function toTokenPair({ accessToken, expiresIn }: SignedAccessToken, refreshToken: {
    readonly token: string;
    readonly isNew: boolean;
}, { sessionId, asOf, rotatedAt, idleLifetime, expiresAt }: Omit<SessionSnapshot, 'data'>, scope: string): TokenPair;

// issue/token-size.d.ts
import type { SigningKeySet } from '../keys.js';
import { type PayloadContext } from './payload.js';
import type { IssuingContext } from './token-issuer.js';
/**
 * Requires that every grant that {@link requireFittingGrant} accepts fits into an access token of this issuer.
 *
 * @throws TypeError issuer, audience and signature leave no room for the largest grant.
 */
export declare function requireRoomForGrants(context: PayloadContext, { signingKey }: SigningKeySet): void;
/** @throws TypeError subject and scope are too large to be in an access token together. */
export declare function requireFittingGrant(subject: string, scope: string): void;
/**
 * Requires that a signed access token is no longer than verifiers accept. The grant fits, so the answer of the `claims` hook
 * is too large. The developer hears of it in the event `hook.failed`.
 *
 * @throws {@link TokenTooLargeError} (500)
 */
export declare function requireFittingToken({ claims, hooks }: IssuingContext, { length }: string): void;

// jwk-members.d.ts
/**
 * A JSON Web Key: what `KeyObject.export({ format: 'jwk' })`, Web Crypto and other libraries write. A value may have other
 * members too; they are not used.
 *
 * Our own type, since that of `@types/node` has another name and another shape in its newer versions. The type does not say
 * which members belong together: that is checked when the key is imported.
 *
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8037 §2
 */
export type Jwk = {
    readonly kty?: string | undefined;
    readonly use?: string | undefined;
    readonly key_ops?: readonly string[] | undefined;
    readonly alg?: string | undefined;
    readonly kid?: string | undefined;
    readonly ext?: boolean | undefined;
    readonly x5u?: string | undefined;
    readonly x5c?: readonly string[] | undefined;
    readonly x5t?: string | undefined;
    readonly 'x5t#S256'?: string | undefined;
    readonly crv?: string | undefined;
    readonly x?: string | undefined;
    readonly y?: string | undefined;
    readonly d?: string | undefined;
    readonly n?: string | undefined;
    readonly e?: string | undefined;
    readonly p?: string | undefined;
    readonly q?: string | undefined;
    readonly dp?: string | undefined;
    readonly dq?: string | undefined;
    readonly qi?: string | undefined;
    readonly oth?: readonly object[] | undefined;
    readonly k?: string | undefined;
};
/** Whether a value has the form of a JWK. Whether a key is in it shows when it is imported. */
export declare function isJwk(value: unknown): value is Jwk;
/** Whether any part of it is for its owner only, complete or not. RFC 7518 §6.2.2, §6.3.2, §6.4 */
export declare function isForOwner(jwk: Jwk): boolean;
/** The member by which a JWK refuses to sign or to verify. RFC 7517 §4.2, §4.3 */
export declare function memberAgainst(jwk: Jwk, operation: 'sign' | 'verify'): 'use' | 'key_ops' | undefined;

// jwk.d.ts
import { type Algorithm } from './algorithm.js';
import { type Jwk } from './jwk-members.js';
import type { ImportedKey } from './keys.js';
/**
 * Imports one member of a key set that somebody else publishes; never throws.
 *
 * @param allowed - algorithms that may be used; of a key that names none, the first that fits is meant.
 * @returns `undefined` when the member is not for us: without a `kid`, of another use, for an algorithm that is not
 * allowed, weak, unreadable, or with a part that should never have been published.
 * @see RFC 7517 §5
 */
export declare function importJwk(jwk: unknown, allowed: readonly Algorithm[]): ImportedKey | undefined;
/** A public key as we publish it. RFC 7517 §4 */
export declare function toPublicJwk({ kid, algorithm, verificationKey }: ImportedKey): Jwk;

// key-material.d.ts
import { KeyObject } from 'node:crypto';
import { type Jwk } from './jwk-members.js';
/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * An encrypted one must come as a `KeyObject`.
 */
export type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;
/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, of which the UTF-8 bytes count; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Plain text is never decoded, whatever it looks like.
 */
export type SecretMaterial = string | Uint8Array | {
    readonly base64url: string;
} | Jwk | KeyObject;
/** Imports a public key; refuses a private one, of which Node would quietly take the public half. */
export declare function importPublicKey(option: string, material: unknown): KeyObject;
/** Imports a private key. */
export declare function importPrivateKey(option: string, material: unknown): KeyObject;
/** Imports a shared secret of at least `minBytes`; refuses what is really a key of another kind. */
export declare function importSecret(option: string, material: unknown, minBytes: number): KeyObject;

// key-pair.d.ts
import { type KeyObject } from 'node:crypto';
import { type Algorithm } from './algorithm.js';
export type KeyKind = 'publicKey' | 'privateKey' | 'secret';
export interface KeyPair {
    readonly verificationKey: KeyObject;
    /** Absent from a key that only verifies. */
    readonly signingKey: KeyObject | undefined;
}
/** Imports a key that fits its algorithm: in kind, size and curve. */
export declare function importKeyPair(option: string, kind: KeyKind, material: unknown, algorithm: Algorithm): KeyPair;

// key-refreshing.d.ts
import { type Clock } from './clock.js';
import { type Duration } from './duration.js';
import { type Emit, type EventListener } from './events.js';
/** How keys that are loaded are kept. */
export interface KeyRefreshOptions {
    /**
     * Age at which the keys are loaded again: 1 second to 1 day. Keys at hand go on being used meanwhile; only after a
     * rest of twice this time does the next request wait for the load, so that a key that went long ago is not taken.
     * @defaultValue `'10m'` (10 minutes)
     */
    readonly refreshInterval?: Duration | undefined;
    /**
     * Least time from the start of one load to the start of the next while there are keys to use: 1 second to
     * `refreshInterval`. It keeps unknown `kid`s from driving loads, and is how long a key may take to be found that signs
     * as soon as it is published. Without a usable key the next load may start 2 seconds after one that failed.
     * @defaultValue 30 (seconds), or `refreshInterval` when that is shorter
     */
    readonly cooldown?: Duration | undefined;
    /**
     * How long past `refreshInterval` the last good keys are used while loading fails: 0 to 7 days. Longer outlives longer
     * outages; a key that is withdrawn during one is accepted until its end. After that: 503.
     * @defaultValue `'1h'` (1 hour)
     */
    readonly staleFor?: Duration | undefined;
    /** How long one load may take, all in all: 0.01 to 60 seconds. @defaultValue 5 (seconds) */
    readonly deadline?: Duration | undefined;
    /** Hears of every load that failed, with its cause. */
    readonly onEvent?: EventListener | undefined;
    /** Source of now in milliseconds. A step back does no harm. @defaultValue `Date.now` */
    readonly clock?: Clock | undefined;
}
/** Checked {@link KeyRefreshOptions}; times in milliseconds. */
export interface KeyRefreshing {
    readonly refreshInterval: number;
    readonly cooldown: number;
    readonly staleFor: number;
    readonly deadline: number;
    readonly emit: Emit;
    readonly clock: Clock;
}
/** Checks the options that all loaded keys have, beside `others` of one kind. */
export declare function readKeyRefreshing(what: string, options: KeyRefreshOptions, others?: readonly string[]): KeyRefreshing;

// key-ring.d.ts
import type { KeySource } from './key-source.js';
import type { ImportedKey, KeySet } from './keys.js';
/** Keys at hand. */
export interface KeyRing<Keys extends KeySet = KeySet> extends KeySource {
    readonly current: Keys;
    find(kid: string): ImportedKey | undefined;
    /** Takes other keys instead: from now on, what only the former ones vouch for is refused. */
    replace(keys: Keys): void;
}
export declare function createKeyRing<Keys extends KeySet>(keys: Keys): KeyRing<Keys>;

// key-source.d.ts
/**
 * Keys to verify with that are loaded, and loaded again: a value for the option `keys`. Made by `remoteKeySet`,
 * `discoveredKeySet` and `loadedKeySet`; several verifiers can share one, and then share its loads.
 */
export interface KeySource {
    /** Every algorithm that a key of it may be for: what is not here is refused before a key is looked for. */
    readonly algorithms: ReadonlySet<string>;
}
/** Whether an option holds keys that are loaded, rather than the keys themselves. */
export declare function isKeySource(value: unknown): value is KeySource;

// key-state.d.ts
/**
 * Where a key stands in its life. `next` is known to all who verify, but makes nothing: whoever fetches keys now and then
 * must have seen it before its first token comes. `current` makes tokens. `retiring` makes no more, and verifies what it has
 * made until the last of that is over.
 */
export type KeyState = 'next' | 'current' | 'retiring';
export interface KeyStateOptions {
    /**
     * For the keys of an issuer: all of them have a state and one is `current`, or none has. A verifier takes every key
     * that it is given, whatever its state.
     * @defaultValue the first key is `current`, the rest are `retiring`
     */
    readonly state?: KeyState | undefined;
    /**
     * When the key came into its state: a `Date`, ISO 8601 text or milliseconds since the epoch. `describeKeys` reckons from
     * it until when a retiring key is needed.
     * @defaultValue when this process was given the key in that state
     */
    readonly since?: Date | string | number | undefined;
}
/** What is known of a key's life. */
export interface KeyStanding {
    /** `undefined` where nobody has said: among the keys of a verifier, and those that others publish. */
    readonly state: KeyState | undefined;
    /** Milliseconds since the epoch. */
    readonly since: number | undefined;
}
/** The options by name, for whoever checks that there are no others. */
export declare const keyStateOptionNames: readonly ['state', 'since'];
export declare function readKeyState(option: string, { state, since }: Readonly<Record<string, unknown>>): KeyStanding;
/** The keys of an issuer, each with a state: as they say, or in their order. One of them is current. */
export declare function settleKeyStates<Key extends KeyStanding>(option: string, keys: readonly Key[]): readonly Key[];
/** Has every key say since when, where it does not: as long as it was in that state before, or from now on. */
export declare function datedFrom<Key extends KeyStanding>(now: number, keys: readonly Key[], before?: (key: Key) => KeyStanding | undefined): (Key & {
    readonly since: number;
})[];

// keys.d.ts
import { type Algorithm } from './algorithm.js';
import { type Jwk } from './jwk-members.js';
import type { AsymmetricKeyMaterial, SecretMaterial } from './key-material.js';
import { type KeyPair } from './key-pair.js';
import { type KeyStanding, type KeyStateOptions } from './key-state.js';
interface KeyLabel extends KeyStateOptions {
    /**
     * Names the key in the header of every token that it signs. Exact, at most 256 characters; no two keys share one.
     * @defaultValue the `kid` of a JWK, which must be the same where both are given; for a single key without either, its
     * thumbprint ({@link keyThumbprint}, RFC 7638). Several keys each need one.
     */
    readonly kid?: string | undefined;
}
interface WithAlgorithm extends KeyLabel {
    /** The one algorithm that this key is for. A JWK whose `alg` is another is refused. */
    readonly algorithm: Algorithm;
}
interface WithJwkAlgorithm extends KeyLabel {
    /** @defaultValue the `alg` of the JWK, which must be the same where both are given */
    readonly algorithm?: Algorithm | undefined;
}
/** A JWK that says itself which algorithm it is for. Its `use` and `key_ops`, if any, must allow what it is given for. */
export type JwkWithAlgorithm = Jwk & {
    readonly alg: string;
};
/** A key that only verifies. */
export type PublicKeyOptions = (WithAlgorithm & {
    readonly publicKey: AsymmetricKeyMaterial;
}) | (WithJwkAlgorithm & {
    readonly publicKey: JwkWithAlgorithm;
});
/** A key that signs, and verifies with its public half. */
export type PrivateKeyOptions = (WithAlgorithm & {
    readonly privateKey: AsymmetricKeyMaterial;
}) | (WithJwkAlgorithm & {
    readonly privateKey: JwkWithAlgorithm;
});
/** A secret that signs and verifies. Whoever can verify with it can sign. */
export type SecretKeyOptions = (WithAlgorithm & {
    readonly secret: SecretMaterial;
}) | (WithJwkAlgorithm & {
    readonly secret: JwkWithAlgorithm;
});
/** A key to verify with. */
export type VerificationKeyOptions = PublicKeyOptions | SecretKeyOptions;
/** A key to sign and verify with. */
export type SigningKeyOptions = PrivateKeyOptions | SecretKeyOptions;
/** A key as the journeys use it: imported and checked once, at construction. */
export interface ImportedKey extends KeyPair, KeyStanding {
    readonly kid: string;
    readonly algorithm: Algorithm;
}
/** The keys of one verifier, looked up by exact `kid`. */
export interface KeySet {
    readonly byKid: ReadonlyMap<string, ImportedKey>;
    /** Every algorithm that some key is for: what is not here is refused before a key is looked for. */
    readonly algorithms: ReadonlySet<string>;
}
/** The keys of an issuer. */
export interface SigningKeySet extends KeySet {
    readonly signingKey: ImportedKey;
}
/** Imports the keys of a service that only verifies: it is refused any key that could sign for others. */
export declare function importVerificationKeys(keys: unknown): KeySet;
/**
 * Imports the keys of a service that issues. The current key signs: the first, where no states are given.
 *
 * @param now - milliseconds; since when a key is in its state, unless it says so or was so among the keys `before`.
 */
export declare function importSigningKeys(keys: unknown, now: number, before?: KeySet): SigningKeySet;
export {};

// loaded-key-set.d.ts
import { type KeyRefreshOptions } from './key-refreshing.js';
import type { KeySource } from './key-source.js';
import { type VerificationKeyOptions } from './keys.js';
/** Answers all keys there are now. What it does may stop when the signal is aborted: its answer is too late then. */
export type LoadKeys = (signal: AbortSignal) => Promise<readonly VerificationKeyOptions[]>;
/**
 * Keys from a function of the application, for the option `keys` of a verifier. It is called when a key is first
 * asked for, then as the options say; never twice at a time.
 *
 * Its answer is checked like an array of keys that is given at once. A wrong one (no key at all, two of one `kid`, a private
 * key) is a load that failed, as is a rejection: the last good keys stay in use for `staleFor`, then requests get 503.
 * A key that is not answered any more is refused from then on.
 *
 * @throws TypeError naming the option that is wrong. Nothing is loaded yet.
 */
export declare function loadedKeySet(load: LoadKeys, options?: KeyRefreshOptions): KeySource;

// options.d.ts
/** Throws the TypeError for a wrong option. Leave `got` out for secrets: it would stand in the message. */
export declare function refuseOption(option: string, expected: string, ...got: [] | [unknown]): never;
/**
 * Reads an options object. Every public function that takes one uses this, also those of the other packages.
 *
 * Checks that the value is a plain object and that every own member with a text for a name, enumerable or not, is among
 * `known`: a misspelled option must not become a default, and evidence must not be passed over. Refuses an instance of a
 * class and an object with another prototype, because inherited members would be passed over. Does not look at members
 * with a symbol for a name, nor at values: `undefined` is accepted for every known name.
 *
 * @param what - the function or option that the message names.
 * @returns a copy of the own members. It inherits nothing, and later changes of `options` do not reach it.
 * @throws TypeError naming the unknown member and the known ones. A value is never part of the message.
 */
export declare function checkOptions<Options>(what: string, options: Options, known: readonly string[]): Options & Record<string, unknown>;
export declare function requireText(option: string, value: unknown, maxLength?: number): string;
/** An absolute http or https URL without credentials, query and fragment, and without a slash at its end. */
export declare function requireUrl(option: string, value: unknown): string;
export declare function requireFunction(option: string, value: unknown): void;
export declare function requireBoolean(option: string, value: unknown): void;
export declare function requireOneOf<Word extends string>(option: string, value: unknown, allowed: readonly Word[]): Word;
export declare function requireCount(option: string, value: unknown, max: number): void;
/** Reads an audience option: one name or several, none of them empty. */
export declare function requireAudience(audience: unknown, option?: string): readonly string[];
/** An object with names, as JSON and option literals are: no array. */
export declare function isObject(value: unknown): value is Record<string, unknown>;
/** Whether a text has an UTF-8 form. Without one, different texts become the same: each lone surrogate becomes U+FFFD. */
export declare function isWellFormed(text: string): boolean;
/** What JSON keeps of an object, as an object of its own; `undefined` when JSON has no object for it. */
export declare function toJsonObject(value: object): Record<string, unknown> | undefined;

// origin.d.ts
import { type FetchHeaders, type NodeHeaders } from './request-header.js';
/** What the rule reads of a request. */
type CookieRequest = (NodeHeaders | FetchHeaders) & {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
};
/** Checks an option like `allowedOrigins`: exact origins, as browsers write them. */
export declare function readOrigins(origins: unknown, option?: string): ReadonlySet<string>;
/**
 * Whether a request can do something that its sender must have wanted.
 *
 * A WebSocket handshake is a GET, but what it opens can be written to and read, and browsers let every page start one, with
 * the cookies of the host and without CORS. A request whose method is not known is one that can, too.
 */
export declare function canHaveEffect(request: CookieRequest): boolean;
/**
 * Requires that a request with a cookie comes from the server's own origin or from one that is allowed.
 *
 * `Sec-Fetch-Site` decides where there is one, then `Origin` against `Host` or HTTP/2's `:authority`; with neither, as from
 * an old browser or a program, a custom header is required.
 *
 * The own origin is `https`, whatever the connection: TLS may end at a proxy. Over plain `http` there is one on a loopback
 * host only, which browsers treat as secure.
 *
 * @throws {@link OriginRefusedError} (403) before anything else is looked at.
 */
export declare function requireAllowedOrigin(request: CookieRequest, allowed: ReadonlySet<string>): void;
export {};

// random.d.ts
/** Bytes of a cryptographic generator, at most 4 096 at once; no two calls share one, and none stays behind. */
export declare function randomBytes(count: number): Buffer;

// refreshed-keys.d.ts
import type { KeyRefreshing } from './key-refreshing.js';
import type { KeySource } from './key-source.js';
import type { ImportedKey } from './keys.js';
/** What is loaded. */
export interface KeyLoading {
    /** For the event of a load that failed. */
    readonly name: string;
    readonly algorithms: ReadonlySet<string>;
    /** Answers at least one key, by its `kid`, or rejects. Stops when the signal is aborted. */
    readonly load: (signal: AbortSignal) => Promise<ReadonlyMap<string, ImportedKey>>;
}
/**
 * Keys that are loaded when they are first asked for.
 *
 * A key at hand is answered at once, also while a load is under way. What is not at hand waits for the load that is
 * under way, or starts one, at most one in a cool-down. After a load that failed an unknown kid cannot be judged: 503.
 */
export declare function createRefreshedKeys({ name, algorithms, load }: KeyLoading, { refreshInterval, cooldown, staleFor, deadline, emit, clock }: KeyRefreshing): KeySource;
export declare function isSameKey(one: ImportedKey, other: ImportedKey): boolean;

// refusals.d.ts
/** What a client does next: get a new access token, sign in again, wait and repeat, or change the request. */
export type AuthAction = 'refresh' | 'login' | 'retry' | 'fix';
/** One row of the table. */
export interface Refusal {
    readonly status: number;
    /** The word on the wire: coarse, from RFC 6750 §3.1 and RFC 6749 §5.2. */
    readonly error?: string;
    readonly action: AuthAction;
    /** The only text of ours that reaches a client. ASCII, without quotes. */
    readonly description: string;
    /** Whether the answer carries a `WWW-Authenticate` challenge, and whether that names the error. */
    readonly challenge?: 'bare' | 'full';
    /** Status in the OAuth form dialect, where that differs. RFC 6749 §5.2 */
    readonly oauthStatus?: number;
    /** Error word in the OAuth form dialect, where that differs. */
    readonly oauthError?: string;
    /** Seconds for `Retry-After`. */
    readonly retryAfter?: number;
}
/** Every refusal there is, by `code`. The union {@link AuthErrorCode}, the responses and docs/errors.md follow it. */
export declare const refusals: {
    readonly token_missing: {
        readonly status: 401;
        readonly action: 'login';
        readonly description: 'No bearer access token was sent.';
        readonly challenge: 'bare';
    };
    readonly request_malformed: {
        readonly status: 400;
        readonly error: 'invalid_request';
        readonly action: 'fix';
        readonly description: 'The request is malformed, or carries a credential more than once.';
        readonly challenge: 'full';
    };
    readonly token_expired: {
        readonly status: 401;
        readonly error: 'invalid_token';
        readonly action: 'refresh';
        readonly description: 'The access token has expired.';
        readonly challenge: 'full';
    };
    readonly token_not_active: {
        readonly status: 401;
        readonly error: 'invalid_token';
        readonly action: 'retry';
        readonly description: 'The access token is not active yet.';
        readonly challenge: 'full';
    };
    readonly token_invalid: {
        readonly status: 401;
        readonly error: 'invalid_token';
        readonly action: 'login';
        readonly description: 'The access token is not valid here.';
        readonly challenge: 'full';
    };
    readonly token_key_unknown: {
        readonly status: 401;
        readonly error: 'invalid_token';
        readonly action: 'refresh';
        readonly description: 'The key of the access token is not known here.';
        readonly challenge: 'full';
    };
    readonly session_revoked: {
        readonly status: 401;
        readonly error: 'invalid_token';
        readonly action: 'login';
        readonly description: 'The session of this access token has ended.';
        readonly challenge: 'full';
    };
    readonly scope_insufficient: {
        readonly status: 403;
        readonly error: 'insufficient_scope';
        readonly action: 'fix';
        readonly description: 'The access token lacks a scope that this request needs.';
        readonly challenge: 'full';
    };
    readonly claim_refused: {
        readonly status: 403;
        readonly error: 'insufficient_scope';
        readonly action: 'fix';
        readonly description: 'The access token does not carry what this request needs.';
        readonly challenge: 'full';
    };
    readonly refresh_token_missing: {
        readonly status: 401;
        readonly error: 'invalid_grant';
        readonly action: 'login';
        readonly description: 'No refresh token was sent.';
        readonly challenge: 'bare';
        readonly oauthStatus: 400;
        readonly oauthError: 'invalid_request';
    };
    readonly refresh_token_invalid: {
        readonly status: 401;
        readonly error: 'invalid_grant';
        readonly action: 'login';
        readonly description: 'The refresh token is not valid.';
        readonly challenge: 'bare';
        readonly oauthStatus: 400;
    };
    readonly refresh_pending: {
        readonly status: 503;
        readonly error: 'temporarily_unavailable';
        readonly action: 'retry';
        readonly description: 'The refresh token was used a moment ago. Repeat the request later.';
        readonly retryAfter: 60;
    };
    readonly token_pair_mismatch: {
        readonly status: 401;
        readonly error: 'invalid_grant';
        readonly action: 'login';
        readonly description: 'The access token does not belong to the refresh token.';
        readonly challenge: 'bare';
        readonly oauthStatus: 400;
    };
    readonly scope_not_granted: {
        readonly status: 400;
        readonly error: 'invalid_scope';
        readonly action: 'fix';
        readonly description: 'The scope asked for exceeds the scope that was granted.';
    };
    readonly access_denied: {
        readonly status: 403;
        readonly error: 'access_denied';
        readonly action: 'fix';
        readonly description: 'This account may not sign in.';
    };
    readonly origin_refused: {
        readonly status: 403;
        readonly error: 'invalid_request';
        readonly action: 'fix';
        readonly description: 'The request comes from an origin that is not allowed.';
    };
    readonly client_invalid: {
        readonly status: 401;
        readonly error: 'invalid_client';
        readonly action: 'fix';
        readonly description: 'The client could not be authenticated.';
    };
    readonly grant_type_unsupported: {
        readonly status: 400;
        readonly error: 'unsupported_grant_type';
        readonly action: 'fix';
        readonly description: 'The grant type is not supported here.';
    };
    readonly token_type_unsupported: {
        readonly status: 400;
        readonly error: 'unsupported_token_type';
        readonly action: 'fix';
        readonly description: 'Tokens of this type cannot be revoked here.';
    };
    readonly method_not_allowed: {
        readonly status: 405;
        readonly error: 'invalid_request';
        readonly action: 'fix';
        readonly description: 'The method is not allowed here.';
    };
    readonly request_timeout: {
        readonly status: 408;
        readonly error: 'invalid_request';
        readonly action: 'retry';
        readonly description: 'The body of the request did not arrive in time.';
    };
    readonly request_too_large: {
        readonly status: 413;
        readonly error: 'invalid_request';
        readonly action: 'fix';
        readonly description: 'The body of the request is too large.';
    };
    readonly media_type_unsupported: {
        readonly status: 415;
        readonly error: 'invalid_request';
        readonly action: 'fix';
        readonly description: 'The body must be JSON or a URL-encoded form.';
    };
    readonly token_too_large: {
        readonly status: 500;
        readonly error: 'server_error';
        readonly action: 'fix';
        readonly description: 'The access token would be larger than servers accept.';
    };
    readonly temporarily_unavailable: {
        readonly status: 503;
        readonly error: 'temporarily_unavailable';
        readonly action: 'retry';
        readonly description: 'The request could not be checked just now.';
        readonly retryAfter: 2;
    };
    readonly store_full: {
        readonly status: 503;
        readonly error: 'temporarily_unavailable';
        readonly action: 'retry';
        readonly description: 'No further session can be kept just now.';
        readonly retryAfter: 60;
    };
    readonly session_limit: {
        readonly status: 403;
        readonly error: 'access_denied';
        readonly action: 'fix';
        readonly description: 'This account has as many sessions as it may have.';
    };
};
/** Stable, for programs. Closed: a new code is a new feature. */
export type AuthErrorCode = keyof typeof refusals;

// remote-key-set.d.ts
import { type Algorithm } from './algorithm.js';
import type { Fetching, FetchOptions } from './fetch-json.js';
import { type KeyRefreshOptions, type KeyRefreshing } from './key-refreshing.js';
import type { KeySource } from './key-source.js';
import type { ImportedKey } from './keys.js';
/** Options of {@link remoteKeySet}, `discoveredKeySet` and `discover`. */
export interface RemoteKeySetOptions extends KeyRefreshOptions, FetchOptions {
    /**
     * Algorithms that the keys may be for, asymmetric ones only. The order counts for a key that does not say its own
     * (`alg`): it is for the first that fits it, and for no other.
     * @defaultValue RS256, which OpenID Connect makes every issuer speak; then RS384, RS512, PS256, PS384, PS512, ES256,
     * ES384, ES512, EdDSA, Ed25519
     */
    readonly algorithms?: readonly Algorithm[] | undefined;
}
/**
 * The key set at a URL, for the option `keys` of a verifier. Nothing is fetched before a key is first asked for.
 *
 * What is fetched: https with a certificate that is verified before anything is sent (http from a loopback host only),
 * status 200, no redirect, at most 512 KB of JSON with at most 100 keys. What is used of it: asymmetric public keys that have a `kid` and are, by `use`,
 * `key_ops` and `alg`, for one of `algorithms`. Left out: shared secrets (`kty: oct`), private keys, and a `kid` that
 * stands for two different keys. A set without one usable key is a load that failed.
 *
 * The whole set is kept as the options say. While loading fails the last good set stays in use for `staleFor`; then,
 * and while there has been none yet, requests get 503 `temporarily_unavailable` with what went wrong as `cause`.
 *
 * @throws TypeError naming the option that is wrong.
 * @see RFC 7517 §5, RFC 8725 §3.1
 */
export declare function remoteKeySet(url: string | URL, options?: RemoteKeySetOptions): KeySource;
export declare function createRemoteKeySet(url: URL, settings: RemoteSettings): KeySource;
/** Loads a set once. @throws Error it could not be had, or nothing in it can be used. */
export declare function fetchKeys(url: URL, { algorithms, fetching }: RemoteSettings, signal: AbortSignal): Promise<ReadonlyMap<string, ImportedKey>>;
/** Checked {@link RemoteKeySetOptions}. */
export interface RemoteSettings {
    readonly algorithms: readonly Algorithm[];
    readonly fetching: Fetching;
    readonly refreshing: KeyRefreshing;
}
export declare function readRemoteOptions(what: string, options: RemoteKeySetOptions): RemoteSettings;

// request-header.d.ts
/** What Node's `IncomingMessage` and `Http2ServerRequest` have of what we read. */
export interface NodeHeaders {
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}
/** What a Fetch `Request` has of what we read. */
export interface FetchHeaders {
    readonly headers: {
        get(name: string): string | null;
    };
}
/** The value of a header by its lower-case name; several lines are joined with a comma, as Fetch joins them. */
export declare function headerOf(request: NodeHeaders | FetchHeaders, name: string): string | undefined;
export declare function isFetchRequest(request: NodeHeaders | FetchHeaders): request is FetchHeaders;

// scope.d.ts
/** The tokens of a scope string, each once, in order; `undefined` when it is not of the grammar. */
export declare function splitScope(scope: string): readonly string[] | undefined;
/** Whether a text is scope tokens with single spaces between, as {@link readScopes} joins them; or empty. */
export declare function isScope(text: string): boolean;
/** Reads what a developer wrote: `'a b'`, `['a', 'b']` or `'a', 'b'` all name two scopes. */
export declare function readScopes(option: string, scopes: readonly unknown[]): readonly string[];
/**
 * A set that can be handed out, to many requests in turn: it refuses to be changed, so no handler can grant itself or
 * others a scope. What it says it reads from a list of its own, which `Set.prototype.add.call` does not reach either.
 */
export declare class FrozenScopes extends Set<string> {
    #private;
    constructor(scopes: Iterable<string>);
    has(scope: string): boolean;
    get size(): number;
    values(): SetIterator<string>;
    keys(): SetIterator<string>;
    [Symbol.iterator](): SetIterator<string>;
    entries(): SetIterator<[string, string]>;
    forEach(visit: (scope: string, same: string, scopes: Set<string>) => void, thisArg?: unknown): void;
    add(): never;
    delete(): never;
    clear(): never;
}

// signature.d.ts
import type { ImportedKey } from './keys.js';
/** Signs a JSON text as a compact JWS with `typ: at+jwt`. RFC 9068 §2.1 */
export declare function signCompactJws(key: ImportedKey, payload: string): string;
/**
 * Whether the signature of a compact JWS is by this key, under the one algorithm that the key is for.
 *
 * The token has three canonical base64url segments: its spelling is judged before. Its header is not looked at. An ECDSA
 * signature is good with either of its two values of s: signers do not agree on one (RFC 7518 §3.4).
 */
export declare function isSignatureGood(key: ImportedKey, token: string): boolean;

// store/memory-session-store.d.ts
import { type Clock } from '../clock.js';
import { type Duration } from '../duration.js';
import type { CreateResult, ExpectedGeneration, NewSession, NextGeneration, RotateResult, SessionLimit, SessionSnapshot, SessionStore } from './session-store.js';
export interface MemorySessionStoreOptions {
    /** Sessions of all subjects together; one more is refused with 503 `store_full`. @defaultValue 100 000 */
    readonly capacity?: number;
    /** How often sessions that are over are removed. @defaultValue `'1m'` (1 minute) */
    readonly sweepInterval?: Duration;
    /** Source of now in milliseconds. @defaultValue `Date.now` */
    readonly clock?: Clock;
}
/**
 * Sessions in the memory of this process: lost when it ends and unknown to every other one. For development, tests
 * and single-process services; it says so once, as a process warning, in production and under a cluster.
 */
export declare class MemorySessionStore implements SessionStore {
    #private;
    /** @throws TypeError naming the option that is wrong. */
    constructor(options?: MemorySessionStoreOptions);
    create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult>;
    rotate(sessionId: string, expect: ExpectedGeneration, next: NextGeneration): Promise<RotateResult>;
    get(sessionId: string): Promise<SessionSnapshot | undefined>;
    revoke(sessionId: string): Promise<boolean>;
    revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
    list(subject: string): Promise<readonly SessionSnapshot[]>;
    /** Ends the sweep and forgets every session. */
    close(): Promise<void>;
}

// store/per-process-warning.d.ts
export declare function warnOnceThatSessionsArePerProcess(): void;

// store/session-id.d.ts
/** Bytes of a session id. */
export declare const sessionIdBytes: number;
/** Makes the id of a new session of a subject: subject tag, then 16 random bytes. */
export declare function mintSessionId(subject: string): Buffer;
/**
 * Where the sessions of a subject live: 16 characters of base64url, the same for every session of the subject.
 *
 * @throws TypeError the subject has a lone surrogate: its UTF-8 form, of which this is a hash, is that of another text too.
 */
export declare function subjectTag(subject: string): string;
/** The subject tag that a session id begins with. */
export declare function subjectTagOf(sessionId: string): string;
/** Whether a text has the one spelling of a session id; whether there is such a session only the store knows. */
export declare function isSessionId(text: string): boolean;

// store/session-store.d.ts
/** Milliseconds: an instant of the store's own clock since the epoch, or a span. */
export type Millis = number;
/** What a store holds of a session: one small record, whatever the number of rotations, and no token. */
export interface SessionRecord {
    /** Subject tag and random part, 38 characters of base64url. Public: the claim `sid`. */
    readonly sessionId: string;
    /**
     * Whose session it is, across all issuers that share the store: core writes a mark of the issuer and the subject. Any text
     * without lone surrogates, at most 1 033 characters.
     */
    readonly subject: string;
    /** Which refresh token is current: 1 at first, then what the last rotation said. */
    readonly generation: number;
    /** SHA-256 of the current refresh token's secret, base64url. */
    readonly secretHash: string;
    /** Id of the refresh key that sealed the current refresh token. 1 to 15. */
    readonly keyId: number;
    /** The generation whose refresh token produced the current one. 0 at first. */
    readonly parentGeneration: number;
    /** Names the call that wrote the current generation, so that a repeated command is known for what it is. */
    readonly attempt: string;
    /** Whether a token of the current generation has been seen in use. Room for the confirm signal. */
    readonly confirmed: boolean;
    /** The key that the session is bound to. Room for sender-constrained tokens; empty when there is none. */
    readonly cnf: string;
    readonly createdAt: Millis;
    /** When the current generation was written. */
    readonly rotatedAt: Millis;
    /** When the parent of the current generation was first used; recovery is counted from here. */
    readonly anchorAt: Millis;
    /** Untouched for so long after `rotatedAt`, the session is over. */
    readonly idleLifetime: Millis;
    /** The session is over at this instant, however often it is refreshed. */
    readonly expiresAt: Millis;
    /** Opaque to the store; at most 8 192 characters. */
    readonly data: string;
}
/** A record together with the instant, by the store's clock, at which it was read. */
export interface SessionSnapshot extends SessionRecord {
    readonly asOf: Millis;
}
/** A session to create; the store adds the instants. */
export interface NewSession extends Pick<SessionRecord, 'sessionId' | 'subject' | 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt' | 'cnf' | 'idleLifetime' | 'data'> {
    /** The session is over so long after its creation. */
    readonly absoluteLifetime: Millis;
}
/** How many live sessions a subject may have, and what happens to the one too many. */
export interface SessionLimit {
    readonly max: number;
    readonly onLimit: 'evict-oldest' | 'reject';
}
export type CreateResult = {
    readonly outcome: 'created';
    readonly session: SessionSnapshot;
    /** Sessions of the same subject that were ended to make room, least recently refreshed first. */
    readonly evicted: readonly string[];
}
/** Nothing has changed: the subject is at its limit, or the store has no room. */
 | {
    readonly outcome: 'refused';
    readonly reason: 'limit' | 'full';
};
/** What the record must be for a rotation to happen. */
export interface ExpectedGeneration extends Pick<SessionRecord, 'generation' | 'secretHash'> {
    /**
     * When given: `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was
     * corrected). By the store's clock.
     */
    readonly olderThan?: Millis;
}
/** What the record becomes. Everything else in it stays. */
export interface NextGeneration extends Pick<SessionRecord, 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'> {
    /** Whether `anchorAt` becomes now. */
    readonly moveAnchor: boolean;
}
export type RotateResult = 
/** This call swapped. */
{
    readonly outcome: 'swapped';
    readonly session: SessionSnapshot;
}
/** The record is another than expected, or not old enough. It is as it was. */
 | {
    readonly outcome: 'conflict';
    readonly session: SessionSnapshot;
}
/** There is no live session of that id. */
 | {
    readonly outcome: 'absent';
};
/**
 * Where sessions live: a compare-and-swap register per session, an index per subject, and a clock.
 *
 * A store holds no policy. Every method is one atomic step: of two callers at once, one comes first and the other
 * sees what it left. A session that is over (idle too long, past its end, revoked, evicted) is absent to every method.
 * A store never evicts a live session to make room, for that would be a sign-out that nobody asked for.
 *
 * `create`, `revokeSubject` and `list` refuse a subject with a lone surrogate, or treat it as the text that it is: never as
 * the subject with the same UTF-8 form.
 *
 * Every method rejects with a `StoreUnavailableError`, within the store's own deadline, when the store is down, slow or
 * holds something that is no record. The outcome is then unknown; nothing is ever half done.
 */
export interface SessionStore {
    /**
     * Adds a session, and makes room for it as `limit` says, in one step: of any number of parallel calls at most `max`
     * sessions of the subject are left. Repeated with the same `attempt`, it changes nothing and
     * answers `created`.
     */
    create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
    /**
     * Swaps the generation when the record is as `expect` says: `rotatedAt` becomes now, `confirmed` false, and the idle
     * lifetime starts anew. Of any number of callers exactly one swaps. Never creates, so nothing that was revoked
     * comes back.
     */
    rotate(sessionId: string, expect: ExpectedGeneration, next: NextGeneration): Promise<RotateResult>;
    /** The live session of that id. Does not touch its idle lifetime. */
    get(sessionId: string): Promise<SessionSnapshot | undefined>;
    /** Ends a session: true for the one caller that ended it. */
    revoke(sessionId: string): Promise<boolean>;
    /** Ends all sessions of a subject, but for `except`; answers the ids of those it ended. Wins against rotations. */
    revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
    /** The live sessions of a subject, the most recently refreshed first. */
    list(subject: string): Promise<readonly SessionSnapshot[]>;
    /** Frees what the store itself holds open. */
    close?(): Promise<void>;
}

// subject.d.ts
/** Checks a subject that an application gives. @throws TypeError */
export declare function requireSubject(value: unknown): string;
/**
 * The same without the bounds of its length, for a store. Redis, files and hashes take the UTF-8 form of a text, in which
 * every lone surrogate is U+FFFD: two subjects would share one place, and a revocation of one would end sessions of both.
 *
 * @throws TypeError
 */
export declare function requireWellFormed(subject: string): string;
/** Whether a text can be the subject of a session at all. */
export declare function isSubject(text: string): boolean;

// thumbprint.d.ts
import { type KeyObject } from 'node:crypto';
import { type AsymmetricKeyMaterial, type SecretMaterial } from './key-material.js';
/** One key, in any form that key options take. A secret has at least 32 bytes. */
export type KeyToName = {
    readonly publicKey: AsymmetricKeyMaterial;
} | {
    readonly privateKey: AsymmetricKeyMaterial;
} | {
    readonly secret: SecretMaterial;
};
/**
 * The thumbprint of a key, by which a key is named whose options have no `kid`. A private key and its public half have the
 * same. Size, curve and algorithm are not judged here.
 *
 * @returns SHA-256 in base64url, 43 characters.
 * @throws TypeError naming the option that is wrong, or that holds a key for which there is no JWK.
 * @see RFC 7638 §3, RFC 8037 §2
 */
export declare function keyThumbprint(key: KeyToName): string;
/** The same for a key that has been imported. RFC 7638 §3 */
export declare function jwkThumbprint(key: KeyObject): string;

// unique-json.d.ts
/**
 * Parses JSON as `JSON.parse` does, and refuses duplicate members at any depth, however their names are escaped.
 * `JSON.parse` keeps the last of them without a word, where another reader may keep the first.
 *
 * @throws SyntaxError the text is no JSON, or has a duplicate member.
 */
export declare function parseUniqueJson(text: string): unknown;

// verified-connection.d.ts
import type { Duplex } from 'node:stream';
/**
 * Calls `verified` once the server at the other end of a connection, which may be new or one that an agent has kept, is
 * known to be the one that the URL names; else `refused`, with the reason.
 *
 * The agent that made the connection is not relied on: it may have been set to accept any certificate, or any host.
 */
export declare function whenVerified(url: URL, socket: Duplex, verified: () => void, refused: (reason: unknown) => void): void;

// verify/accepted-issuer.d.ts
import { type AccessTokenReader } from '../access-token.js';
import { type Algorithm } from '../algorithm.js';
import type { ClaimRules, ClaimValue } from '../claims.js';
import { type KeySource } from '../key-source.js';
import { type VerificationKeyOptions } from '../keys.js';
/** An issuer whose tokens are accepted, and how they look. What is left out is as in RFC 9068. */
export interface AcceptedIssuerOptions {
    /** The exact `iss` of accepted tokens. Compared as a string: no pattern, no slash folding. */
    readonly issuer: string;
    /** The exact `aud` of accepted tokens, or several of which one is enough. */
    readonly audience: string | readonly string[];
    /** Keys to verify with, by `kid`: at hand, or a set that is loaded, from `remoteKeySet` for example. */
    readonly keys: readonly VerificationKeyOptions[] | KeySource;
    /** Algorithms that are accepted, where the keys are for more. @defaultValue those of the keys */
    readonly algorithms?: readonly Algorithm[] | undefined;
    /**
     * The media type that `typ` in the header must be, with or without `application/`. `false` takes whatever is there, for
     * issuers that write none: then name a claim in `requiredClaims` that only access tokens have, or an ID token passes for
     * one. @defaultValue `'at+jwt'` @see RFC 9068 §4, RFC 8725 §3.11
     */
    readonly type?: string | false | undefined;
    /** The claim that holds the audience. @defaultValue `'aud'` */
    readonly audienceClaim?: string | undefined;
    /** The claim that holds the scopes, as a string or an array. @defaultValue `'scope'` */
    readonly scopeClaim?: string | undefined;
    /** Claims that must have exactly this value, `{ token_use: 'access' }` for example. @defaultValue none */
    readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
}
/** The checked options of one issuer. */
export interface AcceptedIssuer extends ClaimRules {
}
/** What {@link AcceptedIssuerOptions} takes. */
export declare const acceptedIssuerOptionNames: readonly string[];
/** Checks the options of an issuer, and imports its keys unless they are loaded. */
export declare function acceptIssuer({ issuer, audience, keys, algorithms, type, ...claims }: AcceptedIssuerOptions, prefix?: string): AcceptedIssuer;
/** The same from parts that are checked already. */
export declare function acceptTokens(rules: ClaimRules, reader: AccessTokenReader, algorithms?: ReadonlySet<string>): AcceptedIssuer;
/**
 * Exchanges the keys of an issuer while they are in use. They are checked as at construction, and all of them before any is
 * replaced.
 */
export declare function replaceKeysOf(accepted: AcceptedIssuer, keys: unknown): void;

// verify/bearer-request.d.ts
import type { FetchHeaders, NodeHeaders } from '../request-header.js';
/** What Node's `IncomingMessage` (so Express's and Koa's request too) has of what we read. */
export interface NodeRequest extends NodeHeaders {
    /** Names and values in turn, as they came: shows a header that was sent twice. */
    readonly rawHeaders?: readonly string[];
    readonly url?: string | undefined;
    /** Without one, a token from a cookie is judged like that of a POST. */
    readonly method?: string | undefined;
}
/** What a Fetch `Request` has of what we read. */
export interface FetchRequest extends FetchHeaders {
    readonly url?: string;
    /** Without one, a token from a cookie is judged like that of a POST. */
    readonly method?: string;
}
export type BearerRequest = NodeRequest | FetchRequest;
/** A request, or the bare value of its `Authorization` header; `null` and `undefined` say that there was none. */
export type BearerSource = BearerRequest | string | null | undefined;

// verify/extract-bearer.d.ts
import { type Awaitable } from '../awaitable.js';
import type { BearerSource } from './bearer-request.js';
import type { TokenVerifier } from './token-verifier.js';
/**
 * Finds the bearer credential of a request: at once, unless an extractor of the application's own answers a promise.
 *
 * Whether it has the form of one is left to {@link requireB64token}, for a token that is known needs no such look.
 *
 * @returns the credential, or `undefined` when the request carries none (another scheme is none).
 * @throws {@link InvalidRequestError} (400) nothing follows the scheme, or there are several credentials.
 * @throws {@link OriginRefusedError} (403) a cookie, in a request with an effect from a page that may not use it.
 */
export declare function extractBearer(verifier: TokenVerifier, source: BearerSource): Awaitable<string | undefined>;
/** @throws {@link InvalidRequestError} (400) the credential is not of the form that every bearer token has. */
export declare function requireB64token(verifier: TokenVerifier, credential: string): void;

// verify/report-refusal.d.ts
import type { Awaitable } from '../awaitable.js';
import type { TokenVerifier } from './token-verifier.js';
/**
 * Emits the event of a refusal, and gives the refusal back to be thrown.
 *
 * An anonymous request is no refused token, and what could not be checked has an event of its own.
 *
 * @param claims - those of the token, once its signature was good.
 */
export declare function reported(verifier: TokenVerifier, error: unknown, claims?: Readonly<Record<string, unknown>>): unknown;
/** Calls a hook of the guard journey. It may refuse with an error of ours, and that is told too. */
export declare function askHook<T>(verifier: TokenVerifier, hook: string, call: () => unknown, read: (answer: unknown) => T, claims?: Readonly<Record<string, unknown>>): Awaitable<T>;

// verify/request-authenticator.d.ts
import type { NodeRequest } from './bearer-request.js';
import type { Guard } from './require-scopes.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
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
    guard<Context>(request: ServerRequest, guard: Guard<Context>, context: Context): Promise<void> | undefined;
    /** The verified token of a request, if it has one. */
    tokenOf(request: object): VerifiedToken | undefined;
    /**
     * The same for a handler, which relies on it.
     *
     * @throws Error nothing has verified the request, and verifying is not optional.
     */
    requireToken(request: object): VerifiedToken | undefined;
}
/**
 * Composes {@link verifyBearer} and guards for an adapter, which then only translates.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
export declare function createRequestAuthenticator(verifier: TokenVerifier, options?: AuthenticationOptions, adapterOptionNames?: readonly string[]): RequestAuthenticator;

// verify/require-scopes.d.ts
import { type Awaitable } from '../awaitable.js';
import { type ClaimValue } from '../claims.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
/**
 * A check after verification: returns when the token may pass, throws the refusal when not. `Context` is what the
 * framework hands to a handler.
 */
export type Guard<Context = unknown> = (token: VerifiedToken, context: Context) => Awaitable<void>;
/** Scopes as a developer writes them: `'a b'`, `['a', 'b']` or `'a', 'b'`. */
export type ScopeList = readonly (string | readonly string[])[];
/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; its challenge names all that are asked for.
 * @throws TypeError no scope was named, which would let everybody through.
 */
export declare function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void;
/** A guard for tokens that have all of the scopes. */
export declare function guardScopes(...scopes: ScopeList): Guard;
/** A guard for tokens that have at least one of the scopes. */
export declare function guardAnyScope(...scopes: ScopeList): Guard;
/**
 * A guard for tokens whose claim is one of the values, or an array that holds one of them.
 *
 * Values are compared with `===`, on own properties of the claims only.
 */
export declare function guardClaim(name: string, ...values: readonly ClaimValue[]): Guard;
/**
 * A guard for tokens that satisfy a predicate of the application's own. It may be async; only `true` passes.
 *
 * A predicate that throws or is too slow could not check, so the request gets 503 and not 403.
 */
export declare function guardCheck<Context>(verifier: TokenVerifier, predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>): Guard<Context>;

// verify/route-guards.d.ts
import type { ClaimValue } from '../claims.js';
import { type Guard, type ScopeList } from './require-scopes.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
/** Guards of single routes. Each authenticates by itself, unless something before it has. */
export interface RouteGuards<Middleware, Context> {
    /** Requires all of the scopes. 403 `scope_insufficient` */
    scopes(...scopes: ScopeList): Middleware;
    /** Requires one of the scopes. 403 `scope_insufficient` */
    anyScope(...scopes: ScopeList): Middleware;
    /** Requires a claim to be one of the values, or to be an array that holds one. 403 `claim_refused` */
    claim(name: string, ...values: readonly ClaimValue[]): Middleware;
    /** Requires an own predicate, which may be async, to answer `true`. 403 `claim_refused`; 503 when it throws */
    check(predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>): Middleware;
}
/** The guards, each made into middleware by an adapter. */
export declare function createRouteGuards<Middleware, Context>(verifier: TokenVerifier, toMiddleware: (guard: Guard<Context>) => Middleware): RouteGuards<Middleware, Context>;

// verify/token-cache.d.ts
import type { SignedToken } from './verify-access-token.js';
/** Bounds of the verified-token cache. What was used least recently makes room. */
export interface TokenCacheOptions {
    /** Tokens at most. @defaultValue 10 000 */
    readonly max?: number | undefined;
    /** Bytes at most, as estimated from the length of each token. @defaultValue 33 554 432 (32 MiB) */
    readonly maxBytes?: number | undefined;
}
/** Remembers tokens that have passed every check. */
export interface TokenCache {
    /** What is known of exactly this text. */
    get(text: string): SignedToken | undefined;
    set(text: string, signed: SignedToken): void;
    /** Forgets a text; what is known of others stays. */
    delete(text: string): void;
}
/** Checks the option `cache`. @returns `undefined` when it is off. */
export declare function createTokenCache(options?: TokenCacheOptions | false): TokenCache | undefined;

// verify/token-verifier.d.ts
import { type ProtectionSpaceOptions } from '../challenge.js';
import { type Clock } from '../clock.js';
import { type Duration } from '../duration.js';
import { type EventListener } from '../events.js';
import type { VerificationKeyOptions } from '../keys.js';
import { type AcceptedIssuer, type AcceptedIssuerOptions } from './accepted-issuer.js';
import type { BearerRequest } from './bearer-request.js';
import { type TokenCacheOptions } from './token-cache.js';
import type { VerifiedToken } from './verified-token.js';
/** What {@link createTokenVerifier} takes, but for the keys. */
export interface VerificationOptions extends ProtectionSpaceOptions {
    /**
     * Difference between clocks that is forgiven in `exp`, `nbf` and `iat`: 0 to 300 seconds.
     * @defaultValue 5 (seconds)
     */
    readonly clockTolerance?: Duration | undefined;
    /**
     * Where a token may stand beside the `Authorization` header. A request that uses two places is refused with 400.
     * @defaultValue none: the header only. RFC 6750 §2, RFC 9700 §4.3.2
     */
    readonly transports?: TokenTransports | undefined;
    /**
     * Whether a token that is good in itself has been revoked since: `true` or `false`, or a promise of it. Asked
     * last. When it throws, is slow or answers anything else, the request gets 503, never a pass.
     *
     * Look up the session (`sid`) or the token's `jti`. The text of a token does not identify it: under ES256, ES384 and
     * ES512 anyone who holds a token can compute a second signature for it, which is as valid.
     */
    readonly isRevoked?: ((token: VerifiedToken) => boolean | Promise<boolean>) | undefined;
    /**
     * Whether tokens that have been verified are remembered, so that their signature is not computed again: `false`, or how
     * many. Their times, their key and `isRevoked` are checked at every request all the same.
     * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
     */
    readonly cache?: TokenCacheOptions | false | undefined;
    /** How long `isRevoked` and `transports.custom` may take. @defaultValue 5 (seconds) */
    readonly deadline?: Duration | undefined;
    /** Hears of refused tokens, with the exact check, and of hooks that failed. */
    readonly onEvent?: EventListener | undefined;
    /** Source of now in milliseconds. @defaultValue `Date.now` */
    readonly clock?: Clock | undefined;
}
/** Options of {@link createTokenVerifier}: one issuer, or several. */
export type TokenVerifierOptions = OneIssuerOptions | SeveralIssuersOptions;
/** Options of a verifier that takes the tokens of one issuer. */
export interface OneIssuerOptions extends VerificationOptions, AcceptedIssuerOptions {
}
/** Options of a verifier that takes the tokens of several issuers. */
export interface SeveralIssuersOptions extends VerificationOptions {
    /**
     * The issuers, each with its own audience, keys, algorithms and type: no token of one is held against the rules of
     * another. The `iss` of a token chooses, by exact comparison; no two are the same.
     */
    readonly issuers: readonly AcceptedIssuerOptions[];
}
/** Places other than the `Authorization` header. Each is off unless it is named. */
export interface TokenTransports {
    /**
     * Name of a cookie that holds the access token: `'__Host-access_token'`, so that no other host of the domain can set it.
     *
     * A browser sends the cookie with the requests of every page. So a request with it is refused with 403
     * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`: by `Sec-Fetch-Site`, else by
     * `Origin` against `Host`; a program that sends neither adds an `X-Requested-With` header. The own origin is `https`, or
     * `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which must not change anything, except
     * for WebSocket handshakes. A request object without a `method` is checked.
     */
    readonly cookie?: string;
    /** Origins, beside the server's own, whose pages may send the cookie. Needs `cookie`. @defaultValue none */
    readonly allowedOrigins?: readonly string[];
    /** Name of a query parameter that holds it. It ends up in logs: prefer anything else. */
    readonly query?: string;
    /**
     * Finds the token in a place of the application's own; `undefined` when there is none. Where it reads a cookie, it has to
     * check the origin of the request itself.
     */
    readonly custom?: (request: BearerRequest) => string | undefined | Promise<string | undefined>;
}
/** Verifies access tokens. Holds no key that can sign for others and no store. */
export interface TokenVerifier {
    /** Whose tokens it takes, and meant for whom. */
    readonly accepts: readonly AcceptedIssuer[];
    readonly realm: string;
    /**
     * Takes other keys instead of the present ones. From the next request on, a token whose key is not among them is
     * refused with `token_key_unknown`, whether it was verified before or not, and its client refreshes.
     *
     * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
     * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
     *
     * @param issuer - whose keys. Required where several issuers are accepted; with one it may be left out.
     * @throws TypeError naming what is wrong, and then no key is replaced: a key cannot be used, none of them is for an
     * algorithm that is accepted, or `issuer` is not the name of an accepted issuer. Also where the keys are loaded, and on
     * the verifier of an issuer, whose own `replaceKeys` must be called.
     */
    replaceKeys(keys: readonly VerificationKeyOptions[], issuer?: string): void;
}
/**
 * Checks options and imports keys, once, for {@link verifyBearer}.
 *
 * @throws TypeError naming the option that is wrong or missing.
 * @see RFC 9068 §4, RFC 8725 §3
 */
export declare function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier;
export declare const verificationOptionNames: readonly string[];
/** The same from parts that are checked already; an issuer makes its own verifier with it. */
export declare function buildTokenVerifier(accepts: readonly AcceptedIssuer[], options: VerificationOptions, replaceKeys: TokenVerifier['replaceKeys']): TokenVerifier;

// verify/verified-requests.d.ts
import type { VerifiedToken } from './verified-token.js';
/** Remembers, per request, the token that was verified; forgets it with the request. */
export interface VerifiedRequests {
    readonly tokenOf: (request: object) => VerifiedToken | undefined;
    readonly remember: (request: object, token: VerifiedToken) => void;
}
export declare function createVerifiedRequests(): VerifiedRequests;

// verify/verified-token.d.ts
import type { ProtectionSpace } from '../challenge.js';
import { type AccessTokenClaims } from '../claims.js';
/** An access token whose every check has passed. Frozen, claims and all. */
export interface VerifiedToken {
    /** The claim `sub`: who calls. */
    readonly subject: string;
    /** The claim `sid`: the session, where the token names one. */
    readonly sessionId: string | undefined;
    /** The claim `scope`, or what the issuer has in its place, as a set. */
    readonly scopes: ReadonlySet<string>;
    /** When the token is over, in seconds since the epoch. */
    readonly expiresAt: number;
    /** All claims. */
    readonly claims: AccessTokenClaims;
    /** Where the token was accepted; a guard that refuses it says so in its challenge. */
    readonly space: ProtectionSpace;
}
/** Wraps claims that have passed every check. */
export declare function toVerifiedToken(claims: Readonly<Record<string, unknown>>, space: ProtectionSpace, scopeClaim?: string): VerifiedToken;

// verify/verify-access-token.d.ts
import { type Awaitable } from '../awaitable.js';
import type { ImportedKey } from '../keys.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import type { TokenVerifier } from './token-verifier.js';
import { type VerifiedToken } from './verified-token.js';
/** A token that has passed every check, and the key that vouches for it. */
export interface SignedToken {
    readonly issuer: AcceptedIssuer;
    readonly key: ImportedKey;
    readonly token: VerifiedToken;
    /** The later of `nbf` and `iat`, in seconds. */
    readonly startsAt: number;
    /** `exp`, in seconds. Beside the token, so that a known one is judged without a look at its claims. */
    readonly endsAt: number;
}
/**
 * Verifies an access token by its text: shape, header, key, signature, payload; then `exp`, `nbf`, `iat`, `iss`, `aud`,
 * `sub`, `jti`, `sid`, `scope`, `cnf`. Where several issuers are accepted, `iss` chooses among them first.
 *
 * @throws {@link InvalidTokenError} (401) naming the first check that failed. A `kid` that the verifier does not have is
 * `token_key_unknown`, so that a change of keys sends clients to refresh and not to the sign-in page.
 */
export declare function verifyAccessToken(verifier: TokenVerifier, text: string): Awaitable<SignedToken>;

// verify/verify-bearer.d.ts
import { type Awaitable } from '../awaitable.js';
import type { BearerSource } from './bearer-request.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
/**
 * Verifies the access token that a request carries as a bearer credential.
 *
 * Checks, in this order: one well-formed credential; the token's shape; `alg`, `crit` and `typ`; the key that `kid`
 * names; the signature; `exp` (required), `nbf`, `iat`, `iss`, `aud`, `sub` (required); that the token is not bound to
 * a key (`cnf`); and `isRevoked`, where the verifier has it. Of a token that was verified before, the key, the times and
 * `isRevoked` are checked again; the rest cannot have changed.
 * Does not check scopes ({@link requireScopes}) nor, without `isRevoked`, whether the session has since been ended.
 *
 * @param request - Node's request (so Express's and Koa's), a Fetch `Request`, or the `Authorization` value itself.
 * @returns subject, scopes as a set, session and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; another scheme is none.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) the credential is in a cookie, and the request comes from a page that may not
 * use it: see {@link TokenTransports}. Requests that change nothing are not checked for this.
 * @throws {@link InvalidTokenError} (401) a check failed: `code` for programs, `check` for the log.
 * @throws {@link SessionRevokedError} (401) `isRevoked` answered true.
 * @throws {@link TemporarilyUnavailableError} (503) a hook or the clock failed, so nothing could be judged.
 * @see RFC 6750 §2, RFC 9068 §4
 */
export declare function verifyBearer(verifier: TokenVerifier, request: BearerSource): Promise<VerifiedToken>;
/** The same, and at once when nothing has to be waited for: then it throws where the other rejects. */
export declare function verifyRequest(verifier: TokenVerifier, request: BearerSource): Awaitable<VerifiedToken>;

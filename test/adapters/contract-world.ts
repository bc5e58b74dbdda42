// What the rows of the adapter contract act upon: issuers, a clock that is set, a store that breaks, and hand-made tokens.

import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  type ClaimsHook,
  type ClientAuthentication,
  type ClientCredentials,
  type LoginGrant,
  type LoginOptions,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenPair,
  type TokenpairEvent,
  type TokenVerifier,
  type VerifiedToken,
} from '@tokenpair/core';
import type {
  LegacyTokens,
  ProtectedResourceOptions,
  TokenEndpointOptions,
} from '@tokenpair/core/adapter';
import {
  breakable,
  type BreakableStore,
  createTestClock,
  type TestClock,
} from '@tokenpair/testing';

import { countCalls, type CallLog } from '../support/counting-store.js';
import { createTestKey } from '../support/keys.js';

/** What the application of a contract is built from. The adapter's test mounts it as {@link describeAdapter} says. */
export interface ContractParts {
  /** Issues and verifies. */
  readonly tokens: TokenIssuer;
  /** The same, and a refresh must bring the access token. */
  readonly strict: TokenIssuer;
  /** One session per subject; a second login is refused. */
  readonly limited: TokenIssuer;
  /** Has room for one session. */
  readonly full: TokenIssuer;
  /** Asks {@link World.isRevoked} for every token. */
  readonly revocable: TokenVerifier;
  /** Takes the token from the cookie `access` and the query parameter `access_token` too. */
  readonly lenient: TokenVerifier;
  /** Signs with a key whose public half it publishes, and names {@link resourceMetadata} in every challenge. */
  readonly published: TokenIssuer;
  /** Options of endpoints that ask {@link World.authenticateClient}. */
  readonly clientOptions: TokenEndpointOptions;
  /** Endpoints with a login, by the name of their mount. */
  readonly sessionMounts: Readonly<Record<string, SessionMount>>;
  /** What the login of a session mount grants: {@link World.login}. */
  login(): Login;
  /** Answers the `check` guards, by the name in the path. */
  check(how: (typeof checkNames)[number]): (token: VerifiedToken) => boolean;
  /** To be called by every guarded handler. */
  reached(): void;
}

/** Endpoints at `/<name>-auth`, whose login is at `/<name>-signin`. */
export interface SessionMount {
  readonly tokens: TokenIssuer;
  readonly options: TokenEndpointOptions;
  /** Whether errors go to the application. */
  readonly handsOn?: true;
}

/** Arguments of `endpoints.login`. */
export interface Login {
  readonly grant: LoginGrant;
  readonly options?: LoginOptions;
}

export interface World {
  readonly parts: ContractParts;
  readonly clock: TestClock;
  readonly store: BreakableStore;
  /** Store methods that were called, in order, but for `confirm`. */
  readonly calls: CallLog;
  /** A subject that no other row has. */
  readonly subject: string;
  isRevoked: (token: VerifiedToken) => boolean | Promise<boolean>;
  /** How often {@link isRevoked} was asked. */
  revocationChecks: number;
  authenticateClient: ClientAuthentication;
  /** What the next login grants; of this row's subject when it is `undefined`. */
  login: Login | undefined;
  /** The `claims` hook of this row. */
  claims: ClaimsHook;
  /** What the option `requestContext` answers. */
  describe: (request: IncomingMessage) => unknown;
  /** Answers for refresh tokens of the former system. */
  exchange: LegacyTokens['exchange'];
  /** Everything that happened in this row. */
  readonly events: TokenpairEvent[];
  /** What {@link authenticateClient} was asked, in order. */
  readonly clients: (ClientCredentials | undefined)[];
  /** How often a guarded handler ran. */
  handled: number;
  /** Starts a session; of this row's subject unless the grant says otherwise. */
  signIn(grant?: Partial<LoginGrant>): Promise<TokenPair>;
  /** An access token with any claims, under any header and any secret. A claim that is `undefined` is left out. */
  forge(claims?: Claims, header?: Claims, secret?: Buffer): string;
  /** Replaces the keys of access tokens by fresh ones, for this row. */
  replaceKeys(): void;
  /** A fresh start for the next row. */
  reset(): void;
}

type Claims = Readonly<Record<string, unknown>>;

export const realm = 'contract';
const issuer = 'https://issuer.test';
const audience = 'https://api.test';

/** An issuer with a path, whose documents therefore stand at a place of their own. */
export const publishedIssuer = 'https://issuer.test/tenant';
export const publishedOptions: TokenEndpointOptions = {
  url: 'https://issuer.test/tenant/published-auth',
};
export const resourceMetadata = 'https://api.test/.well-known/oauth-protected-resource/published';

/** Two resources: the host as such, and one below a path. */
export const protectedResources: readonly ProtectedResourceOptions[] = [
  { resource: 'https://api.test', authorizationServers: [issuer] },
  {
    resource: 'https://api.test/published',
    authorizationServers: [publishedIssuer, issuer],
    scopes: ['orders:read', 'orders:write'],
  },
];

/** Options of the endpoints that browsers use, by the mount that has them. */
export const browserOptions = {
  cookie: { transport: 'cookie', allowedOrigins: ['https://app.test', 'https://other.test:8443'] },
  path: { transport: 'cookie', cookie: { path: '/path-auth', sameSite: 'lax' } },
  auto: { transport: 'auto', allowedOrigins: ['https://app.test'] },
} as const satisfies Readonly<Record<string, TokenEndpointOptions>>;

/** Cookies that an application sets before it answers a login. */
export const ownCookies = ['theme=dark', 'lang=en'] as const;

/** The one client that {@link World.authenticateClient} knows, if a row does not say otherwise. */
export const knownClient: ClientCredentials = { clientId: 'app:1', clientSecret: 'a b+c%ü' };

// Made once: keys take time to make, and what the rows do to them changes nothing.
const published = [
  createTestKey('ES256', 'new').signing,
  createTestKey('RS256', 'old').signing,
  createTestKey('HS256', 'shared').signing,
] as const;

/** How long tokens of the former system are exchanged. */
export const legacyDays = 30;

/** A subject whose login the `claims` hook denies. */
export const bannedSubject = 'banned';

/** A subject for whom the `claims` hook answers more than fits into an access token. */
export const talkativeSubject = 'talkative';

export function createWorld(): World {
  const clock = createTestClock();
  const start = clock.now();
  const secret = randomBytes(32);
  const keys = [{ kid: 'test', algorithm: 'HS256', secret }] as const;
  const faulty = breakable(new MemorySessionStore({ capacity: 10_000, clock: clock.now }));
  // A verifier reports uses in the background: those of an earlier row may come during another one.
  const { store, calls } = countCalls(faulty.store, ['confirm']);
  const shared: TokenIssuerOptions = {
    issuer,
    audience,
    keys,
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store,
    claims: (subject, session) => world.claims(subject, session),
    onEvent: (event) => world.events.push(event),
    realm,
    // The only time that passes for real in these tests.
    deadline: 1,
    clockTolerance: 0,
    clock: clock.now,
  };
  const verification = { issuer, audience, keys, realm, clockTolerance: 0, clock: clock.now };
  let row = 0;
  const tokens = createTokenIssuer(shared);
  const limited = createTokenIssuer({ ...shared, maxSessions: 1, onSessionLimit: 'reject' });
  const full = createTokenIssuer({
    ...shared,
    store: new MemorySessionStore({ clock: clock.now, capacity: 1 }),
  });
  const authenticateClient: ClientAuthentication = (client, request) => {
    world.clients.push(client);
    return world.authenticateClient(client, request);
  };
  const legacy: LegacyTokens = {
    exchange: (presented, request) => world.exchange(presented, request),
    until: start + legacyDays * 86_400_000,
  };

  const world: World = {
    parts: {
      tokens,
      strict: createTokenIssuer({ ...shared, requireAccessToken: true }),
      limited,
      full,
      revocable: createTokenVerifier({
        ...verification,
        isRevoked: (token) => {
          world.revocationChecks += 1;
          return world.isRevoked(token);
        },
      }),
      lenient: createTokenVerifier({
        ...verification,
        transports: {
          cookie: 'access',
          query: 'access_token',
          allowedOrigins: ['https://app.test', 'https://other.test:8443'],
        },
      }),
      published: createTokenIssuer({
        ...shared,
        issuer: publishedIssuer,
        keys: published,
        resourceMetadata,
      }),
      clientOptions: {
        authenticateFollower: ({ headers }) => headers.authorization === 'Bearer follower',
        url: `${issuer}/client-auth`,
        authenticateClient,
      },
      sessionMounts: {
        body: { tokens, options: {} },
        browser: { tokens, options: browserOptions.cookie },
        both: { tokens, options: browserOptions.auto },
        'next-browser': { tokens, options: browserOptions.cookie, handsOn: true },
        'limited-body': { tokens: limited, options: {} },
        'full-body': { tokens: full, options: {} },
        context: { tokens, options: { requestContext: (request) => world.describe(request) } },
        busy: { tokens, options: { maxParallelRefreshes: 2 } },
        legacy: { tokens, options: { ...browserOptions.auto, legacy } },
        'legacy-client': { tokens, options: { authenticateClient, legacy } },
        renamed: {
          tokens,
          options: { transport: 'cookie', cookie: { name: '__Host-session', former: [{}] } },
        },
        moved: {
          tokens,
          options: {
            transport: 'cookie',
            cookie: { path: '/moved-auth', former: [{ path: '/moved-auth/refresh' }] },
          },
        },
        'fresh-only': { tokens, options: { requireFresh: '10m' } },
      },
      login: () => world.login ?? { grant: { subject: world.subject, scope: 'orders:read' } },
      check: (how) => checks[how] as (token: VerifiedToken) => boolean,
      reached: () => {
        world.handled += 1;
      },
    },
    clock,
    store: faulty,
    calls,
    get subject() {
      return `user-${row}`;
    },
    isRevoked: () => false,
    revocationChecks: 0,
    authenticateClient: isKnownClient,
    login: undefined,
    claims: claimsOf,
    describe: () => undefined,
    exchange: () => undefined,
    events: [],
    clients: [],
    handled: 0,
    signIn: (grant = {}) =>
      issueTokenPair(world.parts.tokens, {
        subject: world.subject,
        scope: 'orders:read',
        ...grant,
      }),
    forge(claims = {}, header = {}, key = secret) {
      const now = clock.now() / 1_000;
      const payload = { iss: issuer, aud: audience, sub: world.subject, iat: now, exp: now + 300 };
      const input = [
        encode({ alg: 'HS256', typ: 'at+jwt', kid: 'test', ...header }),
        encode({ ...payload, ...claims }),
      ].join('.');
      return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
    },
    replaceKeys: () => replaceKeys([createTestKey('ES256', 'fresh').signing]),
    reset() {
      row += 1;
      replaceKeys(keys);
      clock.set(start);
      faulty.repair();
      calls.length = 0;
      world.isRevoked = () => false;
      world.revocationChecks = 0;
      world.authenticateClient = isKnownClient;
      world.login = undefined;
      world.claims = claimsOf;
      world.describe = () => undefined;
      world.exchange = () => undefined;
      world.events.length = 0;
      world.clients.length = 0;
      world.handled = 0;
    },
  };
  const replaceKeys = (others: TokenIssuerOptions['keys']): void => {
    world.parts.tokens.replaceKeys(others);
    world.parts.strict.replaceKeys(others);
  };
  return world;
}

/** The `check` guards that the application mounts. */
export const checkNames = [
  'yes',
  'no',
  'later-yes',
  'later-no',
  'truthy',
  'throws',
  'rejects',
  'never',
] as const;

/** Errors of the application's own, which must stay its own. The last one looks like one of ours. */
export const ownErrors = {
  sync: new Error('the handler failed'),
  later: new Error('the handler failed later'),
  alike: Object.assign(new Error('jwt expired'), {
    name: 'InvalidTokenError',
    status: 401,
    code: 'token_expired',
    action: 'refresh',
  }),
} as const;

const checks: Readonly<Record<(typeof checkNames)[number], (token: VerifiedToken) => unknown>> = {
  yes: ({ subject }) => subject !== '',
  no: () => false,
  'later-yes': async () => true,
  'later-no': async () => false,
  truthy: () => 1,
  throws: () => {
    throw new Error('the permission service at 10.0.0.8 fell over');
  },
  rejects: async () => {
    throw new TypeError('cannot read properties of undefined');
  },
  // A promise that is never settled is the point.
  never: () => new Promise(() => {}),
};

const claimsOf: ClaimsHook = (subject) => {
  if (subject === bannedSubject) return false;
  if (subject === talkativeSubject) return { text: 'x'.repeat(8_192) };
  return { role: subject.startsWith('admin') ? 'admin' : 'user' };
};

const isKnownClient: ClientAuthentication = (client) =>
  client?.clientId === knownClient.clientId && client.clientSecret === knownClient.clientSecret;

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

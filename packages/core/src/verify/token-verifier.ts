// Creates a token verifier: checks its options once, and imports its keys. RFC 9068 §4

import { toProtectionSpace, type ProtectionSpace } from '../errors/challenge.js';
import { heardClock, systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds } from '../lib/duration.js';
import { createEmit } from '../hooks/emit.js';
import type { EventListener } from '../hooks/events.js';
import { deadlineBounds, defaultDeadline, type HookContext } from '../hooks/hooks.js';
import type { ReportUse } from '../hooks/report-use.js';
import { listenTo } from '../hooks/key-set-listeners.js';
import { isKeySource } from '../keys/key-source.js';
import type { KeysInMemory } from '../keys/verifier-keys.js';
import { maxTokenLength } from '../jwt/compact-jws.js';
import { markAs, requireMadeBy, type MadeBy } from '../lib/brand.js';
import { checkOptions, refuseOption, requireCount, requireFunction } from '../lib/options.js';
import { requireSchema, type StandardSchema } from '../lib/standard-schema.js';
import {
  acceptedIssuerOptionNames,
  acceptIssuers,
  replaceKeysOf,
  startFollowing,
  type AcceptedIssuer,
} from './accepted-issuer.js';
import { createIssuerFinder, type FindIssuer, type IssuerFinder } from './issuer-finder.js';
import { createTokenCache, type TokenCache } from './token-cache.js';
import { checkTransports, type CheckedTransports } from './token-transports.js';
import type { VerifiedToken } from './verified-token.js';
import {
  verificationOptionNames,
  type TokenVerifierOptions,
  type VerificationOptions,
} from './verifier-options.js';

/** Verifies access tokens. Made by {@link createTokenVerifier}; an issuer has one as its `verifier`. */
export interface TokenVerifier<Claims = unknown> extends MadeBy<'createTokenVerifier'> {
  /** Only a type: the claims that the schema of the verifier describes. Has no value. */
  readonly '~claims'?: Claims;
  /** The accepted issuers, with their audiences. Empty when `issuers` is a function. */
  readonly accepts: readonly AcceptedIssuer[];
  /** Name of the protected area in every challenge. */
  readonly realm: string;
  /**
   * Replaces all keys of an issuer. From the next request on, a token whose key is not among the new keys fails with
   * `token_key_unknown`, also when it is in the cache, and its client refreshes.
   *
   * Give a new key a new `kid`. A different key under a known `kid` is accepted, so that a key can be withdrawn; tokens of
   * the former key then fail with `token_invalid`, and their users must sign in again.
   *
   * @param issuer - the issuer whose keys are replaced. Required when the verifier accepts several issuers.
   * @throws TypeError a key cannot be used, no key is for an accepted algorithm, `issuer` is not the name of an accepted
   * issuer, or the keys are loaded by a key set. Also on the `verifier` of an issuer: call the issuer's `replaceKeys`. In
   * all these cases no key is replaced.
   */
  replaceKeys(keys: KeysInMemory, issuer?: string): void;
  /** @internal The token of each request that was verified; every guard of the verifier shares it. */
  readonly verifiedRequests: WeakMap<object, VerifiedToken>;
  /** @internal `undefined` when it is off. */
  readonly cache: TokenCache | undefined;
  /** @internal */
  readonly space: ProtectionSpace;
  /** @internal */
  readonly clockTolerance: number;
  /** @internal `undefined` when only the header is read. */
  readonly transports: CheckedTransports | undefined;
  /** @internal */
  readonly maxTokenBytes: number;
  /** @internal */
  readonly claimsSchema: StandardSchema | undefined;
  /** @internal */
  readonly isRevoked: VerificationOptions['isRevoked'];
  /** @internal Only the verifier of an issuer reports. */
  readonly reportUse: ReportUse | undefined;
  /** @internal `undefined` when the issuers are given. */
  readonly finder: IssuerFinder | undefined;
  /** @internal */
  readonly hooks: HookContext;
  /** @internal */
  readonly clock: Clock;
}

/**
 * Creates a verifier for {@link verifyBearer} and for the `bearer` of the adapters. Checks all options and imports all keys.
 *
 * @throws TypeError an option is wrong, missing or unknown; the message names it.
 * @see RFC 9068 §4, RFC 8725 §3
 */
export function createTokenVerifier<Claims = unknown>(
  options: TokenVerifierOptions<Claims>,
): TokenVerifier<Claims> {
  const checked = checkOptions('createTokenVerifier', options, [
    'issuers',
    'issuerCache',
    'claims',
    ...acceptedIssuerOptionNames,
    ...verificationOptionNames,
  ]);
  const accepts = acceptIssuers(checked);
  const { issuers, issuerCache } = checked;
  const finding = isFindIssuer(issuers) ? { issuers, issuerCache } : undefined;
  const verifier = buildTokenVerifier(
    accepts,
    { ...checked, claimsSchema: checked.claims, finding },
    (keys, name) => {
      if (finding) {
        throw new TypeError(
          'issuers is a function, so replaceKeys replaces nothing: let it return the new keys',
        );
      }
      const isOnly = name === undefined && accepts.length === 1;
      const accepted = accepts.find(({ issuer }) => isOnly || issuer === name);
      if (accepted === undefined) {
        const names = accepts.map(({ issuer }) => `'${issuer}'`).join(' or ');
        refuseOption('issuer', `the name of an issuer that is accepted: ${names}`, name);
      }
      replaceKeysOf(accepted, keys);
    },
  );
  // After all checks: a verifier that was not created must not read.
  accepts.forEach(startFollowing);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the options describes these claims
  return verifier as TokenVerifier<Claims>;
}

function isFindIssuer(issuers: unknown): issuers is FindIssuer {
  return typeof issuers === 'function';
}

const toleranceBounds = { min: 0, max: 300, fractions: true };

/** Builds a verifier from checked issuers; an issuer builds its own verifier with it. */
export function buildTokenVerifier(
  accepts: readonly AcceptedIssuer[],
  options: VerificationOptions & {
    readonly reportUse?: ReportUse | undefined;
    readonly claimsSchema?: StandardSchema | undefined;
    readonly finding?: { readonly issuers: FindIssuer; readonly issuerCache: unknown } | undefined;
  },
  replaceKeys: TokenVerifier['replaceKeys'],
): TokenVerifier {
  const {
    clockTolerance = 5,
    transports,
    maxTokenBytes = maxTokenLength,
    isRevoked,
    cache,
    deadline = defaultDeadline,
    onEvent,
    clock: given = systemClock,
  } = options;
  const space = toProtectionSpace(options);
  requireCount('maxTokenBytes', maxTokenBytes, 2 ** 20);
  requireFunction('isRevoked', isRevoked);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', given);
  const hooks = {
    emit: createEmit(onEvent),
    deadline: toSeconds('deadline', deadline, deadlineBounds) * 1_000,
  };
  const hear = (accepted: AcceptedIssuer) => hearSources(accepted, onEvent);
  const clock = heardClock(given, hooks.emit);
  accepts.forEach(hear);
  const { finding, claimsSchema } = options;
  if (claimsSchema !== undefined) requireSchema('claims', claimsSchema);
  const verifier = markAs('createTokenVerifier', {
    accepts: Object.freeze(accepts),
    realm: space.realm,
    replaceKeys,
    verifiedRequests: new WeakMap<object, VerifiedToken>(),
    cache: createTokenCache(cache),
    space,
    clockTolerance: toSeconds('clockTolerance', clockTolerance, toleranceBounds),
    transports: transports === undefined ? undefined : checkTransports(transports),
    maxTokenBytes,
    claimsSchema,
    isRevoked,
    reportUse: options.reportUse,
    finder:
      finding &&
      createIssuerFinder(finding.issuers, finding.issuerCache, hooks, clock, (accepted) => {
        hear(accepted);
        startFollowing(accepted);
      }),
    hooks,
    clock,
  });
  return Object.freeze(verifier);
}

/** Lets the listener of a verifier hear the key sets and the revocation log of an issuer. */
function hearSources(
  { reader: { keys }, revocations }: AcceptedIssuer,
  onEvent: EventListener | undefined,
): void {
  if (onEvent === undefined) return;
  if (revocations !== undefined) listenTo(revocations, onEvent);
  for (const source of isKeySource(keys) ? [keys] : (keys.sources ?? [])) listenTo(source, onEvent);
}

/** @throws TypeError the value is not a verifier; the message says what to pass. */
export function requireVerifier(where: string, value: unknown): void {
  requireMadeBy('createTokenVerifier', where, value, 'For an issuer, pass tokens.verifier.');
}

// What an issuer and a verifier are set to, for tools that report it.

import type { TokenIssuer } from './create-token-issuer.js';
import { isMadeBy } from './lib/brand.js';
import type { RevocationsSettings } from './revocations/revocations.js';
import type { TokenVerifier } from './verify/token-verifier.js';

/** The settings for the tokens of one issuer. Without keys and secrets. */
export interface TokenSettings {
  readonly kind: 'issuer' | 'verifier';
  /** The `iss` of the tokens. `undefined`: the verifier has a function that finds the issuer of each token. */
  readonly issuer: string | undefined;
  /** Seconds. `undefined` for a verifier. */
  readonly accessTokenLifetime: number | undefined;
  /** `undefined`: access tokens live until `exp`. */
  readonly revocations: RevocationsSettings | undefined;
}

/**
 * The settings of what `createTokenIssuer` or `createTokenVerifier` returned, also in another copy of this package.
 *
 * @returns one entry for an issuer; one for each accepted issuer of a verifier; `undefined` for any other value.
 */
export function settingsOf(value: unknown): readonly TokenSettings[] | undefined {
  if (isMadeBy('createTokenIssuer', value)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mark says what it is
    const { issuer, accessTokenLifetime, revocations } = value as TokenIssuer;
    const settings = revocations?.settings;
    return [{ kind: 'issuer', issuer, accessTokenLifetime, revocations: settings }];
  }
  if (!isMadeBy('createTokenVerifier', value)) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mark says what it is
  const { accepts, finder } = value as TokenVerifier;
  const verifier = { kind: 'verifier', accessTokenLifetime: undefined } as const;
  if (finder !== undefined) return [{ ...verifier, issuer: undefined, revocations: undefined }];
  return accepts.map(({ issuer, revocations }) => ({
    ...verifier,
    issuer,
    revocations: revocations?.settings,
  }));
}

// Where the journeys meet: an issuer, and the verifier of what it signs.

import {
  buildIssuingContext,
  issuingOptionNames,
  type IssuingContext,
  type IssuingOptions,
} from './issue/token-issuer.js';
import { checkOptions } from './options.js';
import { acceptTokens } from './verify/accepted-issuer.js';
import {
  buildTokenVerifier,
  verificationOptionNames,
  type TokenVerifier,
  type VerificationOptions,
} from './verify/token-verifier.js';

/** Options of {@link createTokenIssuer}. */
export interface TokenIssuerOptions extends IssuingOptions, VerificationOptions {}

/** Issues token pairs and keeps their sessions. */
export interface TokenIssuer extends IssuingContext {
  /** Verifies what this issuer signs. */
  readonly verifier: TokenVerifier;
}

/**
 * Checks options and imports keys, once, for {@link issueTokenPair}, {@link refreshTokenPair} and their kin.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  checkOptions('createTokenIssuer', options, [
    ...new Set([...issuingOptionNames, ...verificationOptionNames]),
  ]);
  const issuing = buildIssuingContext(options);
  const { issuer, audience, reader } = issuing;
  return Object.freeze({
    ...issuing,
    verifier: buildTokenVerifier([acceptTokens({ issuer, audience }, reader)], options, () => {
      throw new TypeError(
        'the keys of this verifier are those of its issuer: call replaceKeys of that',
      );
    }),
  });
}

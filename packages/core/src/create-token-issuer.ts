// Where the journeys meet: an issuer, and the verifier of what it signs.

import {
  buildIssuingContext,
  issuingOptionNames,
  type IssuingContext,
  type IssuingOptions,
} from './issue/token-issuer.js';
import { checkOptions } from './options.js';
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
  const { issuer, audience, keys } = issuing;
  return Object.freeze({
    ...issuing,
    verifier: buildTokenVerifier(issuer, audience, keys, options),
  });
}

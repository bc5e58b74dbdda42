// Makes a change of claims hold at once, for a role that a user has lost for example. Signs nobody out.

import { checkOptions } from '../lib/options.js';
import { requireSubject } from '../lib/subject.js';
import { isSessionId, ownerTag } from '../store/session-id.js';
import { announceStale, waitForLog } from './announce.js';
import { ownerOf } from './session-owner.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/** Whose claims have changed: a subject's, those of one session, or those of everyone. */
export type ClaimsReference =
  | {
      readonly subject: string;
      /** ID of a session whose tokens are left alone. */
      readonly except?: string | undefined;
      readonly sessionId?: undefined;
      readonly everyone?: undefined;
    }
  | {
      readonly sessionId: string;
      readonly subject?: undefined;
      readonly except?: undefined;
      readonly everyone?: undefined;
    }
  | {
      readonly everyone: true;
      readonly subject?: undefined;
      readonly except?: undefined;
      readonly sessionId?: undefined;
    };

/**
 * Refuses the access tokens that may carry old claims, with `claims_stale`: their clients refresh once, and the `claims` hook is
 * asked again. No user is signed out. Commit the change first, a new role for example, then call this.
 *
 * `everyone` makes every client refresh at once. `maxParallelRefreshes` of the endpoints bounds how many a process serves.
 *
 * Does not reach sessions in which an actor acts for the subject: they are the actor's.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `request`: what the application says of the request, for events.
 * @throws {@link RevocationsUnavailableError} (503) the log has not taken it within `deadline`: the change may not hold yet. It is
 * repeated; call again to wait again.
 * @throws TypeError `tokens` is something else or has no `revocations`, or the reference is not one of the three.
 * @example await revokeClaims(tokens, { subject: 'u_1' });
 */
export async function revokeClaims(
  tokens: IssuingContext,
  reference: ClaimsReference,
  options: { readonly request?: unknown } = {},
): Promise<void> {
  requireTokenIssuer('revokeClaims', tokens);
  const { request } = checkOptions('revokeClaims', options, ['request']);
  const names = ['subject', 'except', 'sessionId', 'everyone'];
  const { subject, except, sessionId, everyone } = checkOptions('revokeClaims', reference, names);
  const given = [subject, sessionId, everyone].filter((one) => one !== undefined);
  if (given.length !== 1 || (except !== undefined && subject === undefined)) {
    throw new TypeError(
      'revokeClaims takes { subject } with or without except, { sessionId } or { everyone: true }',
    );
  }
  if (subject !== undefined) requireSubject(subject);
  if (everyone !== undefined && !everyone) throw new TypeError('everyone must be true');
  for (const id of [sessionId, except]) {
    if (id !== undefined && !isSessionId(id)) throw new TypeError('revokeClaims: no session ID');
  }
  if (tokens.revocations === undefined) {
    throw new TypeError('revokeClaims needs the option revocations of createTokenIssuer');
  }
  const target = subject === undefined ? sessionId : ownerTag(ownerOf(tokens, subject));
  await waitForLog(tokens, announceStale(tokens, target, except));
  tokens.hooks.emit({
    type: 'claims.revoked',
    ...(subject !== undefined && { subject }),
    ...(sessionId !== undefined && { sessionId }),
    ...(request !== undefined && { request }),
  });
}

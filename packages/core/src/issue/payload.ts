// The payload of an access token. RFC 9068 §2.2

import { randomUUID } from 'node:crypto';

/** The claims that are the same in all tokens of an issuer. */
export interface PayloadContext {
  readonly issuer: string;
  /** The claim `client_id` of sessions without a client. RFC 9068 §2.2 requires the claim. */
  readonly clientId: string;
}

/** The claims that differ from token to token. Times are seconds. */
export interface PayloadParts {
  readonly subject: string;
  readonly audience: readonly string[];
  readonly scope: string;
  readonly sessionId: string;
  /** Generation of the refresh token that the client stored, or will have stored before it uses the access token. */
  readonly generation: number;
  /** A position in the revocation log; `undefined` when the issuer has none. */
  readonly rev?: number | undefined;
  readonly iat: number;
  readonly expiresIn: number;
  readonly clientId?: string | undefined;
  readonly authentication?: AuthenticationClaims;
  /** The claim `act`. RFC 8693 §4.1 */
  readonly act?: Readonly<Record<string, unknown>> | undefined;
  /** The claims of the application. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** RFC 9068 §2.2.1 */
interface AuthenticationClaims {
  readonly time?: number | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
}

export function writePayload(context: PayloadContext, parts: PayloadParts): string {
  const { subject, audience, scope, sessionId, generation, rev, iat, expiresIn, act, claims } =
    parts;
  const { clientId = context.clientId, authentication: { time, acr, amr } = {} } = parts;
  // JSON leaves out members that are undefined.
  return JSON.stringify({
    iss: context.issuer,
    sub: subject,
    aud: audience.length === 1 ? audience[0] : audience,
    exp: iat + expiresIn,
    iat,
    jti: randomUUID(),
    sid: sessionId,
    gen: generation,
    rev,
    client_id: clientId,
    scope: scope === '' ? undefined : scope,
    auth_time: time,
    acr,
    amr,
    act,
    ...claims,
  });
}

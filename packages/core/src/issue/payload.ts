// The payload of an access token. RFC 9068 §2.2

import { randomUUID } from 'node:crypto';

/** The claims that are the same in all tokens of an issuer. */
export interface PayloadContext {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** The claims that differ from token to token. Times are seconds. */
export interface PayloadParts {
  readonly subject: string;
  readonly scope: string;
  readonly sessionId: string;
  readonly iat: number;
  readonly expiresIn: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export function writePayload(
  { issuer, audience }: PayloadContext,
  { subject, scope, sessionId, iat, expiresIn, claims }: PayloadParts,
): string {
  return JSON.stringify({
    iss: issuer,
    sub: subject,
    aud: audience.length === 1 ? audience[0] : audience,
    exp: iat + expiresIn,
    iat,
    jti: randomUUID(),
    sid: sessionId,
    ...(scope !== '' && { scope }),
    ...claims,
  });
}

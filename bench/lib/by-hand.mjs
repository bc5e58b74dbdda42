// What somebody writes around a library that only verifies: the guard, the extraction, the claims.

import { randomUUID } from 'node:crypto';

import { audience, issuer } from './material.mjs';

/** The token of a header, by the cheapest check that does no harm. */
export function readToken(header) {
  if (typeof header !== 'string' || !header.startsWith('Bearer ')) throw new Error('no token');
  return header.slice(7);
}

export function expressGuard(verify) {
  return function guard(req, res, next) {
    let claims;
    try {
      claims = verify(readToken(req.headers.authorization));
    } catch {
      res.statusCode = 401;
      res.end();
      return;
    }
    req.auth = claims;
    next();
  };
}

export function koaGuard(verify) {
  return function guard(ctx, next) {
    try {
      ctx.state.auth = verify(readToken(ctx.req.headers.authorization));
    } catch {
      ctx.status = 401;
      return undefined;
    }
    return next();
  };
}

/** What is signed for a login of a subject: the claims that ours writes. */
export function claimsFor(subject) {
  const iat = Math.floor(Date.now() / 1_000);
  return {
    iss: issuer,
    sub: subject,
    aud: audience,
    exp: iat + 300,
    iat,
    jti: randomUUID(),
    sid: sessionId,
    scope: 'orders:read',
  };
}

/** The checks that follow a signature at the least. */
export function requireClaims(claims, now) {
  if (!(claims.exp > now)) throw new Error('expired');
  if (claims.iss !== issuer || claims.aud !== audience) throw new Error('not ours');
  return claims;
}

const sessionId = 'A'.repeat(38);

export const nowInSeconds = () => Math.floor(Date.now() / 1_000);

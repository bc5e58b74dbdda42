// The contestants. Each loads its library itself, because a worker measures one and shall load no other.

/** Ours, built, by its public entry. The cache is on by default. */
async function tokenpair({ algorithm, kid, issuer, audience, verificationKey }, options) {
  const { createTokenVerifier } = await import('@tokenpair/core');
  const { bearer } = await import('@tokenpair/express');
  const key = algorithm === 'HS256' ? { secret: verificationKey } : { publicKey: verificationKey };
  const keys = [{ kid, algorithm, ...key }];
  return bearer(createTokenVerifier({ issuer, audience, keys, ...options }));
}

/** fast-jwt has no guard, so this is what an application writes around its verifier. */
async function fastJwt({ algorithm, issuer, audience, verificationText }) {
  const { createVerifier } = await import('fast-jwt');
  const verify = createVerifier({
    key: verificationText,
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    cache: 10_000,
  });
  return (req, res, next) => {
    try {
      const header = req.headers.authorization;
      if (!header?.startsWith('Bearer ')) throw new Error('no token');
      req.auth = verify(header.slice(7));
    } catch {
      res.statusCode = 401;
      res.end();
      return;
    }
    next();
  };
}

async function expressJwt({ algorithm, issuer, audience, verificationKey }) {
  const { expressjwt } = await import('express-jwt');
  return expressjwt({ secret: verificationKey, algorithms: [algorithm], issuer, audience });
}

async function passportJwt({ algorithm, issuer, audience, verificationKey }) {
  const { Passport } = await import('passport');
  const { ExtractJwt, Strategy } = await import('passport-jwt');
  const passport = new Passport();
  const options = {
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    secretOrKey: verificationKey,
    algorithms: [algorithm],
    issuer,
    audience,
  };
  passport.use(new Strategy(options, (claims, done) => done(null, claims)));
  return passport.authenticate('jwt', { session: false });
}

/** Guards `(req, res, next)` by name, each made from keys. */
export const guards = {
  tokenpair: (material) => tokenpair(material, {}),
  'tokenpair, cache: false': (material) => tokenpair(material, { cache: false }),
  'fast-jwt, cache: 10 000': fastJwt,
  'express-jwt, KeyObject': expressJwt,
  'passport-jwt, KeyObject': passportJwt,
};

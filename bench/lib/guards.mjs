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

function idOf(number) {
  return `${String(number).padStart(16, '0')}${'s'.repeat(22)}`;
}

/** Ours with a revocation log: a list of this many sessions that have ended, and some changes of claims. */
async function following(material, facts, whenBehind = 'accept') {
  const { createRevocations } = await import('@tokenpair/core');
  const { MemoryRevocationLog } = await import('@tokenpair/core/store');
  const log = new MemoryRevocationLog();
  const entry = { issuer: material.issuer, floor: 0, keep: 1_200_000 };
  for (let at = 0; at < facts; at += 100) {
    const ids = Array.from({ length: 100 }, (_, more) => idOf(at + more));
    await log.append({ ...entry, text: `o ${ids.join(' ')}\ns ${ids[0].slice(0, 16)}` });
  }
  const revocations = createRevocations(log, { maxAge: 600, whenBehind, max: 10_000_000 });
  const guard = await tokenpair(material, { revocations });
  await revocations.ready();
  return guard;
}

/** Ours with and without a revocation log, side by side. */
export const followers = {
  'no log': (material) => tokenpair(material, {}),
  '10 000 facts': (material) => following(material, 10_000),
  "10 000 facts, 'refuse'": (material) => following(material, 10_000, 'refuse'),
  '1 000 000 facts': (material) => following(material, 1_000_000),
};

/** Guards `(req, res, next)` by name, each made from keys. */
export const guards = {
  tokenpair: (material) => tokenpair(material, {}),
  'tokenpair, cache: false': (material) => tokenpair(material, { cache: false }),
  'fast-jwt, cache: 10 000': fastJwt,
  'express-jwt, KeyObject': expressJwt,
  'passport-jwt, KeyObject': passportJwt,
};

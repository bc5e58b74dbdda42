// passport-jwt with the key imported once and no session.

import { Passport } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

export const guards = [
  {
    name: 'passport-jwt, KeyObject',
    framework: 'express',
    create({ algorithm, issuer, audience, verificationKey }) {
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
    },
  },
];

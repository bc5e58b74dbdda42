// express-jwt: as its README has it, and with the key imported once.

import { expressjwt } from 'express-jwt';

const create =
  (keyOf) =>
  ({ algorithm, issuer, audience, ...material }) =>
    expressjwt({ secret: keyOf(material), algorithms: [algorithm], issuer, audience });

export const guards = [
  {
    name: 'express-jwt, key as text',
    framework: 'express',
    create: create(({ verificationText }) => verificationText),
  },
  {
    name: 'express-jwt, KeyObject',
    framework: 'express',
    create: create(({ verificationKey }) => verificationKey),
  },
];

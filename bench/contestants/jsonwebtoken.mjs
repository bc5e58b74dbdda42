// jsonwebtoken by hand, with the key imported once.

import jwt from 'jsonwebtoken';

import { claimsFor, expressGuard, readToken } from '../lib/by-hand.mjs';

const createVerify = ({ algorithm, issuer, audience, verificationKey }) => {
  const options = { algorithms: [algorithm], issuer, audience };
  return (token) => jwt.verify(token, verificationKey, options);
};

export const guards = [
  {
    name: 'jsonwebtoken by hand, KeyObject',
    framework: 'express',
    create: (material) => expressGuard(createVerify(material)),
  },
];

export const verifiers = [
  {
    name: 'jsonwebtoken, KeyObject',
    create(material) {
      const verify = createVerify(material);
      return (header) => verify(readToken(header));
    },
  },
];

export const signers = [
  {
    name: 'jsonwebtoken, KeyObject',
    create({ algorithm, kid, signingKey }) {
      const options = { algorithm, header: { alg: algorithm, typ: 'at+jwt', kid } };
      return (subject) => jwt.sign(claimsFor(subject), signingKey, options);
    },
  },
  {
    name: 'jsonwebtoken, key as text',
    create({ algorithm, kid, signingText }) {
      const options = { algorithm, header: { alg: algorithm, typ: 'at+jwt', kid } };
      return (subject) => jwt.sign(claimsFor(subject), signingText, options);
    },
  },
];

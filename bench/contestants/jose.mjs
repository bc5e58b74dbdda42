// jose with the key imported once.

import { jwtVerify, SignJWT } from 'jose';

import { claimsFor, readToken } from '../lib/by-hand.mjs';

export const verifiers = [
  {
    name: 'jose',
    create({ algorithm, issuer, audience, verificationKey }) {
      const options = { algorithms: [algorithm], issuer, audience, typ: 'at+jwt' };
      return async (header) => jwtVerify(readToken(header), verificationKey, options);
    },
  },
];

export const signers = [
  {
    name: 'jose',
    create({ algorithm, kid, signingKey }) {
      const header = { alg: algorithm, typ: 'at+jwt', kid };
      return (subject) =>
        new SignJWT(claimsFor(subject)).setProtectedHeader(header).sign(signingKey);
    },
  },
];

// node:crypto and nothing else: the limit of whoever checks a signature each time. The header is compared with the one
// that is known, not parsed; of the claims only what is needed is looked at.

import { createHmac, timingSafeEqual, verify as verifySignature } from 'node:crypto';

import {
  claimsFor,
  expressGuard,
  koaGuard,
  nowInSeconds,
  readToken,
  requireClaims,
} from '../lib/by-hand.mjs';
import { signByHand } from '../lib/material.mjs';

export function createVerify({ algorithm, kid, verificationKey }) {
  const isSigned = createCheck(algorithm, verificationKey);
  const header = encodeHeader(algorithm, kid);
  return (token) => {
    const end = token.lastIndexOf('.');
    if (!token.startsWith(header) || !isSigned(token.slice(0, end), token.slice(end + 1))) {
      throw new Error('bad signature');
    }
    const payload = Buffer.from(token.slice(header.length, end), 'base64url').toString();
    return requireClaims(JSON.parse(payload), nowInSeconds());
  };
}

function createCheck(algorithm, key) {
  if (algorithm === 'HS256') {
    return (input, signature) => {
      const expected = createHmac('sha256', key).update(input).digest();
      const given = Buffer.from(signature, 'base64url');
      return given.length === expected.length && timingSafeEqual(expected, given);
    };
  }
  const options = { key, dsaEncoding: 'ieee-p1363' };
  return (input, signature) =>
    verifySignature('sha256', Buffer.from(input), options, Buffer.from(signature, 'base64url'));
}

function encodeHeader(algorithm, kid) {
  const json = JSON.stringify({ alg: algorithm, typ: 'at+jwt', kid });
  return `${Buffer.from(json).toString('base64url')}.`;
}

export const guards = [
  {
    name: 'raw node:crypto',
    framework: 'express',
    create: (material) => expressGuard(createVerify(material)),
  },
  {
    name: 'raw node:crypto',
    framework: 'koa',
    create: (material) => koaGuard(createVerify(material)),
  },
];

export const verifiers = [
  {
    name: 'raw node:crypto',
    create(material) {
      const verify = createVerify(material);
      return (header) => verify(readToken(header));
    },
  },
];

export const signers = [
  {
    name: 'raw node:crypto',
    create({ algorithm, kid, signingKey }) {
      const header = encodeHeader(algorithm, kid);
      return (subject) => {
        const payload = Buffer.from(JSON.stringify(claimsFor(subject))).toString('base64url');
        const input = header + payload;
        return `${input}.${signByHand(algorithm, signingKey, Buffer.from(input))}`;
      };
    },
  },
];

// koa-jwt with the key imported once.

import jwt from 'koa-jwt';

export const guards = [
  {
    name: 'koa-jwt, KeyObject',
    framework: 'koa',
    create: ({ algorithm, issuer, audience, verificationKey }) =>
      jwt({ secret: verificationKey, algorithms: [algorithm], issuer, audience }),
  },
];

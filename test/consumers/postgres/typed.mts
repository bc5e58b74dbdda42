import { createTokenIssuer, type TokenIssuer } from '@tokenpair/core';
import { PostgresSessionStore, type PostgresClient } from '@tokenpair/postgres';

export const issuerOver = (client: PostgresClient): TokenIssuer =>
  createTokenIssuer({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
    store: new PostgresSessionStore({ client }),
  });

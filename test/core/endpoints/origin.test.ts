import type { IncomingMessage } from 'node:http';

import { readOrigins, requireAllowedOrigin } from '../../../packages/core/src/endpoints/origin.js';

describe('the option allowedOrigins', () => {
  test('takes exact origins', () => {
    const origins = ['https://app.test', 'http://localhost:5173', 'https://[::1]:8443'];
    expect([...readOrigins(origins)]).toEqual(origins);
  });

  test.each([
    'https://app.test/',
    'https://app.test/page',
    'https://APP.test',
    'https://app.test:443',
    'https://user@app.test',
    'https://*.app.test',
    'ftp://app.test',
    'app.test',
    'null',
    '*',
    '',
    7,
    null,
  ])('refuses %p by name', (origin) => {
    expect(() => readOrigins([origin])).toThrow(/^allowedOrigins must be origins like/);
  });

  test.each(['https://app.test', {}, null, new Set(['https://app.test'])])(
    'refuses %p, which is no array',
    (origins) => {
      expect(() => readOrigins(origins)).toThrow(/^allowedOrigins must be an array/);
    },
  );
});

const ask = (headers: Readonly<Record<string, string>>) => () =>
  requireAllowedOrigin({ headers } as unknown as IncomingMessage, new Set());

describe('a request with a cookie', () => {
  test('is not believed for an origin without a host to compare it with', () => {
    expect(ask({ origin: 'https://api.test' })).toThrow(
      expect.objectContaining({ code: 'origin_refused' }),
    );
  });

  test('is believed for a custom header that is empty: what counts is that it is there', () => {
    expect(ask({ 'x-requested-with': '' })).not.toThrow();
  });
});

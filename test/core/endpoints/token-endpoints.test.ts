import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';

import { createTestIssuer } from '../../support/issuer.js';

const { tokens } = createTestIssuer();

describe('the options of the token endpoints', () => {
  test.each([
    [{ transport: 'header' }, /^transport must be/],
    [{ transport: ['cookie'] }, /^transport must be/],
    [{ transport: 'cookie', cookie: { nam: 'x' } }, /nam/],
    [{ transport: 'cookie', cookie: '/auth' }, /^cookie options must be/],
    [{ allowedOrigins: '*' }, /^allowedOrigins must be/],
    [{ authenticateClient: true }, /^authenticateClient must be/],
    [{ url: '/auth' }, /^url must be/],
    [{ url: 'https://issuer.test/auth/' }, /^url must be/],
    [{ transports: 'cookie' }, /transports/],
    [{ onError: 'next' }, /onError/],
  ])('are refused when one is wrong, and the error names it: %j', (options, message) => {
    expect(() => createTokenEndpoints(tokens, options as TokenEndpointOptions)).toThrow(message);
  });

  test('are not repeated in the error when they may contain a password', () => {
    const url = 'https://ada:lovelace@api.test/auth';
    const refused = expect.not.stringContaining('lovelace') as string;
    expect(() => createTokenEndpoints(tokens, { url })).toThrow(
      expect.objectContaining({ message: refused }) as Error,
    );
    expect(() => createTokenEndpoints(tokens, { allowedOrigins: [url] })).toThrow(
      expect.objectContaining({ message: refused }) as Error,
    );
  });

  test('may be omitted or undefined', () => {
    expect(() => createTokenEndpoints(tokens)).not.toThrow();
    expect(() =>
      createTokenEndpoints(tokens, { transport: undefined, url: undefined }),
    ).not.toThrow();
  });

  test('are not changed', () => {
    const options = Object.freeze({ transport: 'cookie', allowedOrigins: Object.freeze([]) });
    expect(() => createTokenEndpoints(tokens, options as TokenEndpointOptions)).not.toThrow();
  });
});

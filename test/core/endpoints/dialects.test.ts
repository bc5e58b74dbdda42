import { AuthError } from '@tokenpair/core';

import {
  oauthErrorResponse,
  problemResponse,
  tokenErrorResponse,
} from '../../../packages/core/src/errors/error-response.js';

const space = { realm: 'api' };

describe('an error as a response', () => {
  const missing = new AuthError('token_missing', { space });

  test('has no error parameter when the specification defines none', () => {
    for (const toResponse of [problemResponse, tokenErrorResponse, oauthErrorResponse]) {
      expect(JSON.parse(toResponse(missing).body ?? '')).not.toHaveProperty('error');
    }
  });

  test('has a challenge in the OAuth dialect only when its status is 401', () => {
    expect(oauthErrorResponse(missing).headers).toHaveProperty('WWW-Authenticate');
    const refused = new AuthError('refresh_token_invalid', { space });
    expect(oauthErrorResponse(refused)).toMatchObject({ status: 400 });
    expect(oauthErrorResponse(refused).headers).not.toHaveProperty('WWW-Authenticate');
    expect(oauthErrorResponse(new AuthError('token_missing')).headers).not.toHaveProperty(
      'WWW-Authenticate',
    );
  });

  test('keeps the headers of the error, and not its cause', () => {
    const error = new AuthError('temporarily_unavailable', {
      cause: new Error('connect ECONNREFUSED 10.0.0.7'),
      headers: { 'X-Case': '7' },
    });
    for (const toResponse of [problemResponse, tokenErrorResponse, oauthErrorResponse]) {
      const response = toResponse(error);
      expect(response).toMatchObject({
        status: 503,
        headers: { 'X-Case': '7', 'Retry-After': '2' },
      });
      expect(JSON.stringify(response)).not.toContain('10.0.0.7');
    }
  });
});

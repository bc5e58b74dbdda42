import { AuthError, type AuthErrorCode } from '@tokenpair/core';
import { problemResponse, tokenErrorResponse } from '@tokenpair/core/adapter';

import { errorTable, type ErrorRow } from '../../../packages/core/src/errors/error-table.js';

interface Row {
  readonly code: AuthErrorCode;
  readonly status: number;
  readonly error?: string;
  readonly action: string;
  readonly challenge?: 'bare' | 'full';
  readonly retryAfter?: string;
}

// The contract, written out a second time on purpose: to change it, change both.
const contract: Row[] = [
  { code: 'token_missing', status: 401, action: 'login', challenge: 'bare' },
  {
    code: 'request_malformed',
    status: 400,
    error: 'invalid_request',
    action: 'fix',
    challenge: 'full',
  },
  { code: 'refresh_token_misplaced', status: 400, error: 'invalid_request', action: 'fix' },
  {
    code: 'token_expired',
    status: 401,
    error: 'invalid_token',
    action: 'refresh',
    challenge: 'full',
  },
  {
    code: 'token_not_active',
    status: 401,
    error: 'invalid_token',
    action: 'retry',
    challenge: 'full',
  },
  {
    code: 'token_invalid',
    status: 401,
    error: 'invalid_token',
    action: 'login',
    challenge: 'full',
  },
  {
    code: 'token_key_unknown',
    status: 401,
    error: 'invalid_token',
    action: 'refresh',
    challenge: 'full',
  },
  {
    code: 'claims_stale',
    status: 401,
    error: 'invalid_token',
    action: 'refresh',
    challenge: 'full',
  },
  {
    code: 'token_too_long',
    status: 401,
    error: 'invalid_token',
    action: 'fix',
    challenge: 'full',
  },
  {
    code: 'session_revoked',
    status: 401,
    error: 'invalid_token',
    action: 'login',
    challenge: 'full',
  },
  {
    code: 'authentication_insufficient',
    status: 401,
    error: 'insufficient_user_authentication',
    action: 'reauthenticate',
    challenge: 'full',
  },
  {
    code: 'scope_insufficient',
    status: 403,
    error: 'insufficient_scope',
    action: 'fix',
    challenge: 'full',
  },
  {
    code: 'claim_refused',
    status: 403,
    error: 'insufficient_scope',
    action: 'fix',
    challenge: 'full',
  },
  {
    code: 'refresh_token_missing',
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    challenge: 'bare',
  },
  {
    code: 'refresh_token_invalid',
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    challenge: 'bare',
  },
  {
    code: 'token_pair_mismatch',
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    challenge: 'bare',
  },
  { code: 'scope_not_granted', status: 400, error: 'invalid_scope', action: 'fix' },
  { code: 'access_denied', status: 403, error: 'access_denied', action: 'fix' },
  { code: 'origin_refused', status: 403, error: 'invalid_request', action: 'fix' },
  { code: 'client_invalid', status: 401, error: 'invalid_client', action: 'fix' },
  { code: 'grant_type_unsupported', status: 400, error: 'unsupported_grant_type', action: 'fix' },
  { code: 'method_not_allowed', status: 405, error: 'invalid_request', action: 'fix' },
  {
    code: 'request_timeout',
    status: 408,
    error: 'invalid_request',
    action: 'retry',
    retryAfter: '1',
  },
  { code: 'request_too_large', status: 413, error: 'invalid_request', action: 'fix' },
  { code: 'media_type_unsupported', status: 415, error: 'invalid_request', action: 'fix' },
  { code: 'token_too_large', status: 500, error: 'server_error', action: 'fix' },
  {
    code: 'temporarily_unavailable',
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    retryAfter: '2',
  },
  {
    code: 'refresh_pending',
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    retryAfter: '60',
  },
  {
    code: 'store_full',
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    retryAfter: '60',
  },
  { code: 'session_limit', status: 403, error: 'access_denied', action: 'fix' },
];

const oauthDialect: [AuthErrorCode, number, string][] = [
  ['refresh_token_missing', 400, 'invalid_request'],
  ['refresh_token_invalid', 400, 'invalid_grant'],
  ['token_pair_mismatch', 400, 'invalid_grant'],
];

describe('the table of errorTable', () => {
  it('has the rows of the contract and no other', () => {
    expect(Object.keys(errorTable).toSorted()).toEqual(contract.map(({ code }) => code).toSorted());
  });

  it.each(contract)(
    'answers $code with $status, $error, $action and a $challenge challenge',
    ({ code, status, error, action, challenge, retryAfter }) => {
      const refusal = new AuthError(code, { space: { realm: 'my api' }, cause: new Error('down') });
      const statusCode = status;
      expect(refusal).toMatchObject({ code, status, statusCode, error, action, expose: true });
      const { 'WWW-Authenticate': header, ...others } = refusal.headers;
      expect(others).toEqual({
        'Cache-Control': 'no-store',
        ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
      });
      const expected = {
        bare: 'Bearer realm="my api"',
        full: `Bearer realm="my api", error="${error}", error_description="${refusal.message}"`,
      };
      expect(header).toBe(challenge && expected[challenge]);
    },
  );

  it.each(oauthDialect)(
    'answers %s in the OAuth form dialect with %i %s',
    (code, status, error) => {
      const row: ErrorRow = errorTable[code];
      expect(row.oauthStatus).toBe(status);
      expect(row.oauthError ?? row.answer.error).toBe(error);
    },
  );

  it('has no other row that differs in the OAuth form dialect', () => {
    const differing = Object.entries(errorTable)
      .filter(([, row]) => 'oauthStatus' in row || 'oauthError' in row)
      .map(([code]) => code);
    expect(differing).toEqual(oauthDialect.map(([code]) => code));
  });

  it('says in plain ASCII, fit for a header, what happened', () => {
    const rows: readonly ErrorRow[] = Object.values(errorTable);
    for (const { description, oauthDescription = description } of rows) {
      expect(description).toMatch(/^[A-Z][\x20\x21\x23-\x5B\x5D-\x7E]+\.$/);
      expect(oauthDescription).toMatch(/^[A-Z][\x20\x21\x23-\x5B\x5D-\x7E]+\.$/);
    }
  });

  it.each(contract)('challenges for no place when $code names none', ({ code }) => {
    expect(new AuthError(code).headers).not.toHaveProperty('WWW-Authenticate');
  });

  it('never challenges where nothing was judged', () => {
    for (const { answer } of Object.values(errorTable)) {
      if (answer.status !== 503) continue;
      expect(answer).not.toHaveProperty('challenge');
      expect(answer.retryAfter).toBeGreaterThan(0);
    }
  });
});

describe('the answer to a refusal', () => {
  it.each(contract)(
    'as a problem says $code and $action',
    ({ code, status, error, action, retryAfter }) => {
      const refusal = new AuthError(code, { cause: new Error('redis://10.0.0.7') });
      const { headers, body = '', ...rest } = problemResponse(refusal);
      expect(rest).toEqual({ status });
      expect(headers).toEqual({ ...refusal.headers, 'Content-Type': 'application/problem+json' });
      expect(JSON.parse(body)).toEqual({
        status,
        title: refusal.message,
        ...(error !== undefined && { error }),
        code,
        action,
        ...(retryAfter !== undefined && { retry_after: Number(retryAfter) }),
      });
    },
  );

  it.each(contract)(
    'of a token endpoint says $code and $action',
    ({ code, status, error, action, retryAfter }) => {
      const refusal = new AuthError(code, { cause: new Error('redis://10.0.0.7') });
      const { headers, body = '', ...rest } = tokenErrorResponse(refusal);
      expect(rest).toEqual({ status });
      expect(headers).toEqual({ ...refusal.headers, 'Content-Type': 'application/json' });
      expect(JSON.parse(body)).toEqual({
        ...(error !== undefined && { error }),
        error_description: refusal.message,
        code,
        action,
        ...(retryAfter !== undefined && { retry_after: Number(retryAfter) }),
      });
    },
  );

  it('names the scope that a guard asks for, and the methods that a place takes', () => {
    const lacking = new AuthError('scope_insufficient', {
      space: { realm: 'api' },
      scope: 'a b',
    });
    expect(problemResponse(lacking).headers['WWW-Authenticate']).toMatch(
      /^Bearer realm="api", error="insufficient_scope", error_description="[^"]+", scope="a b"$/,
    );
    const wrongMethod = new AuthError('method_not_allowed', { headers: { Allow: 'POST' } });
    expect(tokenErrorResponse(wrongMethod).headers['Allow']).toBe('POST');
  });
});

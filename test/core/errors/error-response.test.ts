import { emptyResponse, jsonResponse } from '../../../packages/core/src/lib/http-response.js';

// The answers to refusals stand in error-table.test.ts, row by row.

describe('a JSON answer', () => {
  it('is for no cache to keep', () => {
    expect(jsonResponse(200, { a: 1 })).toEqual({
      status: 200,
      headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' },
      body: '{"a":1}',
    });
  });

  it('takes further headers, but is JSON whatever they say', () => {
    const { headers } = jsonResponse(200, [], { 'Set-Cookie': ['a=1'], 'Content-Type': 'x' });
    expect(headers).toEqual({
      'Cache-Control': 'no-store',
      'Set-Cookie': ['a=1'],
      'Content-Type': 'application/json',
    });
  });
});

describe('an empty answer', () => {
  it('has no body', () => {
    expect(emptyResponse()).toEqual({ status: 204, headers: { 'Cache-Control': 'no-store' } });
  });
});

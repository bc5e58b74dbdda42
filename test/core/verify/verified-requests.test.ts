import { inspect } from 'node:util';

import { createVerifiedRequests } from '../../../packages/core/src/verify/verified-requests.js';
import type { VerifiedToken } from '@tokenpair/core';

const token = (subject: string) => ({ subject }) as VerifiedToken;

describe.each<[string, () => object]>([
  ['with raw headers', () => ({ headers: {}, rawHeaders: ['Host', 'api.test'] })],
  ['without raw headers', () => ({ headers: {} })],
  ['with raw headers that are frozen', () => ({ rawHeaders: Object.freeze([]) })],
  ['that is frozen', () => Object.freeze({ rawHeaders: [] })],
  ['whose raw headers are no list', () => ({ rawHeaders: 'Host: api.test' })],
])('a request %s', (_what, createRequest) => {
  it('has the token that was remembered last, and no other request has it', () => {
    const { tokenOf, remember } = createVerifiedRequests();
    const [request, other] = [createRequest(), createRequest()];
    expect(tokenOf(request)).toBeUndefined();
    remember(request, token('a'));
    expect(tokenOf(request)?.subject).toBe('a');
    expect(tokenOf(other)).toBeUndefined();
    remember(request, token('b'));
    expect(tokenOf(request)?.subject).toBe('b');
  });

  it('has none for whoever else verifies requests', () => {
    const [one, other] = [createVerifiedRequests(), createVerifiedRequests()];
    const request = createRequest();
    one.remember(request, token('a'));
    expect(other.tokenOf(request)).toBeUndefined();
    other.remember(request, token('b'));
    expect([one.tokenOf(request), other.tokenOf(request)]).toEqual([token('a'), token('b')]);
  });

  it('shows nothing of it', () => {
    const { remember } = createVerifiedRequests();
    const request = createRequest();
    const before = inspect(request, { showHidden: true, depth: 9 });
    remember(request, token('a'));
    expect(inspect(request, { showHidden: true, depth: 9 })).toBe(before);
  });
});

describe('a request that shares the raw headers of another', () => {
  it('is another request, and has not been verified', () => {
    const { tokenOf, remember } = createVerifiedRequests();
    const rawHeaders: string[] = [];
    const [request, copy] = [{ rawHeaders }, { rawHeaders }];
    remember(request, token('a'));
    expect(tokenOf(copy)).toBeUndefined();
    expect(tokenOf(Object.create(request) as object)).toBeUndefined();
    remember(copy, token('b'));
    expect(tokenOf(copy)?.subject).toBe('b');
    expect(tokenOf(request)).toBeUndefined();
  });
});

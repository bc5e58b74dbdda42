// What the types of the store contract in @tokenpair/core/store promise. Compiled, never run.

import type { SessionStore, SwapResult } from '@tokenpair/core/store';

declare const store: SessionStore;
declare const result: SwapResult;

const token = { generation: 2, secretHash: 'x', state: '1' };

export const accepted: readonly unknown[] = [
  store.swap('s', { generation: 1, secretHash: 'x', olderThan: 60_000 }, { token }),
  store.swap('s', { generation: 1, secretHash: 'x', confirmed: 3 }, { token, data: '{}' }),
  store.swap('s', { data: '{}' }, { data: '', idleLifetime: 1, expiresAt: 2 }),
  result.outcome === 'absent' ? undefined : result.session.asOf,
];

export const refused: readonly unknown[] = [
  // @ts-expect-error -- the token half is written as one
  store.swap('s', { data: '{}' }, { token: { generation: 2, secretHash: 'x' } }),
  // @ts-expect-error -- only `confirm` writes this number
  store.swap('s', { data: '{}' }, { confirmed: 3 }),
  // @ts-expect-error -- an owner never changes
  store.swap('s', { data: '{}' }, { owner: 'x' }),
  // @ts-expect-error -- a member that is not named is left out, so that a store need not tell undefined from absent
  store.swap('s', { data: undefined }, { token }),
  // @ts-expect-error -- an absent session has no record
  result.session,
  // @ts-expect-error -- a record is a copy that nobody changes
  (Object.assign(session).generation = session.generation = 2),
];

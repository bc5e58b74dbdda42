// Token pairs of services, and what services say of them.

import type { TokenPair } from '@tokenpair/core';

import type { Service } from './services.js';

export const accessOf = (pairs: readonly TokenPair[]): readonly string[] =>
  pairs.map(({ accessToken }) => accessToken);

/** What a service says of the access tokens: `ok` with the role if they have one, or the code of the refusal. */
export const outcomesOf = (
  service: Service,
  pairs: readonly TokenPair[],
): Promise<readonly string[]> => service.ask('check', accessOf(pairs));

export async function isEvery(
  service: Service,
  pairs: readonly TokenPair[],
  outcome: string,
): Promise<boolean> {
  return (await outcomesOf(service, pairs)).every((one) => one === outcome);
}

/** Signs users in: `u_0`, `u_1` and so on. */
export const loginMany = (service: Service, count: number): Promise<readonly TokenPair[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => service.ask('login', { subject: `u_${index}` })),
  );

// The setups of the journey tests: each framework with each store.

import { loginExamples, type LoginExample } from './login-examples.js';
import { storeKinds, type StoreKind } from './stores.js';

export interface JourneySetup extends Pick<LoginExample, 'createApp'> {
  readonly name: string;
  readonly openStore: StoreKind['open'];
  /** Whether the store uses the clock that the test sets. */
  readonly canSetTime: boolean;
}

export const journeySetups: readonly JourneySetup[] = loginExamples.flatMap(({ name, createApp }) =>
  storeKinds.map((kind) => ({
    name: `${name} with ${kind.name}`,
    createApp,
    openStore: (clock) => kind.open(clock),
    canSetTime: kind.canSetTime,
  })),
);

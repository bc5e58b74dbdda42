import crypto, { KeyObject } from 'node:crypto';

import { makeSigningKey } from '../../packages/cli/src/make-key.js';

// What happens then is a matter of chance: on Node.js 20 one such export in a few thousand waits for ever, where a collection
// of garbage meets the job that made the key.
it.each(['ES256', 'EdDSA', 'RS256'] as const)(
  'exports no key object for %s that was just made',
  (algorithm) => {
    const generate = jest.spyOn(crypto, 'generateKeyPairSync');
    try {
      makeSigningKey({ algorithm, state: 'current', now: 0, bits: 2_048, kid: undefined });
      const made = generate.mock.results.flatMap(({ value }) => Object.values(value as object));
      expect(made).toHaveLength(2);
      expect(made.filter((key) => key instanceof KeyObject)).toEqual([]);
    } finally {
      generate.mockRestore();
    }
  },
);

// The same without the race: of two callers one gets the record. Whoever fails in between has lost the session.

import { createByToken } from '../lib/rotation-by-token.mjs';

export const rotations = [
  {
    name: 'GETDEL + SET',
    create: createByToken(async (send, { from, to, lifetime }) => {
      const record = await send(['GETDEL', from]);
      await send(['SET', to, record, 'PX', lifetime]);
      return record;
    }),
  },
];

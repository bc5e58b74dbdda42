// What most services do: look the old token up, delete it, store the new one. Three round trips, and two callers at once
// may both succeed.

import { createByToken } from '../lib/rotation-by-token.mjs';

export const rotations = [
  {
    name: 'GET + DEL + SET',
    create: createByToken(async (send, { from, to, lifetime }) => {
      const record = await send(['GET', from]);
      await send(['DEL', from]);
      await send(['SET', to, record, 'PX', lifetime]);
      return record;
    }),
  },
];

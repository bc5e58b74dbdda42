// The optimistic transaction. WATCH belongs to a connection, so each call in flight has one of its own.

import { createByToken } from '../lib/rotation-by-token.mjs';

export const rotations = [
  {
    name: 'WATCH + GET, MULTI … EXEC',
    hasOwnConnections: true,
    create: createByToken(async (send, { from, to, lifetime }) => {
      const [, record] = await Promise.all([send(['WATCH', from]), send(['GET', from])]);
      const replies = await Promise.all([
        send(['MULTI']),
        send(['DEL', from]),
        send(['SET', to, record, 'PX', lifetime]),
        send(['EXEC']),
      ]);
      return replies.at(-1) && record;
    }),
  },
];

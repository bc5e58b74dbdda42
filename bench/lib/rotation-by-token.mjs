// Rotation of a store whose key is the token, or its hash, as most have it.

import { keyOf, lifetime, recordText } from './rotation-setup.mjs';

/** @param rotate - moves the record from one key to another and answers it. */
export function createByToken(rotate) {
  return async ({ clients, library, sessions }) => {
    const generations = new Uint32Array(sessions);
    for (let session = 0; session < sessions; session++) {
      await library.send(clients[0], ['SET', keyOf(session, 0), recordText, 'PX', lifetime]);
    }
    const sends = clients.map((client) => (args) => library.send(client, args));
    return async (session, lane) => {
      const generation = generations[session];
      const record = await rotate(sends[lane % sends.length], {
        from: keyOf(session, generation),
        to: keyOf(session, generation + 1),
        lifetime,
      });
      if (record?.length !== recordText.length) throw new Error('the record is gone');
      generations[session] = generation + 1;
    };
  };
}

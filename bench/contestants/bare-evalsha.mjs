// The limit of one script and one round trip: a script that answers at once, with arguments and an answer as large as
// those of our rotation, which are recorded from one.

import { RedisSessionStore } from '@tokenpair/redis';

import { hashOf } from '../lib/rotation-setup.mjs';
import { limit, newSession } from '../lib/sessions.mjs';

export const rotations = [
  {
    name: 'bare EVALSHA',
    async create({ client, library }) {
      const { args, reply } = await recordRotation(client, library);
      const answer = reply.map((part) => `'${String(part).replaceAll(/['\\\n]/g, '.')}'`);
      const sha1 = await library.send(client, ['SCRIPT', 'LOAD', `return {${answer.join(',')}}`]);
      const [, , ...rest] = args;
      return async () => {
        const [outcome] = await library.send(client, ['EVALSHA', sha1, ...rest]);
        if (outcome !== 'swapped') throw new Error('the script has answered something else');
      };
    },
  },
];

async function recordRotation(client, library) {
  let last;
  const recording = library.over(async (args) => {
    last = { args, reply: await library.send(client, args) };
    return last.reply;
  });
  const store = new RedisSessionStore({ client: recording });
  const session = newSession('u_recorded');
  await store.create(session, limit);
  const next = {
    generation: 2,
    secretHash: hashOf(2),
    keyId: 1,
    parentGeneration: 1,
    attempt: session.attempt,
    moveAnchor: true,
  };
  const expected = { generation: 1, secretHash: session.secretHash };
  // The first may have to send the script's text.
  await store.rotate(session.sessionId, { ...expected, generation: 9 }, next);
  const { outcome } = await store.rotate(session.sessionId, expected, next);
  if (outcome !== 'swapped') throw new Error('the rotation to be recorded has failed');
  return last;
}

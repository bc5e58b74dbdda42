import {
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  type SessionStore,
} from '@tokenpair/core';
import { breakable } from '@tokenpair/testing';

import { createTestIssuer, ownerOf } from '../support/issuer.js';
import { codeOf } from '../support/outcome.js';

async function signIn() {
  const sessions = breakable(new MemorySessionStore({ capacity: 10 }));
  const { tokens } = createTestIssuer({ store: sessions.store, deadline: 1 });
  const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  return { sessions, tokens, refreshToken };
}

describe('a breakable store', () => {
  it.each(['down', 'slow', 'garbled', 'mute'] as const)(
    'is %s until it is repaired, and then works again',
    async (how) => {
      const { sessions, tokens, refreshToken } = await signIn();
      sessions.break(how);
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
      expect(await codeOf(listSessions(tokens, 'u_1'))).toBe('temporarily_unavailable');
      sessions.repair();
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    },
  );

  it.each([
    ['down', 1],
    ['slow', 1],
    ['garbled', 1],
    ['mute', 2],
  ] as const)(
    'performs the operation while it is mute, and not while it is down, slow or garbled: %s',
    async (how, generation) => {
      const { sessions, tokens, refreshToken } = await signIn();
      sessions.break(how);
      await codeOf(refreshTokenPair(tokens, refreshToken));
      sessions.repair();
      const [session] = await sessions.store.list(ownerOf('u_1'));
      expect(session?.generation).toBe(generation);
    },
  );

  it('loses only the next answer after loseNextAnswer', async () => {
    const { sessions, tokens, refreshToken } = await signIn();
    sessions.loseNextAnswer();
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
    const retried = await refreshTokenPair(tokens, refreshToken);
    const again = await refreshTokenPair(tokens, refreshToken);
    expect(again.refreshToken).toBe(retried.refreshToken);
  });

  it('loses no answer when it was repaired after loseNextAnswer', async () => {
    const { sessions, tokens, refreshToken } = await signIn();
    sessions.loseNextAnswer();
    sessions.repair();
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('has all other members of the store', async () => {
    const sound: SessionStore & { readonly name: string } = Object.assign(
      new MemorySessionStore(),
      {
        name: 'mine',
      },
    );
    const { store } = breakable(sound);
    expect(Reflect.get(store, 'name')).toBe('mine');
    expect(Reflect.get(store, 'nothing')).toBeUndefined();
    await store.close?.();
  });
});

// The phone of the playground: the same client as in the frames, in Node.js, with the refresh token in its memory.

import { createClient, type Client } from '@tokenpair/client';

export interface Phone {
  signIn(): Promise<unknown>;
  call(): Promise<unknown>;
  /** Ends every session of the user. */
  signOutEverywhere(): Promise<unknown>;
  close(): void;
}

/** @param url - of the listener that belongs to the phone. */
export function createPhone(url: string): Phone {
  let stored: string | undefined;
  const client: Client = createClient({
    mount: `${url}/auth`,
    transport: 'body',
    storage: {
      get: () => stored,
      set: (value) => {
        stored = value;
      },
      delete: () => {
        stored = undefined;
      },
    },
  });
  return {
    signIn: () =>
      client.signIn(() =>
        fetch(`${url}/login`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ username: 'alan', password: 'turing' }),
        }),
      ),
    call: () => client.fetch(`${url}/me`),
    signOutEverywhere: () => client.signOut({ all: true }),
    close: () => client.close(),
  };
}

// A program: without the types of the DOM.
import { createClient, type Client, type Refusal, type TokenStorage } from '@tokenpair/client';

export function open(storage: TokenStorage): Client {
  return createClient({ mount: 'https://api.test/auth', transport: 'body', storage });
}

export const actionOf = ({ action }: Refusal): string => (action === 'login' ? 'sign in' : action);

// @ts-expect-error -- an option that does not exist
createClient({ mount: 'https://api.test/auth', transport: 'cookie', mountt: '/auth' });

// A page: with the types of the DOM, and without those of Node.js.
import { createClient, isClientError, type SessionState } from '@tokenpair/client';

const client = createClient({ mount: '/auth', transport: 'cookie', onSignedOut: () => {} });
const state: SessionState = client.session();
export const id: string | undefined = state.status === 'signed-in' ? state.sessionId : undefined;

export async function load(signal: AbortSignal): Promise<unknown> {
  try {
    const response: Response = await client.fetch('/me', { signal });
    return await response.json();
  } catch (error) {
    if (isClientError(error) && error.code === 'unavailable') return error.refusal?.retry_after;
    throw error;
  }
}

// @ts-expect-error -- with the transport `body` there is a storage
createClient({ mount: '/auth', transport: 'body' });

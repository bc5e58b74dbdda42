// Emits events about a session, with what the application says of the request.

import type { Emit, SessionEventOf } from '../hooks/events.js';

/** Emits an event about a session. */
export function emitAbout(
  {
    tokens,
    request,
  }: { readonly tokens: { readonly hooks: { readonly emit: Emit } }; readonly request?: unknown },
  { sessionId, subject }: { readonly sessionId: string; readonly subject: string },
  event: SessionEventOf,
): void {
  tokens.hooks.emit({ ...event, sessionId, subject, ...(request !== undefined && { request }) });
}

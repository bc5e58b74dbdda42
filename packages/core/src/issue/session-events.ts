// Emits events about a session, with its metadata and with what the application says of the request.

import type { Emit, RefreshRefusal, SessionEventOf, Untimed } from '../hooks/events.js';
import type { AuthErrorCode } from '../errors/error-table.js';
import { frozenCopy } from '../lib/frozen.js';

/** A call of the application, as far as its events need it. */
export interface EmittingCall {
  readonly tokens: { readonly hooks: { readonly emit: Emit } };
  /** What the application says of the request. */
  readonly request?: unknown;
  /** The probable mistake of the developer, if the call is refused. */
  readonly hint?: string | undefined;
}

/** The session of an event; with its metadata, if the caller has the record. */
export interface EventSession {
  readonly sessionId: string;
  readonly subject: string;
  readonly data?: { readonly metadata: Readonly<Record<string, unknown>> };
}

/** Emits an event about a session. */
export function emitAbout(call: EmittingCall, session: EventSession, event: SessionEventOf): void {
  const emitted = { ...metadataAlways(session, event), ...event, ...namesOf(session) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that SessionEventOf leaves out are added here
  call.tokens.hooks.emit({ ...emitted, ...requestOf(call) } as Untimed);
}

/** Emits that a refresh was refused. Of a session that was not read, only the ID of a genuine token is given. */
export function emitRefusal(
  call: EmittingCall,
  session: Partial<EventSession> | undefined,
  refusal: { readonly reason: RefreshRefusal; readonly code: AuthErrorCode },
): void {
  const { hooks } = call.tokens;
  const hint = call.hint === undefined ? {} : { hint: call.hint };
  hooks.emit({
    type: 'refresh.refused',
    ...refusal,
    ...namesOf(session),
    ...hint,
    ...requestOf(call),
  });
}

// A copy for each event: the listener cannot change what is stored or signed.
function namesOf({ sessionId, subject, data }: Partial<EventSession> = {}) {
  return {
    ...(sessionId !== undefined && { sessionId }),
    ...(subject !== undefined && { subject }),
    ...(data !== undefined &&
      Object.keys(data.metadata).length > 0 && { metadata: frozenCopy(data.metadata) }),
  };
}

// A mail about theft is written from it, so its type is not optional there.
function metadataAlways({ data }: EventSession, { type }: SessionEventOf): object {
  const isReuse = type === 'refresh.reused' && data !== undefined;
  return isReuse ? { metadata: frozenCopy(data.metadata) } : {};
}

function requestOf({ request }: EmittingCall): { readonly request?: unknown } {
  return request === undefined ? {} : { request };
}

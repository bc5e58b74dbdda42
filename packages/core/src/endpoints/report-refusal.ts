// Emits the refusals of endpoints that no other event reports: of the request itself, before a token is looked at.

import type { IncomingMessage } from 'node:http';

import { isAuthError, type AuthError } from '../errors/auth-error.js';
import { InvalidClientError, InvalidRequestError } from '../errors/errors.js';
import type { RefreshRefusal } from '../hooks/events.js';
import { aboutOrigin } from '../verify/origin.js';
import type { EndpointContext } from './endpoint.js';
import { hintAtMediaType } from './misplaced-refresh-token.js';

/** What a request asks for, as far as events tell it apart. */
type Purpose = 'refresh' | 'other';

/** Runs an endpoint; a refusal of the request is emitted, and thrown again. */
export async function reportingRefusals<T>(
  context: EndpointContext,
  request: IncomingMessage,
  purpose: Purpose,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    reportRefusal(context, request, purpose, error);
    throw error;
  }
}

/** Emits the refusal of a request, if the error is one. */
export function reportRefusal(
  { tokens, describe }: Pick<EndpointContext, 'tokens' | 'describe'>,
  request: IncomingMessage,
  purpose: Purpose,
  error: unknown,
): void {
  if (!isAuthError(error)) return;
  const { code } = error;
  const reason = purpose === 'refresh' ? reasonOf(error) : undefined;
  const hint = code === 'media_type_unsupported' ? hintAtMediaType(request) : undefined;
  if (reason === undefined && hint === undefined && !reportedHere.has(code)) return;
  const described = describe(request);
  const more = {
    code,
    ...(code === 'origin_refused' && aboutOrigin(request)),
    ...(hint !== undefined && { hint }),
    ...(described !== undefined && { request: described }),
  };
  tokens.hooks.emit(
    reason === undefined
      ? { type: 'request.refused', ...more }
      : { type: 'refresh.refused', reason, ...more },
  );
}

// Other refusals of a login are emitted where they are decided, and those of an access token by its verification.
const reportedHere: ReadonlySet<string> = new Set([
  'origin_refused',
  'authentication_insufficient',
]);

// Other refusals of a refresh are emitted where they are decided.
function reasonOf(error: AuthError): RefreshRefusal | undefined {
  if (error.code === 'origin_refused') return 'origin';
  if (error instanceof InvalidClientError) return 'client';
  return error instanceof InvalidRequestError ? 'malformed' : undefined;
}

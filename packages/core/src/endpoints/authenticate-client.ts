// Client authentication at `/token` and `/revoke`. RFC 6749 §2.3

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidClientError, InvalidRequestError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { textParameter, type Parameters } from './read-parameters.js';

/** The credentials that a request contains, at most once. */
export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
}

/**
 * Returns whether a client may use the OAuth endpoints. Only `true` lets it pass. Compare secrets in constant time.
 *
 * @param client - frozen; `undefined` when the request contains no credentials.
 * @param request - the request itself.
 */
export type ClientAuthentication = (
  client: ClientCredentials | undefined,
  request: IncomingMessage,
) => boolean | Promise<boolean>;

/** Calls the option `authenticateClient`, if there is one. Refuses credentials that are malformed or given twice. */
export async function requireClient(
  tokens: TokenIssuer,
  authenticateClient: ClientAuthentication | undefined,
  request: IncomingMessage,
  parameters: Parameters,
): Promise<void> {
  if (authenticateClient === undefined) return;
  const client = readClient(request, parameters);
  const passes = await callHook(
    tokens.hooks,
    'authenticateClient',
    () => authenticateClient(client && Object.freeze(client), request),
    (answer) => answer === true,
  );
  if (!passes) throw new InvalidClientError(tokens.verifier.space);
}

function readClient(
  request: IncomingMessage,
  parameters: Parameters,
): ClientCredentials | undefined {
  const basic = fromBasic(request.headers.authorization);
  const clientId = textParameter(parameters, 'client_id') ?? basic?.clientId;
  const clientSecret = textParameter(parameters, 'client_secret');
  const isTwice = basic && (clientSecret !== undefined || clientId !== basic.clientId);
  if (isTwice) throw new InvalidRequestError();
  if (basic !== undefined || clientId === undefined) return basic;
  return { clientId, ...(clientSecret !== undefined && { clientSecret }) };
}

// Name and secret are form-encoded before they are joined, unlike in any other use of Basic. RFC 6749 §2.3.1
function fromBasic(authorization = ''): ClientCredentials | undefined {
  if (!/^basic(?: |$)/i.test(authorization)) return undefined;
  const encoded = authorization.slice('basic'.length).trim();
  // Buffer skips characters that are not base64: the comma of two lines that a proxy has joined, for example.
  if (!/^[\w+/-]+=*$/.test(encoded)) throw new InvalidRequestError();
  const [, name = '', secret = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const [clientId, clientSecret] = [formDecode(name), formDecode(secret)];
  if (!clientId || clientSecret === undefined) throw new InvalidRequestError();
  return { clientId, clientSecret };
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

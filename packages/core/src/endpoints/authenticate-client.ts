// On the OAuth dialect's journeys: which client asks. RFC 6749 §2.3

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidClientError, InvalidRequestError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { textParameter, type Parameters } from './read-parameters.js';

/** What a client says of itself, at most once. */
export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
}

/**
 * Answers whether a client may use the OAuth endpoints; `undefined` when the request names none. Only `true` passes.
 * `client` is frozen; `request` is the request itself.
 * Compare secrets in constant time.
 */
export type ClientAuthentication = (
  client: ClientCredentials | undefined,
  request: IncomingMessage,
) => boolean | Promise<boolean>;

/**
 * Asks the application about the client, where it wants to be asked.
 *
 * @throws {@link InvalidRequestError} (400) credentials that are malformed or given twice.
 * @throws {@link InvalidClientError} (401) the application does not know the client.
 */
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
  const clientId = textParameter(parameters, 'client_id');
  const clientSecret = textParameter(parameters, 'client_secret');
  if (basic !== undefined) {
    const agrees = clientId === undefined || clientId === basic.clientId;
    if (clientSecret !== undefined || !agrees) throw new InvalidRequestError();
    return basic;
  }
  if (clientId === undefined) return undefined;
  return { clientId, ...(clientSecret !== undefined && { clientSecret }) };
}

// Name and secret are form-encoded before they are joined, unlike in any other use of Basic. RFC 6749 §2.3.1
function fromBasic(authorization = ''): ClientCredentials | undefined {
  if (!/^basic(?: |$)/i.test(authorization)) return undefined;
  const encoded = authorization.slice('basic'.length).trim();
  // Buffer passes over what is no base64: two lines that a proxy has joined by a comma, for example.
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

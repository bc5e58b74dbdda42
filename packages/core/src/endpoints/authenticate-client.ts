// Client authentication at `/token` and `/revoke`. RFC 6749 §2.3

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidClientError, InvalidRequestError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import type { ExpectedClient } from '../issue/judge-refresh.js';
import { isObject } from '../lib/options.js';
import { textParameter, type Parameters } from './read-parameters.js';

/** The credentials that a request contains, at most once. */
export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
}

/**
 * Authenticates the client of a request to `/token` or `/revoke`. Compare secrets in constant time.
 *
 * `{ clientId }`: the client may use the sessions that were granted to it (`clientId` of the login). `true`: it may use them, and
 * also sessions that were granted to no client. Every other answer refuses the client.
 *
 * @param client - frozen; `undefined` when the request contains no credentials.
 * @param request - the request itself.
 */
export type ClientAuthentication = (
  client: ClientCredentials | undefined,
  request: IncomingMessage,
) => ClientAnswer | Promise<ClientAnswer>;

type ClientAnswer = boolean | { readonly clientId: string };

/**
 * Calls the option `authenticateClient`, if there is one. Refuses credentials that are malformed or given twice.
 *
 * @returns whose sessions the client may use; `undefined` without the option: then it is not compared.
 */
export async function requireClient(
  tokens: TokenIssuer,
  authenticateClient: ClientAuthentication | undefined,
  request: IncomingMessage,
  parameters: Parameters,
): Promise<ExpectedClient | undefined> {
  if (authenticateClient === undefined) return undefined;
  const client = readClient(request, parameters);
  const expected = await callHook(
    tokens.hooks,
    'authenticateClient',
    () => authenticateClient(client && Object.freeze(client), request),
    (answer) => toExpectedClient(answer, client),
  );
  if (expected === undefined) {
    // A browser opens its password dialog at a challenge that nothing has asked for. RFC 6749 §5.2
    const hasHeader = request.headers.authorization !== undefined;
    throw new InvalidClientError(hasHeader ? tokens.verifier.space : undefined);
  }
  return expected;
}

function toExpectedClient(
  answer: unknown,
  client: ClientCredentials | undefined,
): ExpectedClient | undefined {
  if (answer === true) return { clientId: client?.clientId, orNone: true };
  const clientId = isObject(answer) ? answer['clientId'] : undefined;
  return typeof clientId === 'string' && clientId !== '' ? { clientId } : undefined;
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

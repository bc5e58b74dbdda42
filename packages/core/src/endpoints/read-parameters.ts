// Reads the parameters in the body of a request, parsed or not.

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

import { InvalidRequestError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { parseUniqueJson } from '../lib/unique-json.js';
import { warnOnce } from '../lib/warn-once.js';

/** The parameters of a request. Their values are not checked. */
export type Parameters = Readonly<Record<string, unknown>>;

const maxBodyBytes = 8_192;
export const formType = 'application/x-www-form-urlencoded';

export interface ReadingOptions {
  /** When false, a body that a middleware has read and not left counts as empty. @defaultValue true */
  readonly isNeeded?: boolean | undefined;
  /** Whether JSON is refused. What a parser has left is not checked. @defaultValue false */
  readonly isForm?: boolean | undefined;
}

/**
 * Takes the body that a parser has left, or reads it: JSON or a URL-encoded form, at most 8 192 bytes.
 *
 * @throws {@link InvalidRequestError} (400) it is neither an object nor a form, or a middleware has read it and left nothing
 * (`cause` and a process warning say so); (408) it did not arrive within `deadline` milliseconds; (413) it is too large;
 * (415) it is of another type.
 */
export async function readParameters(
  request: IncomingMessage,
  parsed: unknown,
  deadline: number,
  { isNeeded = true, isForm = false }: ReadingOptions = {},
): Promise<Parameters> {
  const types = isForm ? [formType] : ['application/json', formType];
  if (typeof parsed === 'string') return parse(request, Buffer.from(parsed), types);
  if (parsed instanceof Uint8Array) return parse(request, Buffer.from(parsed), types);
  // Parsers of Express 4 leave an empty object when the type is not theirs, and the body is still unread.
  if (isObject(parsed) && Object.keys(parsed).length > 0) return parsed;
  if (!isObject(parsed ?? {})) throw new InvalidRequestError();
  // A middleware has read a body that was not empty, or a part of it. Only the application's developer can repair that.
  if (request.readableDidRead && !isObject(parsed)) {
    warnOnce('TOKENPAIR_BODY_GONE', bodyIsGone);
    if (!isNeeded) return {};
    throw new InvalidRequestError('request_malformed', { cause: new Error(bodyIsGone) });
  }
  // A body that has been read was empty, or is what a parser has left.
  const isRead = request.readableDidRead || request.readableEnded;
  return parse(request, isRead ? Buffer.alloc(0) : await read(request, deadline), types);
}

const bodyIsGone =
  'A middleware in front of the token endpoints has read the body of a request and has not left it in `body` of the ' +
  'request (Express: `req.body`, Koa: `ctx.request.body`). Put the token endpoints in front of that middleware, or let ' +
  'it leave what it has read there: the text, the bytes or the parsed object.';

/** One parameter as text; `undefined` when it is missing, empty or `null`. Refused when it is there twice. RFC 6749 §3.2 */
export function textParameter(parameters: Parameters, name: string): string | undefined {
  const value = (Object.hasOwn(parameters, name) ? parameters[name] : undefined) ?? '';
  if (typeof value !== 'string') throw new InvalidRequestError();
  return value === '' ? undefined : value;
}

/** The media type of a body in lower case, without parameters; `undefined` when the request names none. */
export function mediaTypeOf(request: IncomingMessage): string | undefined {
  requireOneLine(request, 'content-type');
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

// Of several lines Node keeps the first, and a proxy may have checked the last. RFC 9110 §5.3
export function requireOneLine({ rawHeaders = [] }: Partial<IncomingMessage>, name: string): void {
  const lines = rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name);
  if (lines.length > 1) throw new InvalidRequestError();
}

function parse(request: IncomingMessage, bytes: Buffer, types: readonly string[]): Parameters {
  if (bytes.length === 0) return {};
  const type = mediaTypeOf(request) ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new InvalidRequestError('media_type_unsupported', {
      headers: { 'Accept-Encoding': 'identity' },
    });
  }
  const isJson = /^application\/(?:[\w.+-]+\+)?json$/.test(type);
  if (isJson && types.includes('application/json')) return parseJson(bytes);
  if (type === formType) return parseForm(bytes);
  throw unsupportedType(types);
}

/** The error for a body of another type. Its `Accept` header names the right ones. RFC 9110 §15.5.16 */
export function unsupportedType(types: readonly string[]): InvalidRequestError {
  return new InvalidRequestError('media_type_unsupported', {
    headers: { Accept: types.join(', ') },
  });
}

function parseJson(bytes: Buffer): Parameters {
  let value: unknown;
  try {
    value = parseUniqueJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InvalidRequestError();
  }
  if (!isObject(value)) throw new InvalidRequestError();
  return value;
}

function parseForm(bytes: Buffer): Parameters {
  const parameters = new Map<string, unknown>();
  // A parameter that is there twice becomes an array, which textParameter refuses.
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    parameters.set(name, parameters.has(name) ? [parameters.get(name), value] : value);
  }
  return Object.fromEntries(parameters);
}

function read(request: IncomingMessage, deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(refuse, deadline, 'request_timeout');
    request.on('data', take).once('end', finish).once('close', abort).once('error', abort);
    // A middleware may have paused it.
    request.resume();
    if (request.destroyed) abort();
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) refuse('request_too_large');

    function take(chunk: Buffer | string): void {
      // A middleware may have set an encoding: then every chunk is a string.
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, request.readableEncoding ?? 'utf8') : chunk;
      length += bytes.length;
      if (length > maxBodyBytes) refuse('request_too_large');
      else chunks.push(bytes);
    }
    function finish(): void {
      stop();
      resolve(Buffer.concat(chunks));
    }
    function refuse(code: 'request_timeout' | 'request_too_large'): void {
      stop();
      // The rest of the body is discarded until the response has closed the connection.
      request.resume();
      reject(new InvalidRequestError(code, { headers: closing(request) }));
    }
    function abort(): void {
      stop();
      reject(new InvalidRequestError());
    }
    function stop(): void {
      clearTimeout(timer);
      request.off('data', take).off('end', finish).off('close', abort);
    }
  });
}

// HTTP/2 forbids headers about the connection: there, the stream is closed after the response. RFC 9113 §8.1, §8.2.2
function closing(
  request: IncomingMessage & Partial<Pick<Http2ServerRequest, 'stream'>>,
): Readonly<Record<string, string>> {
  if (!(request.httpVersionMajor >= 2)) return { Connection: 'close' };
  const { stream } = request;
  stream?.once('finish', () => stream.close());
  return {};
}

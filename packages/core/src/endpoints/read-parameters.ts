// On the refresh and logout journeys: request to the parameters in its body, whether somebody has parsed it or not.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { parseUniqueJson } from '../lib/unique-json.js';

/** The parameters of a request as they came: nothing is known of their types. */
export type Parameters = Readonly<Record<string, unknown>>;

const maxBodyBytes = 8_192;

/**
 * Takes the body that a parser left, or reads it: JSON or a URL-encoded form.
 *
 * @throws {@link InvalidRequestError} (400) it is neither an object nor a form; (408) it did not come within
 * `deadline` milliseconds; (413) it is too large; (415) it is of another type.
 */
export async function readParameters(
  request: IncomingMessage,
  parsed: unknown,
  deadline: number,
): Promise<Parameters> {
  if (typeof parsed === 'string') return parse(request, Buffer.from(parsed));
  if (parsed instanceof Uint8Array) return parse(request, Buffer.from(parsed));
  // Parsers of Express 4 leave an empty object behind when the type was none of theirs and the body is still to read.
  const mayBeLeftOver = isObject(parsed) && Object.keys(parsed).length === 0;
  if (parsed !== undefined && parsed !== null && !mayBeLeftOver) {
    if (!isObject(parsed)) throw new InvalidRequestError();
    return parsed;
  }
  return parse(request, request.readableDidRead ? Buffer.alloc(0) : await read(request, deadline));
}

/**
 * One parameter as text. An empty one, and `null`, count as left out. RFC 6749 §3.2
 *
 * @throws {@link InvalidRequestError} (400) it came twice or is no text.
 */
export function textParameter(parameters: Parameters, name: string): string | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new InvalidRequestError();
  return value;
}

function parse(request: IncomingMessage, bytes: Buffer): Parameters {
  if (bytes.length === 0) return {};
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') {
    if (/^application\/(?:[\w.+-]+\+)?json$/.test(type)) return parseJson(bytes);
    if (type === 'application/x-www-form-urlencoded') return parseForm(bytes);
  }
  throw new InvalidRequestError('media_type_unsupported');
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
  // What comes twice is remembered as what it is, and refused where it is asked for.
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
    if (request.destroyed) abort();
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) refuse('request_too_large');

    function take(chunk: Buffer): void {
      length += chunk.length;
      if (length > maxBodyBytes) refuse('request_too_large');
      else chunks.push(chunk);
    }
    function finish(): void {
      stop();
      resolve(Buffer.concat(chunks));
    }
    function refuse(code: 'request_timeout' | 'request_too_large'): void {
      stop();
      // What still comes is thrown away until the answer has closed the connection.
      request.resume();
      reject(new InvalidRequestError(code, { headers: { Connection: 'close' } }));
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

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import {
  readParameters,
  textParameter,
} from '../../../packages/core/src/endpoints/read-parameters.js';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

function arriving(chunks: readonly string[], headers: Readonly<Record<string, string>> = form) {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

describe('the parameters of a request', () => {
  test('are read from the body when no parser has set them', async () => {
    for (const parsed of [undefined, null, {}]) {
      const parameters = await readParameters(arriving(['a=1&', 'b=2']), parsed, 1_000);
      expect(parameters).toEqual({ a: '1', b: '2' });
    }
  });

  test('are those that a parser has set, even when the body is still unread', async () => {
    const request = arriving(['a=1']);
    expect(await readParameters(request, { a: '2' }, 1_000)).toEqual({ a: '2' });
    expect(request.readableDidRead).toBe(false);
  });

  test('are parsed from the text or bytes that a parser has left', async () => {
    for (const parsed of ['a=1', Buffer.from('a=1'), new TextEncoder().encode('a=1')]) {
      expect(await readParameters(arriving([]), parsed, 1_000)).toEqual({ a: '1' });
    }
  });

  test('are empty when other code has read the body and it was empty', async () => {
    const request = arriving([]);
    await text(request);
    expect(await readParameters(request, undefined, 1_000)).toEqual({});
  });

  test('are the empty ones that a parser has set when the body has been read', async () => {
    const request = arriving(['{}']);
    await text(request);
    expect(await readParameters(request, {}, 1_000)).toEqual({});
  });

  test('are refused when other code has read the body and left no result', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const request = arriving(['a=1']);
    await text(request);
    await expect(readParameters(request, undefined, 1_000)).rejects.toMatchObject({
      code: 'request_malformed',
      cause: { message: expect.stringContaining('Put the token endpoints in front') },
    });
    warn.mockRestore();
  });

  test('are refused when other code has read a part of the body', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const request = arriving(['a=1&', 'b=2']);
    await once(request, 'readable');
    request.read();
    await expect(readParameters(request, undefined, 1_000)).rejects.toMatchObject({
      code: 'request_malformed',
    });
    warn.mockRestore();
  });

  test.each(['utf8', 'latin1', 'hex', 'base64'] as const)(
    'are read from a request that other code has set to the encoding %s',
    async (encoding) => {
      const request = arriving(['a=1&', 'b=%C3%BC']);
      request.setEncoding(encoding);
      expect(await readParameters(request, undefined, 1_000)).toEqual({ a: '1', b: 'ü' });
    },
  );

  test.each([[7], [true], [['a']], [() => ({})]])('are not %p', async (parsed) => {
    await expect(readParameters(arriving([]), parsed, 1_000)).rejects.toMatchObject({
      code: 'request_malformed',
    });
  });

  test.each([
    { how: 'breaks', error: new Error('read ECONNRESET') },
    { how: 'closes before the body has ended', error: undefined },
  ])('are refused when the connection $how', async ({ error }) => {
    const request = Object.assign(new Readable({ read() {} }), { headers: form });
    const reading = readParameters(request as unknown as IncomingMessage, undefined, 1_000);
    request.push('a=');
    request.destroy(error);
    await expect(reading).rejects.toMatchObject({ code: 'request_malformed' });
  });

  test('are refused at once when the client disconnected before they were read', async () => {
    const request = Object.assign(new Readable({ read() {} }), { headers: form });
    request.destroy();
    await new Promise(setImmediate);
    const reading = readParameters(request as unknown as IncomingMessage, undefined, 60_000);
    await expect(reading).rejects.toMatchObject({ code: 'request_malformed' });
  });

  test('leave no listeners on a request that was read', async () => {
    const request = arriving(['a=1']);
    await readParameters(request, undefined, 1_000);
    expect(request.listenerCount('data')).toBe(0);
    expect(request.listenerCount('close')).toBe(0);
  });
});

describe('the parameters in a JSON body', () => {
  const json = { 'content-type': 'application/json' };

  test.each([
    '{"refresh_token":"a","refresh_token":"b"}',
    '{"refresh_token":"a","refresh_token":"a"}',
    '{"refresh_token":"a","refresh\\u005ftoken":"b"}',
    '{"refresh_token":"a","scope":"x","refresh_token":null}',
    '{"other":1,"refresh_token":"a","other":2}',
    '{"refresh_token":"a","other":{"x":1,"x":2}}',
  ])('are refused when one comes twice: %s', async (body) => {
    const refused = { code: 'request_malformed', status: 400 };
    const half = body.length / 2;
    const whole = arriving([body.slice(0, half), body.slice(half)], json);
    await expect(readParameters(whole, undefined, 1_000)).rejects.toMatchObject(refused);
    for (const parsed of [body, Buffer.from(body)]) {
      const read = readParameters(arriving([], json), parsed, 1_000);
      await expect(read).rejects.toMatchObject(refused);
    }
  });

  test('may repeat a name in a different object', async () => {
    const body = '{"refresh_token":"a","other":{"refresh_token":"b"}}';
    expect(await readParameters(arriving([body], json), undefined, 1_000)).toEqual({
      refresh_token: 'a',
      other: { refresh_token: 'b' },
    });
  });
});

describe('one parameter', () => {
  test.each([undefined, null, ''])('counts as absent when it is %p', (value) => {
    expect(textParameter({ name: value }, 'name')).toBeUndefined();
  });

  test('is never read from the prototype', () => {
    expect(textParameter(Object.create({ name: 'x' }) as object as never, 'name')).toBeUndefined();
    expect(textParameter({}, 'constructor')).toBeUndefined();
  });

  test.each([7, true, [], ['x'], {}])('is refused when it is %p', (value) => {
    expect(() => textParameter({ name: value }, 'name')).toThrow(
      expect.objectContaining({ code: 'request_malformed' }),
    );
  });
});

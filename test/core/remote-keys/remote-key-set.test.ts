import { randomBytes, type KeyObject } from 'node:crypto';
import { Agent } from 'node:https';
import { gzipSync } from 'node:zlib';

import {
  remoteKeySet,
  type Algorithm,
  type RemoteKeySetOptions,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { drip, flood, startKeyEndpoint, type KeyEndpoint } from '../../support/key-endpoint.js';
import { ask, atHand } from '../../support/key-source.js';
import { createKeyPair } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';
import { runInChild } from '../../support/run-in-child.js';
import { testCertificate } from '../../support/test-certificate.js';

const unavailable = { code: 'temporarily_unavailable', status: 503 };
const ec = createKeyPair('ES256');
const rsa = createKeyPair('RS256');
const jwk = (key: KeyObject, members: object = {}) => ({
  ...key.export({ format: 'jwk' }),
  ...members,
});
const good = jwk(ec.publicKey, { kid: 'good', alg: 'ES256', use: 'sig' });
const goodSet = { keys: [good] };
const refused = (cause: object) => ({ ...unavailable, cause: expect.objectContaining(cause) });

let endpoint: KeyEndpoint;
beforeEach(async () => {
  endpoint = await startKeyEndpoint(goodSet);
});
afterEach(async () => {
  // No answer, however bad, leaves a connection open.
  try {
    await endpoint.untilIdle();
  } finally {
    await endpoint.close();
  }
});

/** A key set at the endpoint, on a clock that the test sets. */
function createKeySet(options: RemoteKeySetOptions = {}) {
  const clock = createTestClock();
  const events: TokenpairEvent[] = [];
  const keys = remoteKeySet(`${endpoint.address}/jwks?key=s3cret`, {
    clock: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { keys, clock, events };
}

describe('a remote key set', () => {
  it('fetches nothing before a key is looked up, and then once', async () => {
    const { keys } = createKeySet();
    expect(endpoint.requests).toHaveLength(0);
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good', algorithm: 'ES256' });
    expect(atHand(keys, 'good')).toMatchObject({ kid: 'good' });
    expect(atHand(keys, 'other')).toBeUndefined();
    expect(endpoint.requests).toHaveLength(1);
  });

  it('asks for JSON that is not encoded, with the headers of the application', async () => {
    const { keys } = createKeySet({ headers: { 'X-Api-Key': 'abc', 'Accept-Encoding': 'gzip' } });
    await ask(keys, 'good');
    const [request] = endpoint.requests;
    expect(request?.method).toBe('GET');
    expect(request?.url).toBe('/jwks?key=s3cret');
    expect(request?.headers).toMatchObject({
      accept: 'application/json, application/jwk-set+json',
      'accept-encoding': 'identity',
      'x-api-key': 'abc',
    });
  });

  it('follows an endpoint that answers with another set each time', async () => {
    const { keys, clock } = createKeySet();
    let known: unknown;
    for (const kid of ['1', '2', '3']) {
      endpoint.answer = { keys: [jwk(createKeyPair('ES256').publicKey, { kid })] };
      await expect(ask(keys, kid)).resolves.toMatchObject({ kid });
      expect(atHand(keys, kid)).not.toBe(known);
      known = atHand(keys, kid);
      clock.advance(30);
    }
    await expect(ask(keys, '1')).resolves.toBeUndefined();
  });

  it('is fetched at most once per cooldown for a thousand unknown kids, and known keys keep working', async () => {
    const { keys, clock } = createKeySet();
    const askForUnknown = () =>
      Promise.all(
        Array.from({ length: 1_000 }, () => codeOf(ask(keys, randomBytes(8).toString('hex')))),
      );
    const known = await ask(keys, 'good');
    await askForUnknown();
    expect(endpoint.requests).toHaveLength(1);
    clock.advance(30);
    const outcomes = askForUnknown();
    expect(atHand(keys, 'good')).toBe(known);
    expect(new Set(await outcomes)).toEqual(new Set(['ok']));
    await askForUnknown();
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe('of the keys in a set', () => {
  const other = jwk(createKeyPair('ES256').publicKey, { kid: 'other' });
  const secret = { kty: 'oct', k: randomBytes(64).toString('base64url'), kid: 'secret' };

  it.each<[string, unknown]>([
    ['a shared secret', secret],
    ['a shared secret for an algorithm that is allowed', { ...secret, alg: 'ES256' }],
    ['a private EC key', jwk(ec.privateKey, { kid: 'bad' })],
    ['a private RSA key', jwk(rsa.privateKey, { kid: 'bad' })],
    ['a key to encrypt with', { ...other, kid: 'bad', use: 'enc' }],
    ['a key for another operation', { ...other, kid: 'bad', key_ops: ['deriveKey'] }],
    ['a key for an algorithm that is not allowed', { ...other, kid: 'bad', alg: 'HS256' }],
    ['a key for an algorithm that it does not fit', { ...other, kid: 'bad', alg: 'RS256' }],
    ['a key whose kid is no text', { ...other, kid: 5 }],
    ['a key that cannot be read', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'bad' }],
    ['a key of an unknown kind', { kty: 'XYZ', kid: 'bad' }],
    ['null', null],
    ['a text', 'key'],
    ['an array', [good]],
  ])('%s is left out, and the others are used', async (_what, bad) => {
    endpoint.answer = { keys: [bad, good, bad] };
    const { keys, events } = createKeySet();
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
    for (const kid of ['bad', 'secret', '5', 'undefined', '']) {
      expect(atHand(keys, kid)).toBeUndefined();
    }
    expect(events).toEqual([]);
  });

  it('two that differ under one kid are both left out, and the others are used', async () => {
    const twin = jwk(rsa.publicKey, { kid: 'twin' });
    endpoint.answer = { keys: [{ ...other, kid: 'twin' }, good, twin, { ...other, kid: 'twin' }] };
    const { keys } = createKeySet();
    await expect(ask(keys, 'twin')).resolves.toBeUndefined();
    expect(atHand(keys, 'good')).toMatchObject({ kid: 'good' });
  });

  it('the same key twice counts once', async () => {
    endpoint.answer = { keys: [good, good] };
    await expect(ask(createKeySet().keys, 'good')).resolves.toMatchObject({ kid: 'good' });
  });

  it('an unusable key does not exclude a usable one with the same kid', async () => {
    endpoint.answer = { keys: [{ ...secret, kid: 'good' }, good] };
    await expect(ask(createKeySet().keys, 'good')).resolves.toMatchObject({ algorithm: 'ES256' });
  });

  it('one without alg is for the first algorithm that fits', async () => {
    endpoint.answer = {
      keys: [
        jwk(rsa.publicKey, { kid: 'rsa' }),
        jwk(createKeyPair('ES384').publicKey, { kid: 'ec' }),
        jwk(createKeyPair('EdDSA').publicKey, { kid: 'ed' }),
      ],
    };
    const { keys } = createKeySet();
    await expect(ask(keys, 'rsa')).resolves.toMatchObject({ algorithm: 'RS256' });
    expect(atHand(keys, 'ec')).toMatchObject({ algorithm: 'ES384' });
    expect(atHand(keys, 'ed')).toMatchObject({ algorithm: 'EdDSA' });
    const { keys: ordered } = createKeySet({ algorithms: ['ES256', 'PS384', 'RS256'] });
    await expect(ask(ordered, 'rsa')).resolves.toMatchObject({ algorithm: 'PS384' });
    expect(atHand(ordered, 'ec')).toBeUndefined();
  });

  it('one with alg is for no other algorithm', async () => {
    endpoint.answer = { keys: [good, jwk(rsa.publicKey, { kid: 'rsa', alg: 'PS256' })] };
    const { keys } = createKeySet();
    await expect(ask(keys, 'rsa')).resolves.toMatchObject({ algorithm: 'PS256' });
    const { keys: narrow } = createKeySet({ algorithms: ['ES256', 'RS256'] });
    await expect(ask(narrow, 'rsa')).resolves.toBeUndefined();
    expect([...narrow.algorithms]).toEqual(['ES256', 'RS256']);
  });

  it('a hundred are used', async () => {
    const more = Array.from({ length: 99 }, (_, index) => ({ ...good, kid: `${index}` }));
    endpoint.answer = { keys: [good, ...more] };
    await expect(ask(createKeySet().keys, 'good')).resolves.toMatchObject({ kid: 'good' });
  });
});

const json =
  (value: unknown): KeyEndpoint['answer'] =>
  (_request, response) =>
    response.end(JSON.stringify(value));
const status =
  (code: number, headers: Record<string, string> = {}): KeyEndpoint['answer'] =>
  (_request, response) =>
    response.writeHead(code, headers).end(JSON.stringify(goodSet));

describe('an endpoint has not answered with a key set when it', () => {
  const answers: [string, KeyEndpoint['answer'], RegExp?][] = [
    ['never answers', () => {}, /no answer within 2000 ms/],
    ['drips', (_request, response) => drip(response, ' '), /no answer within 2000 ms/],
    [
      'drips headers',
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'X: 1\r\n');
      },
      /no answer within 2000 ms/,
    ],
    ['redirects', status(302, { Location: '/elsewhere' }), /status 302/],
    ['redirects permanently', status(308, { Location: '/elsewhere' }), /status 308/],
    ['answers with an error', status(500), /status 500/],
    ['answers with another success', status(203), /status 203/],
    ['answers that nothing is there', status(404), /status 404/],
    ['answers with HTML', (_request, response) => response.end('<!doctype html><p>Sign in</p>')],
    ['answers with nothing', (_request, response) => response.end()],
    [
      'answers with half a set',
      (_request, response) => response.end(JSON.stringify(goodSet).slice(0, -2)),
    ],
    [
      'answers with bytes that are no text',
      (_request, response) => response.end(Buffer.from([0x7b, 0xff, 0x7d])),
    ],
    ['answers with an array', json([good])],
    ['answers with a text', json('keys')],
    ['answers with null', json(null)],
    ['answers without keys', json({ error: 'none' }), /not a key set/],
    ['answers with keys that are no array', json({ keys: { good } }), /not a key set/],
    ['answers with no key', json({ keys: [] }), /no key can be used/],
    [
      'answers with no key that can be used',
      json({ keys: [{ ...good, use: 'enc' }] }),
      /no key can be used/,
    ],
    ['answers with 101 keys', json({ keys: Array(101).fill(good) }), /more than 100 keys/],
    [
      'announces 10 MB',
      (_request, response) =>
        response.writeHead(200, { 'Content-Length': 10_000_000 }).end(' '.repeat(10_000_000)),
      /524288 bytes/,
    ],
    ['floods', flood, /524288 bytes/],
    [
      'answers with gzip',
      (_request, response) =>
        response
          .writeHead(200, { 'Content-Encoding': 'gzip' })
          .end(gzipSync(JSON.stringify(goodSet))),
      /encoded/,
    ],
    ['hangs up', (request) => request.socket.destroy()],
    [
      'hangs up in the middle',
      (request, response) => {
        response
          .writeHead(200, { 'Content-Length': 1_000 })
          .write('{', () => request.socket.destroy());
      },
    ],
    [
      'speaks something else than HTTP',
      (request) => request.socket.end('220 smtp.example.com\r\n'),
    ],
    [
      'switches protocols',
      (request) =>
        request.socket.end(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
        ),
    ],
  ];

  it.each(answers)('%s', async (_what, answer, message = /./) => {
    endpoint.answer = answer;
    // Short where nothing else ends the exchange, and long enough for the good answer of a busy machine.
    const deadline = message.source.includes('no answer') ? 2 : 15;
    const { keys, clock, events } = createKeySet({ deadline });
    const cause = expect.objectContaining({ message: expect.stringMatching(message) });
    await expect(ask(keys, 'good')).rejects.toMatchObject({ ...unavailable, cause });
    expect(events).toEqual([
      {
        type: 'keys.unavailable',
        time: expect.any(Number),
        source: `${endpoint.address}/jwks`,
        cause,
      },
    ]);
    await endpoint.untilIdle();

    endpoint.answer = goodSet;
    clock.advance(2);
    const known = await ask(keys, 'good');
    endpoint.answer = answer;
    clock.advance(600);
    expect(atHand(keys, 'good')).toBe(known);
    while (events.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(atHand(keys, 'good')).toBe(known);
    expect(endpoint.requests.every(({ url }) => url === '/jwks?key=s3cret')).toBe(true);
  });

  it('is not there at all', async () => {
    const { keys, clock, events } = createKeySet();
    await endpoint.close();
    const cause = expect.objectContaining({ code: 'ECONNREFUSED' });
    await expect(ask(keys, 'good')).rejects.toMatchObject({ ...unavailable, cause });
    expect(() => atHand(keys, 'good')).toThrow(expect.objectContaining(unavailable));
    clock.advance(2);
    await expect(ask(keys, 'good')).rejects.toMatchObject({ ...unavailable, cause });
    expect(events).toHaveLength(2);
  });

  it('and the 503 contains neither its URL nor the request nor the response', async () => {
    endpoint.answer = (_request, response) => response.writeHead(500).end('s3cret text');
    const { keys, events } = createKeySet({ headers: { 'X-Api-Key': 's3cret' } });
    const error = (await ask(keys, 'good').catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).not.toMatch(/127\.0\.0\.1|jwks/);
    expect(JSON.stringify((error as unknown as { headers: object }).headers)).not.toMatch(
      /127|jwks/,
    );
    expect(JSON.stringify(events) + String(error.cause)).not.toContain('s3cret');
  });
});

describe('over TLS', () => {
  let secure: KeyEndpoint;
  beforeEach(async () => {
    secure = await startKeyEndpoint(goodSet, { tls: true });
  });
  afterEach(() => secure.close());

  const askWith = (options: RemoteKeySetOptions, host = '127.0.0.1') =>
    ask(remoteKeySet(`${secure.address.replace('127.0.0.1', host)}/jwks`, options), 'good');

  it('a certificate of an authority in the option ca is accepted', async () => {
    await expect(askWith({ ca: testCertificate })).resolves.toMatchObject({ kid: 'good' });
    await expect(askWith({ ca: [testCertificate] })).resolves.toMatchObject({ kid: 'good' });
  });

  it('a certificate of an unknown authority is refused before anything is sent', async () => {
    await expect(askWith({})).rejects.toMatchObject(
      refused({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    );
    expect(secure.requests).toHaveLength(0);
  });

  it('a certificate for another host is refused', async () => {
    await expect(askWith({ ca: testCertificate }, 'localhost')).rejects.toMatchObject(
      refused({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    );
  });

  it('an agent is used', async () => {
    const agent = new Agent({ ca: testCertificate });
    const createConnection = jest.spyOn(agent, 'createConnection');
    await expect(askWith({ agent })).resolves.toMatchObject({ kid: 'good' });
    expect(createConnection).toHaveBeenCalledTimes(1);
  });

  it('an agent that verifies nothing does not change that', async () => {
    const agent = new Agent({ rejectUnauthorized: false });
    await expect(askWith({ agent })).rejects.toMatchObject(
      refused({ message: expect.stringMatching(/not verified/) }),
    );
  });

  it('a process that verifies nothing does not change that', async () => {
    const { stdout } = await runInChild(
      `core.remoteKeySet('${secure.address}/jwks').find('good').catch(({ code, cause }) => console.log(code, cause.code));`,
      { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
    );
    expect(stdout.trim()).toBe('temporarily_unavailable DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(secure.requests).toHaveLength(0);
  }, 30_000);
});

describe('a process with a remote key set', () => {
  it('ends by itself, also when a load in the background has failed', async () => {
    endpoint.answer = (_request, response) =>
      endpoint.requests.length === 1
        ? response.end(JSON.stringify(goodSet))
        : response.writeHead(500).end();
    const result = await runInChild(`
      let now = 1e12;
      const onEvent = ({ type }) => console.log(type);
      const keys = core.remoteKeySet('${endpoint.address}/jwks', { clock: () => now, onEvent });
      keys.find('good').then(() => {
        now += 600_000;
        console.log(keys.find('good').kid);
      });`);
    expect(result).toEqual({ exitCode: 0, stdout: 'good\nkeys.unavailable\n', stderr: '' });
  }, 30_000);
});

describe('the options of a remote key set', () => {
  it.each<[unknown]>([
    ['https://id.example.com/jwks'],
    ['https://id.example.com:8443/jwks?tenant=1'],
    [new URL('https://id.example.com/jwks')],
    ['http://localhost:3000/jwks'],
    ['http://127.0.0.1/jwks'],
    ['http://127.1.2.3:80/jwks'],
    ['http://[::1]:3000/jwks'],
  ])('may name the URL %s', (url) => {
    expect(() => remoteKeySet(url as string)).not.toThrow();
  });

  it.each<[unknown]>([
    ['http://id.example.com/jwks'],
    ['http://127.0.0.1.example.com/jwks'],
    ['http://localhost.example.com/jwks'],
    ['http://10.0.0.1/jwks'],
    ['http://0.0.0.0/jwks'],
    ['https://user:s3cret@id.example.com/jwks'],
    ['https://:s3cret@id.example.com/jwks'],
    ['https://id.example.com/jwks#s3cret'],
    ['file:///s3cret'],
    ['data:application/json,{"keys":[]}'],
    ['/jwks'],
    [''],
    [undefined],
    [{ href: 'https://id.example.com/jwks' }],
  ])('may not name the URL %s', (url) => {
    const create = () => remoteKeySet(url as string);
    expect(create).toThrow(/^url must be an https URL/);
    expect(create).not.toThrow(/s3cret/);
  });

  it.each<[string, object | null]>([
    ['algorithms', { algorithms: [] }],
    ['algorithms', { algorithms: 'RS256' }],
    ['algorithms', { algorithms: ['HS256'] }],
    ['algorithms', { algorithms: ['RS256', 'HS512'] }],
    ['algorithms', { algorithms: ['none'] }],
    ['headers', { headers: 'x' }],
    ['X-Key', { headers: { 'X-Key': 5 } }],
    ['X Key', { headers: { 'X Key': 's3cret' } }],
    ['X-Key', { headers: { 'X-Key': 's3cret\r\nHost: other' } }],
    ['ca', { ca: 's3cret' }],
    ['ca', { ca: [testCertificate, Buffer.from(testCertificate)] }],
    ['agent', { agent: { keepAlive: true } }],
    ['agent', { agent: null }],
    ['cooldown', { cooldown: 0 }],
    ['rejectUnauthorized', { rejectUnauthorized: false }],
    ['options', null],
  ])('are checked at once: %s', (name, options) => {
    const create = () => remoteKeySet('https://id.example.com/jwks', options as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(name);
    expect(create).not.toThrow(/s3cret/);
  });

  it('are copied: later changes have no effect', async () => {
    const algorithms: Algorithm[] = ['ES256'];
    const headers: Record<string, string> = { 'x-key': 'a' };
    const { keys } = createKeySet({ algorithms, headers });
    algorithms[0] = 'RS256';
    headers['x-key'] = 'b';
    await expect(ask(keys, 'good')).resolves.toMatchObject({ algorithm: 'ES256' });
    expect(endpoint.requests[0]?.headers['x-key']).toBe('a');
  });
});

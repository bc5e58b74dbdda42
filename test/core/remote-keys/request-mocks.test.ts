// Libraries that answer requests in tests: msw, nock and mock-jwks, each in a process of its own, because they replace what Node
// sends requests with. With the option fetch a key set loads through each of them; without it, the load fails and says what to do.

import { runInChild } from '../../support/run-in-child.js';

// Each test starts a process that loads large libraries.
jest.setTimeout(60_000);

const origin = 'https://id.example.test';
const path = '/.well-known/jwks.json';

// Each script ends with a function `start` that begins to answer requests, and with a token.
const tokenByHand = `
  const { generateKeyPairSync, sign } = require('node:crypto');
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keySet = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }] };
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = encode({ alg: 'ES256', typ: 'JWT', kid: 'k' }) + '.' + encode(claims);
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const token = input + '.' + signature.toString('base64url');`;

const libraries: readonly [string, string][] = [
  [
    'msw',
    `${tokenByHand}
    const { setupServer } = requireOfTests('msw/node');
    const { http, HttpResponse } = requireOfTests('msw');
    const server = setupServer(http.get('${origin}${path}', () => HttpResponse.json(keySet)));
    const start = () => server.listen({ onUnhandledRequest: 'error' });`,
  ],
  [
    'nock',
    `${tokenByHand}
    const nock = requireOfTests('nock');
    const start = () => {
      nock.disableNetConnect();
      nock('${origin}').get('${path}').reply(200, keySet);
    };`,
  ],
  [
    'mock-jwks',
    `const mock = requireOfTests('mock-jwks').createJWKSMock('${origin}');
    const token = mock.token(claims);
    const start = () => mock.start();`,
  ],
];

/** Verifies a token with a verifier that was created before the library answers requests, as an application's module does. */
async function verifyThrough(script: string, options: string): Promise<string> {
  const { stdout, stderr } = await runInChild(`
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: 'master', aud: 'private', sub: 'u_1', iat: now, exp: now + 60 };
    ${script}
    const verifier = core.createTokenVerifier({
      issuer: 'master',
      audience: 'private',
      type: 'JWT',
      keys: core.remoteKeySet('${origin}${path}', ${options}),
      onEvent() {},
    });
    start();
    core.verifyBearer(verifier, 'Bearer ' + token).then(
      ({ subject }) => console.log(subject),
      ({ code, cause }) => console.log(code, cause.message),
    ).finally(() => process.exit());`);
  return (stdout + stderr).trim();
}

describe.each(libraries)('a key set in a test with %s', (_name, script) => {
  it('loads through the option fetch', async () => {
    const options = '{ fetch: (url, init) => fetch(url, init) }';
    expect(await verifyThrough(script, options)).toBe('u_1');
  });

  // The library answers without TLS, so the server cannot be verified.
  it('does not load without it, and says what to do', async () => {
    expect(await verifyThrough(script, '{}')).toMatch(
      /^temporarily_unavailable .* was reached without TLS.* option fetch/,
    );
  });
});

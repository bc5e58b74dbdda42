import {
  canHaveEffect,
  readOrigins,
  requireAllowedOrigin,
} from '../../../packages/core/src/verify/origin.js';

describe('the option allowedOrigins', () => {
  test('accepts exact origins', () => {
    const origins = [
      'https://app.test',
      'http://localhost:5173',
      'https://[::1]:8443',
      'capacitor://localhost',
      'chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai',
    ];
    expect([...readOrigins(origins)]).toEqual(origins);
  });

  test.each([
    'https://app.test/',
    'https://app.test/page',
    'https://APP.test',
    'https://app.test:443',
    'https://user@app.test',
    'https://*.app.test',
    'ftp://app.test',
    'ws://app.test',
    'file://',
    'capacitor://',
    'capacitor://*',
    'chrome-extension://id/page',
    'Capacitor://localhost',
    'app.test',
    'null',
    '*',
    '',
    7,
    null,
  ])('refuses %p and is named in the error', (origin) => {
    expect(() => readOrigins([origin])).toThrow(/^allowedOrigins must be origins like/);
  });

  test.each(['https://app.test', {}, null, new Set(['https://app.test'])])(
    'refuses %p, which is not an array',
    (origins) => {
      expect(() => readOrigins(origins)).toThrow(/^allowedOrigins must be an array/);
    },
  );
});

type Headers = Readonly<Record<string, string>>;

const refused = expect.objectContaining({ code: 'origin_refused', status: 403 }) as Error;

const ask = (headers: Headers, allowed: readonly string[] = []) => ({
  'a Node request': () => requireAllowedOrigin({ headers }, new Set(allowed)),
  // A Fetch server builds the URL from the Host header.
  'a Fetch request': () => {
    const { host = 'other.test', ...others } = headers;
    requireAllowedOrigin(
      { headers: new Headers(others), url: `https://${host}/` },
      new Set(allowed),
    );
  },
});

describe.each(['a Node request', 'a Fetch request'] as const)('%s with a cookie', (form) => {
  test.each([
    ['https://api.test', 'api.test'],
    ['https://api.test', 'API.Test'],
    ['https://api.test', 'api.test:443'],
    ['https://api.test:8443', 'api.test:8443'],
    ['https://api.test:80', 'api.test:80'],
    ['https://xn--bcher-kva.test', 'xn--bcher-kva.test'],
    ['https://192.0.2.1', '192.0.2.1'],
    ['https://[2001:db8::1]', '[2001:db8::1]'],
    ['https://[2001:db8::1]:8443', '[2001:DB8:0:0:0:0:0:1]:8443'],
    ['https://localhost:3000', 'localhost:3000'],
    ['http://localhost:3000', 'localhost:3000'],
    ['http://localhost', 'localhost'],
    ['http://localhost', 'localhost:80'],
    ['http://LOCALHOST'.toLowerCase(), 'LocalHost'],
    ['http://app.localhost:3000', 'app.localhost:3000'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://127.8.9.1', '127.8.9.1'],
    ['http://[::1]:3000', '[::1]:3000'],
  ])('is accepted from %s at the host %s', (origin, host) => {
    expect(ask({ origin, host })[form]).not.toThrow();
  });

  test.each([
    ['http://api.test', 'api.test'],
    ['http://api.test', 'api.test:80'],
    ['http://api.test:443', 'api.test:443'],
    ['http://api.test:8443', 'api.test:8443'],
    ['http://192.168.1.5:3000', '192.168.1.5:3000'],
    ['http://128.0.0.1', '128.0.0.1'],
    ['http://[2001:db8::1]', '[2001:db8::1]'],
    ['http://localhost.api.test', 'localhost.api.test'],
    ['http://notlocalhost', 'notlocalhost'],
    ['http://127.0.0.1.api.test', '127.0.0.1.api.test'],
    ['ws://api.test', 'api.test'],
    ['wss://api.test', 'api.test'],
    ['ftp://api.test', 'api.test'],
    ['https://api.test', 'api.test:8443'],
    ['https://api.test:8443', 'api.test'],
    ['http://localhost:3001', 'localhost:3000'],
    ['http://127.0.0.1:3000', 'localhost:3000'],
    ['https://api.test.', 'api.test'],
    ['https://API.test', 'api.test'],
    ['https://api.test:443', 'api.test'],
    ['https://api.test/', 'api.test'],
    ['https://user@api.test', 'api.test'],
    ['https://evil.test, https://api.test', 'api.test'],
    ['api.test', 'api.test'],
    ['null', 'api.test'],
    ['', 'api.test'],
  ])('is refused from %p at the host %s', (origin, host) => {
    expect(ask({ origin, host })[form]).toThrow(refused);
  });

  test.each(['same-origin', 'none'])(
    'is refused from a page over plain http, even with Sec-Fetch-Site: %s',
    (site) => {
      const headers = { host: 'api.test', 'sec-fetch-site': site };
      expect(ask({ ...headers, origin: 'http://api.test' })[form]).toThrow(refused);
      expect(ask({ ...headers, origin: 'https://api.test' })[form]).not.toThrow();
      expect(ask({ ...headers, origin: 'http://localhost:3000' })[form]).not.toThrow();
      // Sent by a form on a page with `Referrer-Policy: no-referrer`.
      expect(ask({ ...headers, origin: 'null' })[form]).not.toThrow();
      expect(ask(headers)[form]).not.toThrow();
    },
  );

  test('is accepted from an own page although a proxy has changed the host', () => {
    const headers = { host: '10.0.0.7:3000', origin: 'https://api.test' };
    expect(ask({ ...headers, 'sec-fetch-site': 'same-origin' })[form]).not.toThrow();
    expect(ask(headers)[form]).toThrow(refused);
    expect(ask(headers, ['https://api.test'])[form]).not.toThrow();
  });

  test('is accepted from a page over plain http that is in allowedOrigins', () => {
    const headers = { host: 'printer.lan', origin: 'http://printer.lan' };
    expect(ask(headers)[form]).toThrow(refused);
    expect(ask(headers, ['http://printer.lan'])[form]).not.toThrow();
  });

  test('is accepted with an empty custom header, because only its presence counts', () => {
    expect(ask({ 'x-requested-with': '' })[form]).not.toThrow();
  });
});

describe('the own origin', () => {
  test('is unknown without a host', () => {
    for (const origin of ['https://api.test', 'https://undefined', 'https://']) {
      expect(ask({ origin })['a Node request']).toThrow(refused);
      expect(ask({ origin, host: '' })['a Node request']).toThrow(refused);
    }
  });

  test('is that of :authority when a request over HTTP/2 also has a Host header', () => {
    const headers = { ':authority': 'api.test', host: 'evil.test' };
    expect(ask({ ...headers, origin: 'https://api.test' })['a Node request']).not.toThrow();
    expect(ask({ ...headers, origin: 'https://evil.test' })['a Node request']).toThrow(refused);
  });

  test('is that of the Host header when a Fetch request has one', () => {
    const url = 'http://127.0.0.1:3000/';
    const headers = new Headers({ host: 'api.test', origin: 'https://api.test' });
    expect(() => requireAllowedOrigin({ headers, url }, new Set())).not.toThrow();
    headers.set('origin', 'http://127.0.0.1:3000');
    expect(() => requireAllowedOrigin({ headers, url }, new Set())).toThrow(refused);
  });

  test('must match every Origin line', () => {
    const headers = { host: 'api.test', origin: ['https://api.test', 'https://evil.test'] };
    expect(() => requireAllowedOrigin({ headers }, new Set())).toThrow(refused);
  });
});

describe('a request that can have an effect', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'QUERY', 'get', '', undefined])(
    'has the method %p',
    (method) => {
      expect(canHaveEffect({ method, headers: {} })).toBe(true);
    },
  );

  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('does not have the method %s', (method) => {
    expect(canHaveEffect({ method, headers: {} })).toBe(false);
    expect(canHaveEffect({ method, headers: new Headers() })).toBe(false);
  });

  test.each(['websocket', 'WebSocket', 'h2c, websocket', 'websocket/13'])(
    'asks for an upgrade to %s',
    (upgrade) => {
      expect(canHaveEffect({ method: 'GET', headers: { upgrade } })).toBe(true);
      expect(canHaveEffect({ method: 'GET', headers: new Headers({ upgrade }) })).toBe(true);
    },
  );

  test('is not one that only asks for an upgrade to another HTTP version', () => {
    expect(canHaveEffect({ method: 'GET', headers: { upgrade: 'h2c' } })).toBe(false);
  });
});

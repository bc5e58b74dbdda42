import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import {
  issueTokenPair,
  loadedKeySet,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { breakable } from '@tokenpair/testing';

import { createTestIssuer } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

interface Warning {
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
}

let warnings: Warning[];
let environment: string | undefined;

beforeEach(() => {
  warnings = [];
  environment = process.env['NODE_ENV'];
  jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    const { code = '', detail } = options as NodeJS.EmitWarningOptions;
    warnings.push({ code, message: String(message), detail });
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env['NODE_ENV'] = environment;
});

const unheard = (options: Partial<TokenIssuerOptions>) =>
  createTestIssuer({ onEvent: undefined, ...options }).tokens;
const codes = () => warnings.map(({ code }) => code);

/** Names of the causes differ from test to test: each is reported once in a process. */
let count = 0;
const newName = () => `name${'abcdefghijklmnopqrstuvwxyz'[(count += 1)]}`;

const failing = () => Promise.reject(new Error(newName()));
const listener = () => undefined;

/** Different texts without numbers, which count as one cause. */
const letters = (index: number) =>
  [index >> 4, index & 15].map((part) => 'abcdefghijklmnop'[part]).join('');

describe('a failure that neither a listener nor a subscriber hears', () => {
  it('of the claims hook is one process warning, however often it happens', async () => {
    const name = newName();
    const tokens = unheard({
      claims: () => {
        throw new TypeError(`cannot read ${name}`);
      },
    });
    for (const subject of ['u_1', 'u_2', 'u_3']) {
      await expect(issueTokenPair(tokens, { subject })).rejects.toMatchObject({ status: 503 });
    }
    expect(codes()).toEqual(['TOKENPAIR_HOOK_FAILED']);
    expect(warnings[0]?.message).toContain(`option claims`);
    expect(warnings[0]?.message).toContain(`TypeError: cannot read ${name}`);
    expect(warnings[0]?.message).toContain('onEvent');
    expect(warnings[0]?.detail).toMatch(/^ +at .*unheard\.test/);
  });

  it('is one warning for each cause', async () => {
    const names = [newName(), newName()];
    const { verify, token } = createTestVerifier({
      onEvent: undefined,
      isRevoked: () => Promise.reject(new Error(names[0])),
    });
    const other = createTestVerifier({
      onEvent: undefined,
      isRevoked: () => Promise.reject(new Error(names[1])),
    });
    for (const _time of [1, 2]) {
      await verify(token()).catch(() => {});
      await other.verify(other.token()).catch(() => {});
    }
    expect(codes()).toEqual(['TOKENPAIR_HOOK_FAILED', 'TOKENPAIR_HOOK_FAILED']);
  });

  it('is the same cause when only numbers in its message differ', async () => {
    const name = newName();
    let port = 4_000;
    const { verify, token } = createTestVerifier({
      onEvent: undefined,
      isRevoked: () => Promise.reject(new Error(`${name} on port ${(port += 1)}`)),
    });
    for (const _time of [1, 2, 3]) await verify(token()).catch(() => {});
    expect(codes()).toEqual(['TOKENPAIR_HOOK_FAILED']);
  });

  it('of the store is a warning that names the operation', async () => {
    const faulty = breakable(new MemorySessionStore({ capacity: 10 }));
    const tokens = unheard({ store: faulty.store });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    faulty.break('down');
    for (const _time of [1, 2]) await refreshTokenPair(tokens, refreshToken).catch(() => {});
    expect(codes()).toEqual(['TOKENPAIR_STORE_UNAVAILABLE']);
    expect(warnings[0]?.message).toContain('swap()');
  });

  it('of a key set is a warning', async () => {
    const { token } = createTestVerifier();
    const name = newName();
    const { verify } = createTestVerifier({
      onEvent: undefined,
      keys: loadedKeySet(() => Promise.reject(new Error(name))),
    });
    await expect(verify(token())).rejects.toMatchObject({ status: 503 });
    expect(codes()).toEqual(['TOKENPAIR_KEYS_UNAVAILABLE']);
    expect(warnings[0]?.message).toContain('loadedKeySet');
    expect(warnings[0]?.message).toContain(name);
  });

  it.each<[string, unknown]>([
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4'],
    ['a refresh token', `tpr_${'Ab1_'.repeat(28)}`],
    ['an Authorization header', 'Bearer short'],
    ['credentials of a URL', 'redis://ada:lovelace@10.0.0.7:6379'],
    ['a query', 'https://issuer.test/keys?api_key=lovelace'],
    ['a mail address', 'ada.lovelace@example.com'],
    ['a UUID', '7d444840-9dc0-11d1-b245-5ffdce74fad2'],
    ['base64', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA='],
    ['base64 with slashes', 'a/3vEj+WeJCrze8SN/Z4kKvN7xI0VniQq8/vEjRWeJA='],
    ['hexadecimal', '00112233445566778899aabbccddeeff'],
  ])('has no %s in its warning', async (_what, secret) => {
    const tokens = unheard({
      claims: () => Promise.reject(new Error(`${newName()} failed for ${String(secret)} today`)),
    });
    await issueTokenPair(tokens, { subject: 'u_1' }).catch(() => {});
    expect(warnings).toHaveLength(1);
    const [{ message, detail } = { message: '', detail: '' }] = warnings;
    expect(message).toContain('today');
    for (const text of [message, detail ?? '']) {
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(/lovelace|short|7d444840|q83vEj|eyJ|tpr_A|vEj\+We/);
    }
  });

  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['an object', () => ({ password: 'lovelace' })],
    ['a number', () => 42],
    [
      'an error whose message throws',
      () =>
        Object.defineProperty(new Error('x'), 'message', {
          get: () => {
            throw new Error('no');
          },
        }),
    ],
    ['an error with a line break', () => new Error(`a\nFORGED LINE ${newName()}`)],
  ])('that throws %s changes no answer, and forges no line', async (_what, cause) => {
    const { verify, token } = createTestVerifier({
      onEvent: undefined,
      isRevoked: () => Promise.reject(cause()),
    });
    await expect(verify(token())).rejects.toMatchObject({ status: 503 });
    for (const { message } of warnings) expect(message).not.toMatch(/\n|lovelace/);
  });

  it('is no warning when a listener or a subscriber of the channel is there', async () => {
    const heard = createTestVerifier({ isRevoked: failing });
    await heard.verify(heard.token()).catch(() => {});
    expect(heard.events).toMatchObject([{ type: 'hook.failed' }]);
    subscribe('tokenpair', listener);
    try {
      const { verify, token } = createTestVerifier({ onEvent: undefined, isRevoked: failing });
      await verify(token()).catch(() => {});
    } finally {
      unsubscribe('tokenpair', listener);
    }
    expect(warnings).toEqual([]);
  });

  it.each([
    ['aud', { aud: 'https://another.test' }],
    ['iss', { iss: 'https://another.test' }],
    ['cnf', { cnf: { jkt: 'x' } }],
  ])('is a refused %s, outside production and once', async (check, changes) => {
    const { verify, token } = createTestVerifier({ onEvent: undefined });
    for (const _time of [1, 2]) await verify(token(changes)).catch(() => {});
    expect(codes()).toEqual(['TOKENPAIR_REQUEST_REFUSED']);
    expect(warnings[0]?.message).toContain(`check: ${check}`);
  });

  it('is an unknown key, with what to do', async () => {
    const { verify, token, header } = createTestVerifier({ onEvent: undefined });
    const text = token({}, { header: header({ kid: 'other' }) });
    await verify(text).catch(() => {});
    expect(warnings[0]?.message).toContain('token_key_unknown');
    expect(warnings[0]?.message).toContain('Give it the public key of the issuer');
  });

  it('is no refused token in production, but still a hook that fails', async () => {
    process.env['NODE_ENV'] = 'production';
    const { verify, token } = createTestVerifier({ onEvent: undefined });
    await verify(token({ scope: 1 })).catch(() => {});
    await verify(token({ jti: 1 })).catch(() => {});
    expect(warnings).toEqual([]);
    const broken = createTestVerifier({ onEvent: undefined, isRevoked: failing });
    await broken.verify(broken.token()).catch(() => {});
    expect(codes()).toEqual(['TOKENPAIR_HOOK_FAILED']);
  });

  it('is no expired token, and no request without one', async () => {
    const { verifier, verify, token } = createTestVerifier({ onEvent: undefined });
    await verify(token({ exp: 1 })).catch(() => {});
    await verifyBearer(verifier, undefined).catch(() => {});
    expect(warnings).toEqual([]);
  });

  // The last one: afterwards no hook is reported any more in this file.
  it('is remembered for a hundred causes of its code only', async () => {
    const tokens = unheard({
      claims: (subject) => Promise.reject(new Error(`no claims for ${subject}`)),
    });
    for (let index = 0; index < 200; index += 1) {
      await issueTokenPair(tokens, { subject: letters(index) }).catch(() => {});
    }
    expect(warnings.length).toBeLessThanOrEqual(101);
    expect(warnings.at(-1)?.message).toContain('further ones are not');
    const faulty = breakable(new MemorySessionStore({ capacity: 10 }));
    faulty.break('down');
    await issueTokenPair(unheard({ store: faulty.store }), { subject: 'u_1' }).catch(() => {});
    expect(codes()).toContain('TOKENPAIR_STORE_UNAVAILABLE');
  });
});

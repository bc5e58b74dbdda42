import {
  ClaimRefusedError,
  InsufficientScopeError,
  requireScopes,
  type ClaimValue,
  type ScopeList,
  type VerifiedToken,
} from '@tokenpair/core';
import {
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  type Guard,
} from '@tokenpair/core/adapter';

import { createTestVerifier } from '../../support/verifier.js';

async function verified(changes: object = {}): Promise<VerifiedToken> {
  const { token, verify } = createTestVerifier();
  return verify(token(changes));
}

const insufficient = { code: 'scope_insufficient', status: 403, error: 'insufficient_scope' };
const claimRefused = { code: 'claim_refused', status: 403, error: 'insufficient_scope' };

const forms: [string, ScopeList][] = [
  ['one string', ['orders:read orders:write']],
  ['an array', [['orders:read', 'orders:write']]],
  ['several strings', ['orders:read', 'orders:write']],
  ['several arrays', [['orders:read'], ['orders:write']]],
  ['a mixture', [['orders:read orders:write'], 'orders:read']],
];

/** The same rule as a function and as a guard. */
const requirements: [string, (...scopes: ScopeList) => (token: VerifiedToken) => void][] = [
  [
    'requireScopes',
    (...scopes) =>
      (token) =>
        requireScopes(token, ...scopes),
  ],
  [
    'guardScopes',
    (...scopes) =>
      (token) =>
        void guardScopes(...scopes)(token, undefined),
  ],
];

describe.each(requirements)('%s', (_name, guardOf) => {
  it.each(forms)('requires all scopes, written as %s', async (_form, scopes) => {
    const admit = guardOf(...scopes);
    const both = await verified({ scope: 'other orders:write orders:read' });
    expect(() => admit(both)).not.toThrow();
    for (const scope of ['orders:read', 'orders:write', 'orders:read orders:writeX', undefined]) {
      const token = await verified({ scope });
      expect(() => admit(token)).toThrow(expect.objectContaining(insufficient));
    }
  });

  it('names every required scope once in the challenge', async () => {
    const token = await verified({ scope: 'a' });
    expect(() => guardOf('a b', 'b')(token)).toThrow(
      expect.objectContaining({
        scope: 'a b',
        headers: expect.objectContaining({
          'WWW-Authenticate': expect.stringMatching(
            /^Bearer realm="api", error="insufficient_scope", .*scope="a b"$/,
          ),
        }),
      }),
    );
    expect(() => guardOf('b')(token)).toThrow(InsufficientScopeError);
  });

  it('compares scopes in full and with case', async () => {
    const token = await verified({ scope: 'orders:read' });
    for (const scope of ['Orders:read', 'orders', 'orders:read:all', 'orders:*', '*']) {
      expect(() => guardOf(scope)(token)).toThrow(expect.objectContaining(insufficient));
    }
  });

  it('finds the scopes of a token whose claim is an array', async () => {
    const token = await verified({ scope: ['a', 'b'] });
    expect(() => guardOf('a b')(token)).not.toThrow();
  });
});

/** Arguments that every scope guard must refuse. */
const emptyOrBad: [string, unknown[]][] = [
  ['nothing', []],
  ['an empty string', ['']],
  ['a space', [' ']],
  ['an empty array', [[]]],
  ['an empty string in an array', [['']]],
  ['undefined', [undefined]],
  ['undefined after a scope', ['a', undefined]],
  ['null', [null]],
  ['a number', [1]],
  ['an object', [{ scope: 'a' }]],
  ['an array in an array', [[['a']]]],
  ['a set', [new Set(['a'])]],
  ['a quote', ['a"b']],
  ['a TAB', ['a\tb']],
];

describe('a guard of scopes', () => {
  it.each(emptyOrBad)('throws a TypeError when it is created with %s', async (_what, scopes) => {
    const token = await verified({ scope: 'a' });
    const list = scopes as ScopeList;
    expect(() => requireScopes(token, ...list)).toThrow(TypeError);
    expect(() => guardScopes(...list)).toThrow(TypeError);
    expect(() => guardAnyScope(...list)).toThrow(TypeError);
  });
});

describe('guardAnyScope', () => {
  it.each(forms)('requires one of the scopes, written as %s', async (_form, scopes) => {
    const guard = guardAnyScope(...scopes);
    for (const scope of ['orders:read', 'orders:write x', 'orders:write orders:read']) {
      const token = await verified({ scope });
      expect(() => guard(token, undefined)).not.toThrow();
    }
    for (const scope of ['orders', 'x', undefined]) {
      const token = await verified({ scope });
      expect(() => guard(token, undefined)).toThrow(
        expect.objectContaining({ ...insufficient, scope: 'orders:read orders:write' }),
      );
    }
  });
});

/** Whether a guard accepts a token with these claims. When it does not, it must throw its own kind of refusal. */
async function admits(guard: Guard, changes: object): Promise<boolean> {
  const outcome: unknown = await verified(changes)
    .then((token) => guard(token, undefined))
    .catch((error: unknown) => error);
  expect([undefined, expect.objectContaining(claimRefused)]).toContainEqual(outcome);
  return outcome === undefined;
}

describe('guardClaim', () => {
  it.each<[readonly ClaimValue[], unknown, boolean]>([
    [['admin'], 'admin', true],
    [['admin'], 'Admin', false],
    [['admin'], 'administrator', false],
    [['admin'], undefined, false],
    [['admin'], null, false],
    [['admin'], { admin: true }, false],
    [['admin', 'root'], 'root', true],
    [['admin'], ['user', 'admin'], true],
    [['admin', 'root'], ['user', 'root'], true],
    [['admin'], ['user'], false],
    [['admin'], [], false],
    [['admin'], [['admin']], false],
    [['admin'], 'admin user', false],
    [[1], 1, true],
    [[1], '1', false],
    [['1'], 1, false],
    [[0], false, false],
    [[0], null, false],
    [[true], true, true],
    [[true], 'true', false],
    [[true], 1, false],
    [[false], false, true],
    [[false], undefined, false],
    [[''], '', true],
    [[''], undefined, false],
  ])('with %p accepts the claim %p: %p', async (values, role, passes) => {
    expect(await admits(guardClaim('role', ...values), { role })).toBe(passes);
  });

  it('reads only own claims, not inherited ones', async () => {
    const { claims, token, verify } = createTestVerifier();
    const payload = JSON.stringify(claims()).replace(/\}$/, ',"__proto__":{"role":"admin"}}');
    const hidden = await verify(token({}, { payload }));
    expect(() => guardClaim('role', 'admin')(hidden, undefined)).toThrow(ClaimRefusedError);
    const polluted = Object.prototype as { role?: string };
    polluted.role = 'admin';
    try {
      const bare = await verify(token());
      expect(() => guardClaim('role', 'admin')(bare, undefined)).toThrow(ClaimRefusedError);
    } finally {
      delete polluted.role;
    }
  });

  it('can compare registered claims', async () => {
    expect(await admits(guardClaim('sub', 'u_1'), {})).toBe(true);
    const token = await verified();
    expect(() => guardClaim('sub', 'u_2')(token, undefined)).toThrow(ClaimRefusedError);
  });

  it.each<[string, unknown[]]>([
    ['without a name', []],
    ['with an empty name', ['', 'admin']],
    ['with a name that is not a string', [1, 'admin']],
    ['without a value', ['role']],
    ['with undefined, which would match every token without the claim', ['role', undefined]],
    ['with undefined among values', ['role', 'admin', undefined]],
    ['with null', ['role', null]],
    ['with an array', ['role', ['admin', 'root']]],
    ['with an object', ['role', {}]],
    ['with a function', ['role', () => true]],
    ['with a pattern', ['role', /admin/]],
  ])('throws a TypeError when it is created %s', (_what, args) => {
    expect(() => guardClaim(...(args as Parameters<typeof guardClaim>))).toThrow(TypeError);
  });

  it('says that values come one by one when it gets a list', () => {
    expect(() => guardClaim('role', ['admin', 'editor'] as never)).toThrow(
      "pass the values one by one, claim('role', 'one', 'two')",
    );
  });
});

describe('guardCheck', () => {
  type Predicate = (token: VerifiedToken, context: string) => unknown;
  const unavailable = { code: 'temporarily_unavailable', status: 503 };

  async function check(predicate: Predicate) {
    const test = createTestVerifier({ deadline: 1 });
    const guard = guardCheck(test.verifier, predicate as (token: VerifiedToken) => boolean);
    const token = await test.verify(test.token());
    return { verdict: (async () => guard(token, 'context'))(), events: test.events, token };
  }

  it('passes the token and the context to the predicate', async () => {
    const predicate = jest.fn(() => true);
    const { verdict, token } = await check(predicate);
    await verdict;
    expect(predicate).toHaveBeenCalledTimes(1);
    expect(predicate).toHaveBeenCalledWith(token, 'context');
  });

  it.each<[string, Predicate]>([
    ['at once', () => true],
    ['later', () => Promise.resolve(true)],
  ])('accepts the token when the predicate returns true %s', async (_when, predicate) => {
    const { verdict } = await check(predicate);
    await expect(verdict).resolves.toBeUndefined();
  });

  it.each<[unknown]>([[false], [undefined], [null], [0], [1], ['true'], [''], [{}], [[true]]])(
    'refuses the token when the predicate returns %p instead of true',
    async (answer) => {
      for (const predicate of [() => answer, () => Promise.resolve(answer)]) {
        const { verdict, events } = await check(predicate);
        await expect(verdict).rejects.toMatchObject(claimRefused);
        // Something else than a boolean is a mistake, a `return` that was forgotten for example.
        const heard = { type: 'hook.failed', hook: 'check', cause: expect.any(TypeError) };
        expect(events).toMatchObject(answer === false ? [] : [heard]);
      }
    },
  );

  it('answers 503 when the predicate throws or rejects', async () => {
    const cause = new Error('broken');
    for (const predicate of [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ]) {
      const { verdict, events } = await check(predicate);
      await expect(verdict).rejects.toMatchObject({ ...unavailable, cause });
      expect(events).toMatchObject([{ type: 'hook.failed', hook: 'check', cause }]);
    }
  });

  it('answers 503 when the predicate hangs', async () => {
    jest.useFakeTimers();
    try {
      const { verdict } = await check(() => new Promise(() => {}));
      const outcome = Promise.resolve(verdict).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await outcome).toMatchObject(unavailable);
    } finally {
      jest.useRealTimers();
    }
  });

  it('passes on an AuthError that the predicate throws', async () => {
    const { verdict } = await check((token) => requireScopes(token, 'admin'));
    await expect(verdict).rejects.toMatchObject({ code: 'scope_insufficient', scope: 'admin' });
  });

  it.each<[unknown]>([[undefined], [null], [true], ['role']])(
    'throws a TypeError when it is created with %p',
    (predicate) => {
      const { verifier } = createTestVerifier();
      expect(() => guardCheck(verifier, predicate as () => boolean)).toThrow(TypeError);
    },
  );
});

describe('every guard', () => {
  it('names the realm of the verifier that accepted the token', async () => {
    const { verifier, token, verify } = createTestVerifier({ realm: 'orders' });
    const read = await verify(token());
    const realm = expect.objectContaining({
      headers: expect.objectContaining({
        'WWW-Authenticate': expect.stringMatching(/^Bearer realm="orders", /),
      }),
    });
    expect(() => requireScopes(read, 'a')).toThrow(realm);
    expect(() => guardScopes('a')(read, undefined)).toThrow(realm);
    expect(() => guardAnyScope('a')(read, undefined)).toThrow(realm);
    expect(() => guardClaim('role', 'a')(read, undefined)).toThrow(realm);
    const atOnce = guardCheck(verifier, () => false);
    await expect(atOnce(read, undefined)).rejects.toEqual(realm);
    const later = guardCheck(verifier, () => Promise.resolve(false));
    await expect(later(read, undefined)).rejects.toEqual(realm);
  });
});

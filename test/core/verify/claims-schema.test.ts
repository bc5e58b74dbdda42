// The option claims of a verifier: a Standard Schema of any validator, which gives the claims their types.

import { createTokenVerifier, verifyBearer, type StandardSchema } from '@tokenpair/core';
import type { TokenpairEvent, TokenVerifierOptions } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import { createTokenBuilder } from '@tokenpair/testing';
import type * as Arktype from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

// It publishes ES modules only, which Jest cannot load.
const { createRequire } = process.getBuiltinModule('node:module');
const { type } = createRequire(__filename)('arktype') as typeof Arktype;

interface Roles {
  role: 'admin' | 'user';
}

const schemas: [string, StandardSchema<Roles>][] = [
  ['zod', z.object({ role: z.enum(['admin', 'user']) })],
  [
    'zod, loose and async',
    z.looseObject({ role: z.enum(['admin', 'user']).refine(async () => true) }),
  ],
  ['valibot', v.object({ role: v.picklist(['admin', 'user']) })],
  ['arktype', type({ role: "'admin' | 'user'" })],
];

const builder = createTokenBuilder();
const { issuer, audience, keys } = builder;

function createWorld<Claims>(claims: StandardSchema<Claims>, more: object = {}) {
  const events: TokenpairEvent[] = [];
  const onEvent = (event: TokenpairEvent) => events.push(event);
  const verifier = createTokenVerifier({ issuer, audience, keys, claims, onEvent, ...more });
  return { verifier, events };
}

/** A schema by hand. */
const schemaOf = <Output>(validate: (value: unknown) => unknown): StandardSchema<Output> => ({
  '~standard': { version: 1, vendor: 'test', validate: validate as never },
});

describe.each(schemas)('a schema of %s', (_vendor, schema) => {
  it('gives the claims their types, and accepts what fits', async () => {
    const { verifier } = createWorld(schema);
    const authorization = builder.bearer({ role: 'admin', extra: 1 });
    for (const _cached of [false, true]) {
      const { claims, subject } = await verifyBearer(verifier, authorization);
      // Compiles only if the type is that of the schema.
      const role: 'admin' | 'user' = claims.role;
      expect({ role, subject, extra: claims['extra'], iss: claims.iss }).toEqual({
        role: 'admin',
        subject: 'u_1',
        extra: 1,
        iss: issuer,
      });
    }
  });

  it.each<[Record<string, unknown>]>([
    [{}],
    [{ role: 'root' }],
    [{ role: ['admin'] }],
    [{ role: null }],
  ])('refuses %p with the check claims', async (claims) => {
    const { verifier, events } = createWorld(schema);
    await expect(verifyBearer(verifier, builder.bearer(claims))).rejects.toMatchObject({
      code: 'token_invalid',
      status: 401,
      check: 'claims',
    });
    expect(events).toMatchObject([{ type: 'verification.refused', check: 'claims' }]);
  });
});

describe('a schema', () => {
  it('types the claims of auth.of(req)', () => {
    const auth = bearer(createWorld(z.object({ role: z.string() })).verifier);
    const guest = bearer(createWorld(z.object({ role: z.string() })).verifier, { optional: true });
    // Only their types matter: there is no request.
    const read = (req: never): string => auth.of(req).claims.role;
    const readGuest = (req: never): string | undefined => guest.of(req)?.claims.role;
    expect([typeof read, typeof readGuest]).toEqual(['function', 'function']);
  });

  it('may transform claims, but not the registered ones', async () => {
    const schema = z.looseObject({
      sub: z.string().transform(() => 'root'),
      scope: z.any().transform(() => 'admin'),
      level: z.string().transform(Number),
    });
    const { verifier } = createWorld(schema);
    const authorization = builder.bearer({ level: '7', scope: 'a' });
    const token = await verifyBearer(verifier, authorization);
    expect(token).toMatchObject({ subject: 'u_1', claims: { level: 7, sub: 'u_1', scope: 'a' } });
    expect([...token.scopes]).toEqual(['a']);
    expect(Object.isFrozen(token.claims)).toBe(true);
  });

  it('is asked once for a token in the cache, and not about a token that fails before', async () => {
    const validate = jest.fn((value: unknown) => ({ value }));
    const { verifier } = createWorld(schemaOf(validate));
    const authorization = builder.bearer();
    await verifyBearer(verifier, authorization);
    await verifyBearer(verifier, authorization);
    const bad = [builder.expired(), builder.forged(), builder.forAnotherAudience()];
    for (const one of bad) {
      await expect(verifyBearer(verifier, one)).rejects.toMatchObject({ status: 401 });
    }
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('cannot change what was checked', async () => {
    const schema = schemaOf((value) => {
      Object.assign(value as object, { sub: 'root', cnf: {} });
      return { value: {} };
    });
    const { verifier } = createWorld(schema);
    const { subject, claims } = await verifyBearer(verifier, builder.bearer());
    expect([subject, claims.sub, claims['cnf']]).toEqual(['u_1', 'u_1', undefined]);
  });

  it.each<[string, (value: unknown) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('broken'))],
    ['answers nothing', () => undefined],
    ['describes no object', () => ({ value: 'admin' })],
    ['describes an array', async () => ({ value: [] })],
  ])('is 503 and heard when it %s', async (_what, validate) => {
    const { verifier, events } = createWorld(schemaOf(validate));
    await expect(verifyBearer(verifier, builder.bearer())).rejects.toMatchObject({ status: 503 });
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'claims' }]);
  });

  it.each<[unknown]>([
    [null],
    [{}],
    [() => true],
    ['zod'],
    [{ '~standard': {} }],
    [{ '~standard': { validate: true } }],
  ])('is checked at once: %p', (claims) => {
    const options = { issuer, audience, keys, claims } as unknown as TokenVerifierOptions;
    expect(() => createTokenVerifier(options)).toThrow(/^claims must be a Standard Schema/);
  });
});

describe('what a schema makes of the claims', () => {
  it('may be an object that the schema keeps: it is not frozen, and the token is', async () => {
    const kept = { theme: 'dark', list: [1] };
    const { verifier } = createWorld(z.object({ prefs: z.unknown().transform(() => kept) }));
    const { claims } = await verifyBearer(verifier, builder.bearer({ prefs: 1 }));
    expect(claims.prefs).toEqual(kept);
    expect(Object.isFrozen(claims.prefs)).toBe(true);
    expect(Object.isFrozen(kept)).toBe(false);
    expect(Object.isFrozen(kept.list)).toBe(false);
  });

  it.each<[string, object]>([
    ['bytes, which cannot be frozen', Buffer.from('a')],
    ['a Date', new Date(0)],
    ['a Set', new Set([1])],
  ])('may be %s, as it is', async (_what, value) => {
    const { verifier } = createWorld(z.object({ own: z.unknown().transform(() => value) }));
    const { claims } = await verifyBearer(verifier, builder.bearer({ own: 1 }));
    expect(claims.own).toBe(value);
    expect(Object.isFrozen(value)).toBe(false);
  });

  it('is 503 with an event when an object in it contains itself', async () => {
    const circular: Record<string, unknown> = {};
    circular['own'] = circular;
    const { verifier, events } = createWorld(schemaOf(() => ({ value: circular })));
    await expect(verifyBearer(verifier, builder.bearer())).rejects.toMatchObject({ status: 503 });
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'claims' }]);
  });
});

import { createTokenVerifier, verifyBearer, type TokenVerifier } from '@tokenpair/core';
import { createRequestAuthenticator, createRouteGuards, guardCheck } from '@tokenpair/core/adapter';

import { createTestIssuer } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

const { tokens } = createTestIssuer();
const { verifier } = createTestVerifier();
const secret = 'hunter2-hunter2-hunter2-hunter2!';

const wrong: readonly (readonly [what: string, value: unknown, message: RegExp])[] = [
  ['undefined', undefined, /got undefined\./],
  ['null', null, /got null\./],
  ['an issuer', tokens, /pass tokens\.verifier\.$/],
  ['options of a verifier', { secret }, /got another object\./],
  ['a copy of a verifier', { ...verifier }, /got another object\./],
  ['a promise of a verifier', Promise.resolve(verifier), /got a promise: await it first\./],
  ['createTokenVerifier itself', createTokenVerifier, /got a value of type function\./],
  ['a secret', secret, /got a value of type string\./],
];

describe.each<[string, string, (value: TokenVerifier) => unknown]>([
  ['verifyBearer', 'verifyBearer', (value) => verifyBearer(value, 'Bearer x')],
  ['createRequestAuthenticator', 'bearer', (value) => createRequestAuthenticator(value)],
  ['createRouteGuards', 'createRouteGuards', (value) => createRouteGuards(value, () => undefined)],
  ['guardCheck', 'guardCheck', (value) => guardCheck(value, () => true)],
])('%s', (_function, named, call) => {
  const messageFor = async (value: unknown): Promise<string> => {
    const error: unknown = await (async () => call(value as TokenVerifier))().catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  };

  it.each(wrong)('refuses %s and says what to pass', async (_what, value, expected) => {
    const message = await messageFor(value);
    expect(message).toMatch(expected);
    expect(message).toContain(`${named} needs what createTokenVerifier returned`);
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['a verifier', verifier],
    ['the verifier of an issuer', tokens.verifier],
  ])('accepts %s', async (_what, value) => {
    const outcome: unknown = await (async () => call(value))().catch((thrown: unknown) => thrown);
    expect(outcome).not.toBeInstanceOf(TypeError);
  });
});

describe('a verifier', () => {
  it('has a mark that is not among its enumerable keys and is not copied', () => {
    expect(Object.keys(verifier)).toEqual(Object.keys({ ...verifier }));
    expect(() => createRequestAuthenticator({ ...verifier })).toThrow(TypeError);
  });
});

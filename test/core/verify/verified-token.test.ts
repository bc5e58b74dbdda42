import { inspect } from 'node:util';

import { requireScopes, type VerifiedToken } from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

async function verified(changes: object = {}): Promise<VerifiedToken> {
  const { token, verify } = createTestVerifier();
  return verify(token(changes));
}

type Mutable = Record<string, unknown>;

describe('a verified token', () => {
  it.each<[string, (token: VerifiedToken & Mutable) => unknown]>([
    ['its subject is set', (token) => ((token as Mutable)['subject'] = 'root')],
    ['its scopes are replaced', (token) => ((token as Mutable)['scopes'] = new Set(['admin']))],
    ['a member is added', (token) => ((token as Mutable)['admin'] = true)],
    ['a member is deleted', (token) => delete (token as Mutable)['sessionId']],
    ['a claim is set', (token) => ((token.claims as Mutable)['sub'] = 'root')],
    ['a claim is added', (token) => ((token.claims as Mutable)['admin'] = true)],
    ['a claim is deleted', (token) => delete (token.claims as Mutable)['exp']],
    ['a nested claim is set', (token) => ((token.claims['user'] as Mutable)['role'] = 'root')],
    ['a nested list grows', (token) => (token.claims['roles'] as string[]).push('root')],
    ['a list in a list grows', (token) => (token.claims['lists'] as string[][])[0]?.push('root')],
    ['the audience grows', (token) => (token.claims.aud as string[]).push('x')],
    ['a scope is added', (token) => (token.scopes as Set<string>).add('admin')],
    ['a scope is deleted', (token) => (token.scopes as Set<string>).delete('a')],
    ['the scopes are cleared', (token) => (token.scopes as Set<string>).clear()],
    [
      'a member is added to the scopes',
      (token) => ((token.scopes as unknown as Mutable)['has'] = () => true),
    ],
    ['its prototype is changed', (token) => Object.setPrototypeOf(token.claims, { admin: true })],
    ['the realm is set', (token) => ((token.space as unknown as Mutable)['realm'] = 'x')],
  ])('throws and stays unchanged when %s', async (_what, mutate) => {
    const token = await verified({
      scope: 'a b',
      aud: ['https://api.test'],
      user: { role: 'user' },
      roles: ['user'],
      lists: [['user']],
    });
    const before = inspect(token, { depth: 9 });
    expect(() => mutate(token as VerifiedToken & Mutable)).toThrow(TypeError);
    expect(inspect(token, { depth: 9 })).toBe(before);
    expect([...token.scopes]).toEqual(['a', 'b']);
  });

  it('is also frozen inside a __proto__ member that is data', async () => {
    const { claims, token, verify } = createTestVerifier();
    const payload = JSON.stringify(claims()).replace(/\}$/, ',"__proto__":{"role":"user"}}');
    const read = await verify(token({}, { payload }));
    const own = Object.getOwnPropertyDescriptor(read.claims, '__proto__')?.value as Mutable;
    expect(() => (own['role'] = 'root')).toThrow(TypeError);
    expect(own).toEqual({ role: 'user' });
  });

  it('has scopes that read like any set', async () => {
    const { scopes } = await verified({ scope: 'a b' });
    expect(scopes).toBeInstanceOf(Set);
    expect(scopes.size).toBe(2);
    expect(scopes.has('a')).toBe(true);
    expect(scopes.has('A')).toBe(false);
    expect(new Set(scopes)).toEqual(new Set(['a', 'b']));
  });

  it('has no scopes and no session when the token names none', async () => {
    const token = await verified({ scope: undefined, sid: undefined });
    expect(token.scopes.size).toBe(0);
    expect(token.sessionId).toBeUndefined();
    expect(() => requireScopes(token, 'a')).toThrow(
      expect.objectContaining({ code: 'scope_insufficient' }),
    );
  });

  it('does not contain the token text', async () => {
    const { token, verify } = createTestVerifier();
    const text = token();
    const read = await verify(text);
    const shown = `${JSON.stringify(read)}${inspect(read, { depth: 9, showHidden: true })}`;
    for (const segment of text.split('.')) expect(shown).not.toContain(segment);
  });
});

import {
  FrozenScopes,
  isScope,
  readScopes,
  splitScope,
} from '../../../packages/core/src/lib/scope.js';

describe('a scope string', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' ', []],
    ['a', ['a']],
    ['a b', ['a', 'b']],
    ['  a   b ', ['a', 'b']],
    ['b a b', ['b', 'a']],
    ['a A', ['a', 'A']],
    ["!#[]^~'()*", ["!#[]^~'()*"]],
  ])('%p names the scopes %p', (scope, scopes) => {
    expect(splitScope(scope)).toEqual(scopes);
  });

  it.each(['a"b', 'a\\b', 'a\tb', 'a\nb', 'a\u00a0b', '\u00e4', 'a b"', 'a\u007f'])(
    '%p is not of the grammar',
    (scope) => {
      expect(splitScope(scope)).toBeUndefined();
    },
  );
});

describe('a stored scope', () => {
  it.each(['', 'a', 'a b c', "!#[]^~'()*"])('may be %p', (text) => {
    expect(isScope(text)).toBe(true);
  });

  it.each([
    ' ',
    ' a',
    'a ',
    'a  b',
    'a"b',
    'a b\\',
    'a\tb',
    'a\nb',
    'a\n',
    'ä',
    'a'.repeat(9_000) + '"',
  ])('is invalid when it is %p', (text) => {
    expect(isScope(text)).toBe(false);
  });
});

describe('scopes given by a developer', () => {
  it.each<[unknown[], string[]]>([
    [[], []],
    [[''], []],
    [['a b'], ['a', 'b']],
    [[['a', 'b']], ['a', 'b']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a b', ['b', 'c']],
      ['a', 'b', 'c'],
    ],
  ])('as %p are read as %p', (written, scopes) => {
    expect(readScopes('scope', written)).toEqual(scopes);
  });

  it.each<[unknown]>([[1], [null], [undefined], [{}], [['a', 1]], [[['a']]], ['a"b'], ['a,b"']])(
    'as %p are a TypeError that names the option',
    (written) => {
      expect(() => readScopes('grant.scope', [written])).toThrow(TypeError);
      expect(() => readScopes('grant.scope', [written])).toThrow(/^grant\.scope\b/);
    },
  );
});

describe('frozen scopes', () => {
  it('contain each scope once, in order, and throw when they are changed', () => {
    const scopes = new FrozenScopes(['b', 'a', 'b']);
    expect([...scopes]).toEqual(['b', 'a']);
    for (const change of [
      () => scopes.add(),
      () => scopes.delete(),
      () => scopes.clear(),
      () => Object.assign(scopes, { has: () => true }),
    ]) {
      expect(change).toThrow(TypeError);
    }
    expect([...scopes]).toEqual(['b', 'a']);
  });
});

import { challenge, toProtectionSpace } from '../../packages/core/src/challenge.js';

const api = toProtectionSpace('api');

describe('a challenge', () => {
  it('has a realm and nothing else when there is nothing else to say', () => {
    expect(challenge(api)).toBe('Bearer realm="api"');
    expect(challenge(api, { error: undefined, scope: undefined })).toBe('Bearer realm="api"');
  });

  it('has its parts in one order, each between quotes', () => {
    expect(
      challenge(api, { scope: 'a b', description: 'Text.', error: 'insufficient_scope' }),
    ).toBe(
      'Bearer realm="api", error="insufficient_scope", error_description="Text.", scope="a b"',
    );
  });
});

describe('a realm', () => {
  it.each(['api', 'my api', "it's ~!#[]^", ' '])('may be %p', (realm) => {
    expect(toProtectionSpace(realm)).toEqual({ realm });
  });

  it.each<[unknown]>([
    [''],
    ['a"b'],
    ['a\\b'],
    ['a\nb'],
    ['a\tb'],
    ['a\u007fb'],
    ['\u00e4'],
    ['\u2028'],
    [null],
    [undefined],
    [1],
    [['api']],
  ])('may not be %p', (realm) => {
    expect(() => toProtectionSpace(realm)).toThrow(TypeError);
    expect(() => toProtectionSpace(realm)).toThrow(/^realm\b/);
  });

  it('cannot be changed once it was checked', () => {
    expect(() => Object.assign(toProtectionSpace('api'), { realm: 'a"b' })).toThrow(TypeError);
  });
});

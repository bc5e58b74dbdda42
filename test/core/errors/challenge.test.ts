import {
  challenge,
  toProtectionSpace,
  type ProtectionSpaceOptions,
} from '../../../packages/core/src/errors/challenge.js';

const api = toProtectionSpace({ realm: 'api' });

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

describe('the metadata of a resource', () => {
  it('is pointed to by every challenge', () => {
    const space = toProtectionSpace({ resourceMetadata: 'https://api.test/meta' });
    expect(challenge(space)).toBe('Bearer realm="api", resource_metadata="https://api.test/meta"');
  });

  it.each<[unknown]>([
    ['/meta'],
    ['https://api.test/?a=b'],
    ['https://u:p@api.test/x'],
    ['x'],
    [1],
  ])('may not be at %p', (resourceMetadata) => {
    expect(() => toProtectionSpace({ resourceMetadata } as ProtectionSpaceOptions)).toThrow(
      /^resourceMetadata\b/,
    );
  });
});

describe('a realm', () => {
  it('is the API when nothing else is said', () => {
    expect(toProtectionSpace({})).toEqual({ realm: 'api' });
  });

  it.each(['api', 'my api', "it's ~!#[]^", ' '])('may be %p', (realm) => {
    expect(toProtectionSpace({ realm })).toEqual({ realm });
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
    [1],
    [['api']],
  ])('may not be %p', (realm) => {
    expect(() => toProtectionSpace({ realm } as ProtectionSpaceOptions)).toThrow(TypeError);
    expect(() => toProtectionSpace({ realm } as ProtectionSpaceOptions)).toThrow(/^realm\b/);
  });

  it('cannot be changed once it was checked', () => {
    expect(() => Object.assign(toProtectionSpace({ realm: 'api' }), { realm: 'a"b' })).toThrow(
      TypeError,
    );
  });
});

import { isMadeBy, markAs, requireMadeBy } from '../../../packages/core/src/lib/brand.js';

describe('the mark of a factory', () => {
  it('is on the object that the factory returned, frozen or not, and not on its copies', () => {
    const product = Object.freeze(markAs('createThing', { name: 'a' }));
    expect(isMadeBy('createThing', product)).toBe(true);
    expect(isMadeBy('createOther', product)).toBe(false);
    expect(isMadeBy('createThing', { ...product })).toBe(false);
    expect(isMadeBy('createThing', structuredClone(product))).toBe(false);
  });

  it('does not appear in JSON', () => {
    expect(JSON.stringify(markAs('createThing', { name: 'a' }))).toBe('{"name":"a"}');
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a promise', Promise.resolve(), 'a promise: await it first'],
    ['what another factory returned', markAs('createOther', {}), 'what createOther returned'],
    ['a plain object', {}, 'another object'],
    ['text', 'hunter2', 'a value of type string'],
    ['a function', () => {}, 'a value of type function'],
  ])('is required by a TypeError that names the factory when it gets %s', (_what, value, got) => {
    expect(() => requireMadeBy('createThing', 'useThing', value)).toThrow(
      new TypeError(`useThing needs what createThing returned; got ${got}.`),
    );
  });
});

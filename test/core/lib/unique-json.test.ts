import fc from 'fast-check';

import { parseUniqueJson } from '../../../packages/core/src/lib/unique-json.js';

/** JSON as text: an object may have several members with the same name. */
type Written = string | { readonly items: readonly Written[] } | Members;
interface Members {
  readonly members: readonly (readonly [name: string, spelling: number, value: Written])[];
}

// Few names, so that many are equal. They include every name that could confuse a JSON parser.
const name = fc.constantFrom('a', 'b', '', ':', '"', '\\', '\\"', '__proto__', 'ü', '{"a":1}');
const blank = fc.constantFrom('', '', ' ', '\n\t');
const scalar = fc.constantFrom('1', 'null', 'true', '-1.5e-3', '"a"', '"a:b"', '"\\":"', '"\\\\"');
const { tree } = fc.letrec<{ tree: Written; members: Members }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.record({ items: fc.array(tie('tree'), { maxLength: 4 }) }),
    tie('members'),
  ),
  members: fc.record({
    members: fc.array(fc.tuple(name, fc.integer({ min: 0, max: 2 }), tie('tree')), {
      maxLength: 4,
    }),
  }),
}));

/** One name, escaped in three ways. */
function spell(text: string, spelling: number): string {
  if (spelling === 0) return JSON.stringify(text);
  const escaped = Array.from(text, (character, at) =>
    spelling === 1 || at === 0
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(character).slice(1, -1),
  );
  return `"${escaped.join('')}"`;
}

function write(node: Written, space: string): string {
  if (typeof node === 'string') return node;
  const inner =
    'items' in node
      ? node.items.map((item) => write(item, space))
      : node.members.map(
          ([key, spelling, value]) =>
            `${spell(key, spelling)}${space}:${space}${write(value, space)}`,
        );
  const text = inner.join(`${space},${space}`);
  return 'items' in node ? `[${space}${text}]` : `{${text}${space}}`;
}

function hasDuplicate(node: Written): boolean {
  if (typeof node === 'string') return false;
  if ('items' in node) return node.items.some(hasDuplicate);
  const names = node.members.map(([key]) => key);
  return (
    new Set(names).size < names.length || node.members.some(([, , value]) => hasDuplicate(value))
  );
}

function outcomeOf(text: string): unknown {
  try {
    return { value: parseUniqueJson(text) };
  } catch {
    return 'refused';
  }
}

describe('JSON without duplicate members', () => {
  it('has the same value as with JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseUniqueJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is distinguished from JSON with duplicate members, however the names are escaped', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(tree, blank, (written, space) => {
        const text = write(written, space);
        const isRefused = hasDuplicate(written);
        seen.add(isRefused);
        expect(outcomeOf(text)).toEqual(isRefused ? 'refused' : { value: JSON.parse(text) });
      }),
      { numRuns: 3_000 },
    );
    expect(seen).toEqual(new Set([true, false]));
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":1,"b":2,"a":{}}',
    '{"a":{"b":1},"a":{"b":1,"c":2}}',
    '{"x":{"a":1,"a":2}}',
    '[{"a":1},{"b":[{"c":1,"c":1}]}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"\\"":1,"\\u0022":2}',
    '{"\\\\":":","\\\\":":"}',
    '{"1":1,"0":2,"1":3}',
  ])('is not %s', (text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(() => parseUniqueJson(text)).toThrow(SyntaxError);
  });

  it.each([
    '{"a":1,"b":{"a":{"a":1}},"c":[{"a":1},{"a":1}]}',
    '{"a":1,"A":2,"a ":3,"ä":4,"a\\u0308":5}',
    '{"a":"\\":\\"","b":"{\\"a\\":1,\\"a\\":2}","c":"\\\\"}',
    '{"__proto__":{"a":1},"constructor":{"a":1},"toString":1}',
    '":"',
    '[]',
    'null',
  ])('is %s', (text) => {
    expect(parseUniqueJson(text)).toEqual(JSON.parse(text));
  });

  it('is read at any depth', () => {
    const depth = 200_000;
    const text = `${'['.repeat(depth)}{"a":1,"a":2}${']'.repeat(depth)}`;
    expect(() => parseUniqueJson(text)).toThrow(SyntaxError);
    expect(() => parseUniqueJson(text.replace('"a":2', '"b":2'))).not.toThrow();
  });

  it('must be valid JSON', () => {
    for (const text of ['', '{', '{"a":1,}', '{a:1}', "{'a':1}", '{"a":1}}', '\ufeff{}']) {
      expect(() => parseUniqueJson(text)).toThrow(SyntaxError);
    }
  });
});

import { readCookies } from '../../../packages/core/src/lib/cookies.js';

describe('the cookies with one name', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['a=1', ['1']],
    ['a=', ['']],
    ['a', []],
    ['b=1', []],
    ['ab=1; ba=2', []],
    ['A=1', []],
    ['b=2; a=1; c=3', ['1']],
    ['b=2;a=1;c=3', ['1']],
    ['a=1; a=2', ['1', '2']],
    ['a=1; a=1', ['1', '1']],
    ['a="1"', ['1']],
    ['a="', ['"']],
    ['a=x=y==', ['x=y==']],
    ['b=a=1', []],
    ['; ;a=1;;', ['1']],
    ['a=%41', ['%41']],
  ])('in %p are %p', (header, values) => {
    expect(readCookies(header, 'a')).toEqual(values);
  });

  // A sibling host can set a cookie with such a name for the whole domain. Without the character it would count as ours.
  it.each([
    ['a no-break space', '\u00A0'],
    ['a next-line character', '\u0085'],
    ['a vertical tab', '\v'],
    ['a form feed', '\f'],
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['a NUL', '\0'],
    ['a byte order mark', '\uFEFF'],
    ['the bytes of a byte order mark', '\u00EF\u00BB\u00BF'],
    ['an em space', '\u2003'],
    ['a line separator', '\u2028'],
    ['an ideographic space', '\u3000'],
    ['a zero-width space', '\u200B'],
    ['a quote', '"'],
  ])('do not include a cookie whose name begins or ends with %s', (_what, character) => {
    expect(readCookies(`${character}a=1`, 'a')).toEqual([]);
    expect(readCookies(`b=2; ${character}a=1; c=3`, 'a')).toEqual([]);
    expect(readCookies(`${character}a=1; a=2`, 'a')).toEqual(['2']);
    expect(readCookies(`a=2; \t${character} a=1`, 'a')).toEqual(['2']);
    expect(readCookies(`a${character}=1`, 'a')).toEqual([]);
  });

  it('do not include a name in quotes or a pair without an equals sign', () => {
    expect(readCookies('=a=1; ==a=1', 'a')).toEqual([]);
    expect(readCookies('"a"=1; "a=2"; a; "a"', 'a')).toEqual([]);
  });

  it('are stripped of spaces and tabs around them, and of no other white space', () => {
    expect(readCookies(' \t a=1 \t', 'a')).toEqual(['1']);
    expect(readCookies('\ta=1\t;\tb=2', 'a')).toEqual(['1']);
    expect(readCookies('a=\u00A01\u00A0', 'a')).toEqual(['\u00A01\u00A0']);
    expect(readCookies('a=1\uFEFF', 'a')).toEqual(['1\uFEFF']);
  });

  it('are found by the literal name, not by a pattern', () => {
    expect(readCookies('axb=1; a.b=2', 'a.b')).toEqual(['2']);
    expect(readCookies('__Host-refresh_token=1', '__Host-refresh_token')).toEqual(['1']);
  });
});

import { readCookies } from '../../packages/core/src/cookies.js';

describe('the cookies of one name', () => {
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

  it('are found by the name as it is, not as a pattern', () => {
    expect(readCookies('axb=1; a.b=2', 'a.b')).toEqual(['2']);
    expect(readCookies('__Host-refresh_token=1', '__Host-refresh_token')).toEqual(['1']);
  });
});

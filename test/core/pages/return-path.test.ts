import { readReturnPath } from '../../../packages/core/src/pages/return-path.js';
import { ownReturnPaths, refusedReturnPaths } from '../../support/return-paths.js';

const inQuery = (text: string) => ({
  url: `/login?return=${encodeURIComponent(text)}`,
  body: undefined,
});
const inForm = (text: unknown) => ({ url: '/login', body: { return: text } });

describe('the path to return to', () => {
  it.each(ownReturnPaths)('%j is taken as it came', (text) => {
    expect([readReturnPath(inQuery(text)), readReturnPath(inForm(text))]).toEqual([text, text]);
  });

  it.each(refusedReturnPaths)('%j is not taken', (text) => {
    expect([readReturnPath(inQuery(text)), readReturnPath(inForm(text))]).toEqual(['/', '/']);
  });

  it('has at most 2 000 characters', () => {
    const longest = `/${'a'.repeat(1_999)}`;
    expect(readReturnPath(inForm(longest))).toBe(longest);
    expect(readReturnPath(inForm(`${longest}a`))).toBe('/');
  });

  it('is that of the form, not that of the query, also when that of the form is refused', () => {
    const url = '/login?return=/query';
    expect(readReturnPath({ url, body: { return: '/form' } })).toBe('/form');
    expect(readReturnPath({ url, body: { return: '//evil.example' } })).toBe('/');
    expect(readReturnPath({ url, body: { username: 'ada' } })).toBe('/query');
  });

  it.each([
    ['a form that has it twice', inForm(['/a', '/b'])],
    ['a form that has an object', inForm({ toString: () => '/a' })],
    [
      'a form that inherits it',
      { url: '/login', body: Object.create({ return: '/a' }) as unknown },
    ],
    ['a body that is no form', { url: '/login', body: 'return=/a' }],
    ['a query that has it twice', { url: '/login?return=/a&return=/b', body: undefined }],
    ['a request without it', { url: '/login', body: undefined }],
  ])('of %s is the home page', (_what, exchange) => {
    expect(readReturnPath(exchange)).toBe('/');
  });
});

import { matchRoute } from '../../../packages/core/src/endpoints/router.js';

const routes = { '/sessions': { GET: 'list' }, '/sessions/:id': { DELETE: 'end' } };

describe('a route', () => {
  test.each([
    ['/sessions', 'GET', { handler: 'list', id: '' }],
    ['/sessions/', 'GET', { handler: 'list', id: '' }],
    ['/sessions', 'HEAD', { handler: 'list', id: '' }],
    ['/sessions', undefined, { handler: 'list', id: '' }],
    ['/sessions/7', 'DELETE', { handler: 'end', id: '7' }],
    ['/sessions/7/', 'DELETE', { handler: 'end', id: '7' }],
    ['/sessions/..%2F7', 'DELETE', { handler: 'end', id: '..%2F7' }],
  ])('is found by the path %s and the method %s', (path, method, match) => {
    expect(matchRoute(routes, path, method)).toEqual(match);
  });

  test.each([
    '',
    '/',
    '//',
    '/Sessions',
    '/sessions/7/8',
    'sessions',
    '/constructor',
    '/__proto__',
  ])('is not found by the path %p', (path) => {
    expect(matchRoute(routes, path, 'GET')).toBeUndefined();
  });

  test.each(['POST', 'delete', 'constructor', '__proto__', 'toString'])(
    'refuses the method %s and names the allowed ones',
    (method) => {
      expect(() => matchRoute(routes, '/sessions', method)).toThrow(
        expect.objectContaining({
          code: 'method_not_allowed',
          headers: expect.objectContaining({ Allow: 'GET, HEAD' }) as object,
        }),
      );
    },
  );
});

// Forty texts in the query parameter `return`: those that a server must not follow, and those that stay on its origin.

/** Browsers or servers have taken each of these for another origin, or it is no path at all. Followed, they must lead to `/`. */
export const refusedReturnPaths: readonly string[] = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  'https://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'HTTPS://evil.example/',
  'http:\\\\evil.example',
  'javascript:alert(1)',
  'data:text/html,evil',
  'evil.example',
  'orders',
  './orders',
  '../orders',
  '?x=1',
  '#x',
  '',
  ' //evil.example',
  '/ /evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  '/\r\nLocation: https://evil.example',
  '/\u0000/evil.example',
  '/orders\\..\\..\\evil.example',
  '/é',
  '/\u2028/evil.example',
  '/\uFF0F/evil.example',
  `/${'a'.repeat(2_000)}`,
];

/** Paths of the own origin, also where they look like something else. They are followed as they came. */
export const ownReturnPaths: readonly string[] = [
  '/',
  '/orders?x=1',
  '/ok?a=1#x',
  '/%2f/evil',
  '/%5cevil.example',
  '/@evil',
  '/a/../..//evil.example',
  '/.//evil.example',
  '/..//evil.example',
];

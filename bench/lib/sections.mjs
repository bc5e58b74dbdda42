// The sections in the order of the page.

export const sections = [
  'guard',
  'http',
  'verify',
  'sign',
  'issue',
  'refresh',
  'memory',
  'startup',
];

export function loadSection(name) {
  return import(`../sections/${name}.mjs`);
}

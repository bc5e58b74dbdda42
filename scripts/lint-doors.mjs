// Lint rule `tokenpair/doors`: a room of core imports only the rooms that its line in .oxlintrc.json names, type imports
// included, and a foreign package is imported in the files that its line names.

import { dirname, posix } from 'node:path';

const root = 'packages/core/src/';

/** The room of a path below `root`. A file beside the rooms is a room by itself, which may import all others. */
function roomOf(path) {
  return path.split('/')[0].replace(/\.[jt]s$/, '');
}

const doors = {
  meta: { schema: [{ type: 'object' }] },
  create(context) {
    const [{ rooms, foreign }] = context.options;
    const path = context.filename.slice(context.filename.lastIndexOf(root) + root.length);
    const room = roomOf(path);

    function refusalOf(specifier) {
      if (specifier.startsWith('.')) {
        const target = roomOf(posix.join(dirname(path), specifier));
        const isOpen = !path.includes('/') || target === room || rooms[room]?.includes(target);
        return isOpen ? undefined : `${room} must not import ${target}.`;
      }
      if (specifier.startsWith('node:')) return undefined;
      return foreign[specifier]?.includes(path)
        ? undefined
        : `'${specifier}' must not be imported here.`;
    }

    function check(node) {
      const specifier = node.source?.value;
      const message = typeof specifier === 'string' ? refusalOf(specifier) : undefined;
      if (message !== undefined) {
        context.report({
          node,
          message: `${message} The doors between rooms are in .oxlintrc.json.`,
        });
      }
    }

    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
};

export default { meta: { name: 'tokenpair' }, rules: { doors } };

// jose, which publishes ES modules only: Jest cannot load them, but the `require` of Node can.

import type * as Jose from 'jose';

const { createRequire } = process.getBuiltinModule('node:module');

export const jose = createRequire(__filename)('jose') as typeof Jose;

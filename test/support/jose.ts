// Loads jose with Node's `require`: it publishes ES modules only, which Jest cannot load.

import type * as Jose from 'jose';

const { createRequire } = process.getBuiltinModule('node:module');

export const jose = createRequire(__filename)('jose') as typeof Jose;

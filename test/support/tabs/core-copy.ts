// Loads the sources of core a second time, with a mistake in them.

import type * as core from '@tokenpair/core';

import { createSourceCopy } from '../source-copy.js';

export type { Replacement } from '../source-copy.js';

export type Core = typeof core;

export const loadCore = createSourceCopy<Core>('core');

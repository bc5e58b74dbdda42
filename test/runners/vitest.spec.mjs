// Runs the suite in Vitest.

import { describe, it } from 'vitest';

import { describeMemoryStore } from './memory-store.mjs';

describeMemoryStore({ describe, it });

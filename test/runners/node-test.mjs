// Runs the suite in the test runner of Node.

import { describe, it } from 'node:test';

import { describeMemoryStore } from './memory-store.mjs';

describeMemoryStore({ describe, it });

import { describe, it } from 'node:test';

import { describeMemoryStore } from './memory-store.mjs';

describeMemoryStore({ describe, it });

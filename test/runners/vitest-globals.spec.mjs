// Runs the suite in Vitest with `globals: true`: describe and it need not be passed.
import { describeMemoryStore } from './memory-store.mjs';

describeMemoryStore({});

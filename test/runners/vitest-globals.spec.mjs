// With `globals: true` there is nothing to pass.
import { describeMemoryStore } from './memory-store.mjs';

describeMemoryStore({});

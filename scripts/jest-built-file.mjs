// Jest's transformer for the built packages: they run as they are, a stack names lines of the TypeScript sources, and
// coverage is counted where Jest asks for it.
import { count, readBuilt } from './built-file.mjs';

export default {
  canInstrument: true,
  getCacheKey: (code, path, { instrument }) => `${readBuilt(path, code).id}${instrument}`,
  process(code, path, { instrument }) {
    const built = readBuilt(path, code);
    return instrument ? count(built) : { code: built.code, map: built.map };
  },
};

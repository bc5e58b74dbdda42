// Jest's transformer for the built packages: they run as they are, a stack names lines of the TypeScript sources, and
// coverage is counted where Jest asks for it.
import { count, readBuilt } from './built-file.mjs';

export default {
  canInstrument: true,
  getCacheKey: (_code, path, { instrument }) => `${readBuilt(path).id}${instrument}`,
  process(_code, path, { instrument }) {
    const built = readBuilt(path);
    return instrument ? count(built) : { code: built.code, map: built.map };
  },
};

// The public entry of the package.

export { main } from './main.js';
export type { CommandIo, FileSystem } from './command-io.js';
export type { KeyEntry, KeyRing } from './key-ring.js';

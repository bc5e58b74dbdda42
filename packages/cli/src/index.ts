// The public surface by name.

export { main } from './main.js';
export type { CommandIo, FileSystem } from './command-io.js';
export type { KeyRing, RefreshKeyEntry, SecretEntry, SigningKeyEntry } from './key-ring.js';

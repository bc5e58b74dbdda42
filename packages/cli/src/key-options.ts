// The options of keygen that describe keys.

import type { Algorithm } from '@tokenpair/core';

import { readLists, refuseUsage, type GivenOptions } from './command-line.js';
import type { ListName } from './key-ring.js';
import { algorithmNames, isAlgorithm, isRsa } from './make-key.js';

/** Which keys a command makes or changes, and the options of a new signing key. */
export interface KeyOptions {
  readonly lists: readonly ListName[];
  readonly algorithm: Algorithm | undefined;
  readonly kid: string | undefined;
  readonly bits: number | undefined;
}

export function readKeyOptions(given: GivenOptions): KeyOptions {
  const lists = readLists(given);
  const stray = ['algorithm', 'kid', 'bits'].find(given.has);
  if (stray !== undefined && !lists.includes('keys')) {
    refuseUsage(`--${stray} is for signing keys, which --refresh-only leaves out.`);
  }
  const [algorithm, kid, bits] = ['algorithm', 'kid', 'bits'].map(given.text);
  if (algorithm !== undefined && !isAlgorithm(algorithm)) {
    return refuseUsage(`--algorithm must be one of ${algorithmNames.join(', ')}.`);
  }
  if (kid !== undefined && !/^[ -~]{1,256}$/.test(kid)) {
    refuseUsage('--kid must have 1 to 256 ASCII characters.');
  }
  if (bits === undefined) return { lists, algorithm, kid, bits };
  if (!['2048', '3072', '4096'].includes(bits)) refuseUsage('--bits must be 2048, 3072 or 4096.');
  if (algorithm === undefined || !isRsa(algorithm)) {
    refuseUsage('--bits needs --algorithm RS256 or another RSA algorithm.');
  }
  return { lists, algorithm, kid, bits: Number(bits) };
}

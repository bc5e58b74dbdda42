// What keygen is asked of the keys that it makes.

import type { Algorithm } from '@tokenpair/core';

import { algorithmNames, isAlgorithm, kindOf } from './algorithms.js';
import { refuseUsage, type GivenOptions } from './command-line.js';
import type { KeyRing } from './key-ring.js';

/** What was asked of the signing key that is made. */
export interface Wishes {
  readonly algorithm: Algorithm | undefined;
  readonly kid: string | undefined;
  readonly bits: number | undefined;
}

export function readWishes(given: GivenOptions, lists: readonly (keyof KeyRing)[]): Wishes {
  const wished = ['algorithm', 'kid', 'bits'].find(given.has);
  if (wished !== undefined && !lists.includes('keys')) {
    refuseUsage(`--${wished} is for signing keys, which --refresh-only leaves out.`);
  }
  const algorithm = given.text('algorithm');
  if (algorithm !== undefined && !isAlgorithm(algorithm)) {
    return refuseUsage(`--algorithm takes one of ${algorithmNames.join(', ')}.`);
  }
  const kid = given.text('kid');
  if (kid !== undefined && !/^[ -~]{1,256}$/.test(kid)) {
    refuseUsage('--kid takes up to 256 characters of ASCII.');
  }
  return { algorithm, kid, bits: readBits(given, algorithm) };
}

function readBits({ text }: GivenOptions, algorithm: Algorithm | undefined): number | undefined {
  const bits = text('bits');
  if (bits === undefined) return undefined;
  if (!['2048', '3072', '4096'].includes(bits)) refuseUsage('--bits takes 2048, 3072 or 4096.');
  if (algorithm === undefined || kindOf(algorithm).type !== 'rsa') {
    refuseUsage('--bits goes with --algorithm RS256 and its kin.');
  }
  return Number(bits);
}

export function readFormat({ text }: GivenOptions, out: string | undefined): 'env' | 'jwk' {
  const format = text('format') ?? (out?.endsWith('.json') === true ? 'jwk' : 'env');
  if (format === 'env' || format === 'jwk') return format;
  return refuseUsage('--format takes env or jwk.');
}

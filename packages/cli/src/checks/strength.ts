// Second check: each key is whole, fits its algorithm and cannot be guessed, and no two are one.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

import type { Algorithm } from '@tokenpair/core';

import { kindOf } from '../algorithms.js';
import type { KeyRing, RefreshKeyEntry, SigningKeyEntry } from '../key-ring.js';
import { finding, placeOf, type Finding } from './finding.js';
import { readKey, readSecret, type Material } from './material.js';
import { looksThoughtUp } from './weak-secret.js';

interface Placed {
  readonly list: keyof KeyRing;
  readonly place: string;
  readonly material: Material | undefined;
}

export function checkStrength({ keys = [], refreshKeys = [] }: KeyRing): Finding[] {
  // Without a key that signs it is the ring of a service that only verifies.
  const isIssuer = refreshKeys.length > 0 || keys.some((key) => key.privateKey !== undefined);
  const signing = keys.map((key, index) => ({ key, ...placeSigningKey(key, index) }));
  const refresh = refreshKeys.map((key, index) => placeRefreshKey(key, index));
  return [
    ...signing.flatMap((placed) => checkSigningKey(placed, placed.key, isIssuer)),
    ...refresh.flatMap((placed) => checkSecret(placed, 32, 'a refresh key')),
    ...checkTwice([...signing, ...refresh]),
  ];
}

function placeSigningKey(key: SigningKeyEntry, index: number): Placed {
  const material =
    key.secret === undefined ? readKey(key.privateKey ?? key.publicKey) : readSecret(key.secret);
  return { list: 'keys', place: placeOf('keys', index, key), material };
}

function placeRefreshKey(key: RefreshKeyEntry, index: number): Placed {
  const place = placeOf('refreshKeys', index, key);
  return { list: 'refreshKeys', place, material: readSecret(key.secret) };
}

const replaceIt = 'Rotate it away, and take it out of the file.';

function checkSigningKey(
  placed: Placed,
  { algorithm, state, secret, publicKey }: SigningKeyEntry,
  isIssuer: boolean,
): Finding[] {
  const { place, material } = placed;
  const kind = kindOf(algorithm);
  if (secret !== undefined) {
    return checkSecret(placed, kind.type === 'secret' ? kind.bytes : 32, algorithm);
  }
  if (material === undefined || material.type === 'secret') return [unreadable(place)];
  if (publicKey !== undefined && material.type === 'private') {
    const problem = 'it has a private key in the place of the public one';
    const advice = 'Give its public part, and take the key for known to whoever has read the file.';
    return [finding('private_key_exposed', place, problem, advice)];
  }
  if (publicKey === undefined && material.type === 'public') {
    const problem = 'it has a public key in the place of the private one';
    const advice = 'Give the private key; with the public one alone, name it publicKey.';
    return [finding('public_key_given', place, problem, advice)];
  }
  const findings = checkFit(place, algorithm, material.key);
  if (material.type === 'private' && !belongTogether(material, algorithm)) {
    const problem = 'its private and its public part are of two keys';
    const advice = 'What it signs nobody can verify: take both parts from one key.';
    findings.push(finding('halves_differ', place, problem, advice));
  }
  if (material.type === 'public' && state !== 'retiring' && isIssuer) {
    const problem = `it is ${state}, and has no private key to sign with`;
    const advice = 'Give its private key, or call it retiring.';
    findings.push(finding('cannot_sign', place, problem, advice));
  }
  return findings;
}

function checkFit(place: string, algorithm: Algorithm, key: KeyObject): Finding[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  const kind = kindOf(algorithm);
  const fits = type === kind.type && (kind.type !== 'ec' || details.namedCurve === kind.nodeCurve);
  if (!fits) {
    const wanted = kind.type === 'ec' ? `an EC key on ${kind.curve}` : `a key of type ${kind.type}`;
    const advice = 'Use the algorithm that the key is for, or another key.';
    return [finding('key_unfit', place, `${algorithm} needs ${wanted}`, advice)];
  }
  const bits = details.modulusLength ?? 0;
  if (kind.type === 'rsa' && bits < 2_048) {
    const problem = `its RSA key has ${bits} bits, of which 2048 are the least`;
    return [finding('rsa_short', place, problem, replaceIt)];
  }
  return [];
}

// With the hash that tokens are signed with: a runtime may take no other on a curve.
function belongTogether(
  { key, publicKey }: Material & { readonly type: 'private' },
  algorithm: Algorithm,
): boolean {
  const digest = kindOf(algorithm).type === 'ed25519' ? null : `sha${algorithm.slice(2)}`;
  const probe = Buffer.from('tokenpair doctor');
  try {
    return verify(digest, probe, publicKey, sign(digest, probe, key));
  } catch {
    // No verdict on the two parts: a key that does not fit was found before, and what the runtime cannot do core says.
    return true;
  }
}

function checkSecret({ place, material }: Placed, least: number, whose: string): Finding[] {
  if (material?.type !== 'secret') return [unreadable(place)];
  const { bytes } = material;
  if (isKeyText(bytes)) {
    const problem = 'its secret is the text of a key, which others may have';
    return [finding('secret_is_key', place, problem, 'Make a secret: tokenpair keygen.')];
  }
  if (bytes.length < least) {
    const problem = `its secret has ${bytes.length} bytes, of which ${whose} needs ${least}`;
    return [finding('secret_short', place, problem, replaceIt)];
  }
  const looks = looksThoughtUp(bytes);
  if (looks === undefined) return [];
  const problem = `its secret ${looks}, so it can be guessed from any token`;
  const advice = `${replaceIt} Secrets come from a generator of random bytes.`;
  return [finding('secret_guessable', place, problem, advice)];
}

// Core knows other disguises, and has the last word: what it refuses is a finding too.
function isKeyText(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').trim();
  return (
    text.includes('-----BEGIN') ||
    (text.startsWith('{') && text.includes('"kty"')) ||
    // The body of a PEM file begins so, whatever key is in it.
    (text.startsWith('M') && isDer(Buffer.from(text, 'base64')))
  );
}

function isDer(bytes: Buffer): boolean {
  const readers = [
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
  ];
  return readers.some((read) => {
    try {
      read();
      return true;
    } catch {
      return false;
    }
  });
}

/** One key under two names, and one secret for two purposes. */
function checkTwice(placed: readonly Placed[]): Finding[] {
  const prints = placed.map(({ material }) => material && fingerprint(material));
  return placed.flatMap((later, index) => {
    const first = prints.indexOf(prints[index]);
    const earlier = placed[first];
    if (prints[index] === undefined || earlier === undefined || first === index) return [];
    if (earlier.list === later.list) {
      const problem = `it is the same key as ${earlier.place}`;
      const advice = 'A key that has leaked stays in use under its other name: make a new one.';
      return [finding('key_twice', later.place, problem, advice)];
    }
    const problem = `it has the secret of ${earlier.place}`;
    const advice =
      'Who is given one to verify access tokens has the other: make a secret for each.';
    return [finding('secret_shared', later.place, problem, advice)];
  });
}

/** Of the public part, so that a private key and its public one are one. */
function fingerprint(material: Material): string {
  const hash = createHash('sha256').update(material.type === 'secret' ? 'secret' : 'asymmetric');
  if (material.type === 'secret') return hash.update(material.bytes).digest('hex');
  const key = material.type === 'private' ? material.publicKey : material.key;
  return hash.update(key.export({ type: 'spki', format: 'der' })).digest('hex');
}

function unreadable(place: string): Finding {
  const advice =
    'It takes a JWK or PEM text (not an encrypted one), a secret { "base64url": "…" }.';
  return finding('key_unreadable', place, 'it holds no key that can be read', advice);
}

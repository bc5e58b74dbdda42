// Imports key material in any of its forms, for one algorithm: the key that verifies, and the key that signs. RFC 8725 §3.1

import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  sign,
  verify,
} from 'node:crypto';

import { attempt } from '../lib/attempt.js';
import { decodeBase64url } from '../lib/base64url.js';
import { checkOptions, isObject, refuseOption } from '../lib/options.js';
import { hashOf, secretLength, validateKeyForAlgorithm, type Algorithm } from './algorithm.js';
import { hasPrivateParameters, isJwk, memberThatForbids, type Jwk } from './jwk.js';

/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * Decrypt an encrypted key yourself and pass it as a `KeyObject`.
 */
export type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;

/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, whose UTF-8 bytes are the secret; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Text is never decoded, even if it looks like base64.
 */
export type SecretMaterial = string | Uint8Array | { readonly base64url: string } | Jwk | KeyObject;

/** The option that holds the key material. */
export type KeyKind = 'publicKey' | 'privateKey' | 'secret';

export interface KeyPair {
  readonly verificationKey: KeyObject;
  /** `undefined` for a key that only verifies. */
  readonly signingKey: KeyObject | undefined;
}

/** The one key option that is given. @throws TypeError none or several are given. */
export function requireOneKind(
  what: string,
  options: Readonly<Record<string, unknown>>,
  kinds: readonly KeyKind[],
): KeyKind {
  const [kind, ...more] = kinds.filter((name) => options[name] !== undefined);
  const named = kinds.find((name) => Object.hasOwn(options, name));
  if (kind === undefined && named !== undefined) requireGiven(`${what}.${named}`, undefined);
  if (kind === undefined || more.length > 0) {
    throw new TypeError(`${what} must have exactly one of ${kinds.join(', ')}`);
  }
  return kind;
}

// What `process.env` and an empty file give.
function requireGiven(option: string, material: unknown): void {
  const isEmpty = material === '' || (material instanceof Uint8Array && material.length === 0);
  if (!isEmpty && material !== undefined && material !== null) return;
  const what = isEmpty ? 'empty' : String(material);
  throw new TypeError(
    `${option} is ${what}. Give the key; if it comes from a variable of the environment or from a file, look whether that has it.`,
  );
}

/** Imports a key. Checks that it fits its algorithm, and that its two parts are of one key. */
export function importKeyPair(
  option: string,
  kind: KeyKind,
  material: unknown,
  algorithm: Algorithm,
): KeyPair {
  const minBytes = secretLength(algorithm);
  if ((kind === 'secret') !== (minBytes !== undefined)) {
    const needed = minBytes === undefined ? 'publicKey or privateKey' : 'secret';
    throw new TypeError(`${option}: ${algorithm} needs a ${needed}, not a ${kind}`);
  }
  if (minBytes !== undefined) {
    const secret = importSecret(option, material, minBytes);
    // A JWK may allow `verify` only.
    const canSign = !isJwk(material) || memberThatForbids(material, 'sign') === undefined;
    return { verificationKey: secret, signingKey: canSign ? secret : undefined };
  }
  const pair = importAsymmetric(option, kind === 'privateKey', material);
  const problem = validateKeyForAlgorithm(algorithm, pair.verificationKey);
  if (problem !== undefined) throw new TypeError(`${option}: ${problem}`);
  if (pair.signingKey) requireOneKey(option, algorithm, pair.signingKey, pair.verificationKey);
  return pair;
}

// Node does not compare the two parts of a private key. If they differ, no signature of the key can be verified. The hash
// is that of the algorithm, because a runtime may support no other hash for a curve.
function requireOneKey(
  option: string,
  algorithm: Algorithm,
  privateKey: KeyObject,
  publicKey: KeyObject,
): void {
  const hash = hashOf(algorithm);
  const sample = Buffer.from('tokenpair');
  let isOneKey: boolean;
  try {
    isOneKey = verify(hash, sample, publicKey, sign(hash, sample, privateKey));
  } catch (cause) {
    // The runtime lacks something; the pair may be good. The cause contains no part of the key.
    throw new TypeError(
      `${option}: signing with this key under ${algorithm} failed in this runtime; the cause says why. ` +
        'Use an algorithm that the runtime has, or another key.',
      { cause },
    );
  }
  if (!isOneKey) {
    throw new TypeError(
      `${option}: its private and its public part are not of one key. Give both parts of the same key.`,
    );
  }
}

/** Imports a public key, or a private key with its public one. */
export function importAsymmetric(option: string, isPrivate: boolean, material: unknown): KeyPair {
  requireGiven(option, material);
  const key = readKey(option, material);
  if (key === undefined) {
    // The error of Node may describe the key, so it is not passed on.
    throw new TypeError(
      `${option} is not readable ${whyUnreadable(material) ?? 'as a key. Give PEM, DER, a JWK or a KeyObject.'}`,
    );
  }
  // Node would silently take the public key out of a private one.
  const type = isPrivate ? 'private' : 'public';
  if (key.type !== type) refuseOption(option, `a ${type} key; got a ${key.type} key`);
  return isPrivate
    ? { verificationKey: createPublicKey(key), signingKey: key }
    : { verificationKey: key, signingKey: undefined };
}

function readKey(option: string, material: unknown): KeyObject | undefined {
  if (material instanceof KeyObject) return material;
  if (isJwk(material)) {
    if (material.kty === 'oct') refuseOption(option, 'a public or private key; got a secret key');
    // `{ ...jwk, d: undefined }` is how a private part is left out.
    const members = Object.entries(material).filter(([, value]) => value !== undefined);
    const key: Record<string, unknown> = Object.fromEntries(members);
    const create = hasPrivateParameters(key) ? createPrivateKey : createPublicKey;
    return attempt(() => create({ key, format: 'jwk' }));
  }
  const bytes = material instanceof Uint8Array ? Buffer.from(material) : undefined;
  const text = bytes === undefined ? material : bytes.toString('latin1');
  if (typeof text === 'string' && (text.includes('-----BEGIN') || isBase64OfPem(text))) {
    const create = text.includes('PRIVATE KEY-----') ? createPrivateKey : createPublicKey;
    return attempt(() => create(text));
  }
  if (bytes !== undefined) return readDer(bytes);
  if (typeof Object(material).then === 'function') {
    throw new TypeError(`${option} is a promise: await it, and pass what it resolves with`);
  }
  const why = typeof material === 'string' ? whyNoKey(material) : undefined;
  if (why !== undefined) throw new TypeError(`${option} is not readable ${why}`);
  return refuseOption(option, 'a key as PEM, DER, JWK or KeyObject');
}

// How some tools put a file into a variable of the environment: twice in base64 where two tools did, in quotation marks, in a data URL.
function isBase64OfPem(text: string): boolean {
  let inner = text;
  for (let layer = 0; layer < 2; layer += 1) {
    const body = inner.replace(/^[\s"'`]+|^data:[^,]{0,100},/g, '');
    if (!/^[\w+/-]{16}/.test(body)) return false;
    // More than enough for a byte order mark and line breaks before the first line.
    inner = Buffer.from(body.slice(0, 200), 'base64').toString('latin1');
    if (inner.includes('-----BEGIN')) return true;
  }
  return false;
}

const fileName = /^[^\s{}]{0,200}\.(?:pem|key|der|crt|cer|jwk|json|txt|secret|bin)["'`]?$/i;

/** What a text that has no first line of PEM may be, from its outer shape only. */
function whyNoKey(text: string): string | undefined {
  const trimmed = text.trim().replace(/^["'`]/, '');
  if (/^(?:ssh|ecdsa|sk)-[\w.@-]+ /.test(trimmed)) {
    return 'PEM: it is in the format of OpenSSH. Convert it: ssh-keygen -e -m PKCS8 -f file.';
  }
  if (/^\{[^]*"kty"/.test(trimmed))
    return 'as a key: it is the text of a JWK. Pass JSON.parse(text).';
  if (fileName.test(trimmed) || /^(?:file:|\.{0,2}\/)[\w./-]{1,100}$/.test(trimmed)) {
    return "as a key: it looks like the name of a file. Pass what is in the file: readFileSync(path, 'utf8').";
  }
  if (/^M[\w+/=\s]{60,}["'`]?$/.test(trimmed) || /\b(?:PUBLIC|PRIVATE) KEY\b/.test(trimmed)) {
    return 'PEM: its first and last lines (-----BEGIN …-----, -----END …-----) are missing or changed. Give the whole text.';
  }
  return undefined;
}

/** What is wrong with a key in text form, from its outer shape only: nothing of its content is repeated. */
function whyUnreadable(material: unknown): string | undefined {
  const text = material instanceof Uint8Array ? Buffer.from(material).toString('latin1') : material;
  if (typeof text !== 'string') return undefined;
  if (isBase64OfPem(text)) {
    return "PEM: it is the base64 of PEM. Decode it, with Buffer.from(text, 'base64').toString() for example.";
  }
  if (!text.includes('-----BEGIN')) return undefined;
  if (/\\[nr]/.test(text)) {
    return "PEM: it contains \\n as two characters. Replace them by line breaks, for example with .replaceAll('\\\\n', '\\n').";
  }
  if (!text.includes('-----END')) {
    return 'PEM: its last line (-----END …-----) is missing. Give the whole text; a variable of the environment may end at the first line break.';
  }
  if (/ENCRYPTED/.test(text)) {
    return 'as PEM, because it is encrypted. Decrypt it, and pass the KeyObject: createPrivateKey({ key, passphrase }).';
  }
  if (text.includes('BEGIN OPENSSH')) {
    return 'as PEM, because it is in the format of OpenSSH. Convert it: ssh-keygen -p -m PKCS8 -f file.';
  }
  if (!/-----BEGIN[^-]*-----[^\S\n]*\n[^]*\n[^\S\n]*-----END/.test(text)) {
    return 'PEM: its line breaks are lost. Keep one after -----BEGIN …-----, one before -----END …----- and those between.';
  }
  if (/^\s*["'`]/.test(text)) {
    return 'PEM: it is in quotation marks. Remove them.';
  }
  if (/^[^\S\n]+-----(?:BEGIN|END)/m.test(text)) {
    return 'PEM: its lines are indented. Remove the spaces before them.';
  }
  return 'PEM: its content is damaged or of an unknown kind. Give it as the tool that made the key has written it.';
}

/** Imports a shared secret of at least `minBytes`. Refuses the text or the bytes of an asymmetric key. */
export function importSecret(option: string, material: unknown, minBytes: number): KeyObject {
  requireGiven(option, material);
  // Base64 and hexadecimal text have no dot.
  if (typeof material === 'string' && fileName.test(material)) {
    throw new TypeError(
      `${option} looks like the name of a file. Pass what is in the file: readFileSync(path).`,
    );
  }
  const bytes = secretBytes(option, material);
  if (looksLikeKey(bytes)) {
    throw new TypeError(
      `${option} must be a secret; got the text or the bytes of a key. Give random bytes, or use an asymmetric algorithm.`,
    );
  }
  if (bytes.length < minBytes) {
    throw new TypeError(`${option} must have at least ${minBytes} bytes; it has ${bytes.length}`);
  }
  return createSecretKey(bytes);
}

function secretBytes(option: string, material: unknown): Buffer {
  if (typeof material === 'string') return Buffer.from(material, 'utf8');
  if (material instanceof Uint8Array) return Buffer.from(material);
  if (material instanceof KeyObject) {
    if (material.type === 'secret') return material.export();
  } else if (isJwk(material)) {
    if (material.kty === 'oct') return decode(`${option}.k`, material.k);
  } else if (isObject(material) && 'base64url' in material) {
    const { base64url } = checkOptions(option, material, ['base64url']);
    return decode(`${option}.base64url`, base64url);
  }
  return refuseOption(
    option,
    "text, bytes, { base64url: '…' }, a JWK of type oct or a secret KeyObject",
  );
}

function decode(option: string, text: unknown): Buffer {
  const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined;
  return bytes ?? refuseOption(option, 'base64url without padding');
}

// A public key as the secret of an HMAC would let anyone sign. RFC 8725 §2.1
function looksLikeKey(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').trim();
  return (
    text.includes('-----BEGIN') ||
    /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ /.test(text) ||
    (text.startsWith('{') && text.includes('"kty"')) ||
    readDer(bytes) !== undefined ||
    // A PEM file without its first and last line. The base64 of a DER sequence begins with M.
    (text.startsWith('M') && readDer(Buffer.from(text, 'base64')) !== undefined)
  );
}

// Private forms first: `createPublicKey` would silently take the public key out of an RSA private key.
function readDer(key: Buffer): KeyObject | undefined {
  if (key[0] !== 0x30) return undefined;
  const readPrivate = (type: 'pkcs8' | 'pkcs1' | 'sec1') =>
    attempt(() => createPrivateKey({ key, format: 'der', type }));
  const readPublic = (type: 'spki' | 'pkcs1') =>
    attempt(() => createPublicKey({ key, format: 'der', type }));
  return (
    readPrivate('pkcs8') ??
    readPrivate('pkcs1') ??
    readPrivate('sec1') ??
    readPublic('spki') ??
    readPublic('pkcs1')
  );
}

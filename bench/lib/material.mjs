// Keys and tokens, made once per run by node:crypto alone, so that no contestant made them. The tokens are distinct in
// subject, session and id; one more has a bit of its signature flipped.

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const issuer = 'https://api.example.com';
export const audience = 'https://api.example.com';
export const kid = '2026-11';
export const algorithms = ['HS256', 'RS256', 'ES256'];

/** Writes keys and `count` tokens of every algorithm to a folder that is removed when this process ends. */
export function writeMaterial(count) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenpair-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const algorithm of algorithms) {
    const keys = makeKeys(algorithm);
    const tokens = makeTokens({ algorithm, signingKey: keys.secret ?? keys.privateKey }, count);
    const content = { algorithm, keys, tokens, forged: flipLastBit(tokens[0]) };
    writeFileSync(fileOf(folder, algorithm), JSON.stringify(content), { mode: 0o600 });
  }
  return folder;
}

/** Reads the same in another process and imports the keys. */
export function readMaterial(folder, algorithm) {
  const { keys, ...rest } = JSON.parse(readFileSync(fileOf(folder, algorithm), 'utf8'));
  const secret = keys.secret && createSecretKey(keys.secret, 'utf8');
  return {
    ...rest,
    issuer,
    audience,
    kid,
    signingKey: secret ?? createPrivateKey(keys.privateKey),
    verificationKey: secret ?? createPublicKey(keys.publicKey),
    /** The secret as text, or the public key as PEM: fast-jwt takes no KeyObject. */
    verificationText: keys.secret ?? keys.publicKey,
  };
}

/** Usual claims: the token has about 500 characters when it is signed with HS256. */
function claimsOf(at, now = Math.floor(Date.now() / 1_000)) {
  return {
    iss: issuer,
    sub: `u_${at}`,
    aud: audience,
    exp: now + 86_400,
    iat: now,
    jti: randomUUID(),
    sid: randomBytes(28).toString('base64url'),
    // Later than every entry of a revocation log.
    rev: 2 ** 52,
    scope: 'orders:read orders:write profile:read',
    role: 'member',
  };
}

/** Signs `count` tokens, the first of them for user `first`. */
export function makeTokens({ algorithm, signingKey }, count, first = 0) {
  const header = { alg: algorithm, typ: 'at+jwt', kid };
  return Array.from({ length: count }, (_, at) => {
    const input = [header, claimsOf(first + at)]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${input}.${signByHand(algorithm, signingKey, Buffer.from(input))}`;
  });
}

function signByHand(algorithm, key, input) {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(input).digest('base64url');
  return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

function fileOf(folder, algorithm) {
  return join(folder, `${algorithm}.json`);
}

function makeKeys(algorithm) {
  if (algorithm === 'HS256') return { secret: randomBytes(32).toString('base64url') };
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

// The last byte of the signature, not the last character of its text, whose spare bits some decoders ignore.
function flipLastBit(token) {
  const [header, payload, text] = token.split('.');
  const signature = Buffer.from(text, 'base64url');
  signature[signature.length - 1] ^= 1;
  return [header, payload, signature.toString('base64url')].join('.');
}

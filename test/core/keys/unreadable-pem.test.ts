import { createTokenIssuer, createTokenVerifier, MemorySessionStore } from '@tokenpair/core';
import { randomBytes } from 'node:crypto';

import { createKeyPair } from '../../support/keys.js';

const { privateKey, publicKey } = createKeyPair('ES256');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const encrypted = privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'lovelace',
}) as string;

const asPrivate = (text: string | Uint8Array) => () =>
  createTokenIssuer({
    issuer: 'https://issuer.test',
    audience: 'https://api.test',
    keys: [{ kid: 'a', algorithm: 'ES256', privateKey: text }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore({ capacity: 1 }),
  });
const asPublic = (text: string) => () =>
  createTokenVerifier({
    issuer: 'https://issuer.test',
    audience: 'https://api.test',
    keys: [{ kid: 'a', algorithm: 'ES256', publicKey: text }],
  });

describe('PEM that cannot be read', () => {
  it.each<[string, (text: string) => string, RegExp]>([
    ['\\n as two characters', (text) => text.replaceAll('\n', '\\n'), /\\n as two characters/],
    ['\\r\\n as four characters', (text) => text.replaceAll('\n', '\\r\\n'), /as two characters/],
    ['spaces for line breaks', (text) => text.replaceAll('\n', ' '), /line breaks are lost/],
    ['nothing for line breaks', (text) => text.replaceAll('\n', ''), /line breaks are lost/],
    ['its first line only', (text) => text.split('\n')[0] ?? '', /-----END …-----\) is missing/],
    ['base64 around it', (text) => Buffer.from(text).toString('base64'), /is the base64 of PEM/],
    ['damage', (text) => text.replace(/\n\w{8}/, '\n'), /damaged/],
  ])('names what is wrong, and the cure: %s', (_what, spoil, message) => {
    for (const [option, act, text] of [
      ['privateKey', asPrivate, spoil(pem)],
      ['publicKey', asPublic, spoil(publicPem)],
    ] as const) {
      expect(act(text)).toThrow(TypeError);
      expect(act(text)).toThrow(message);
      expect(act(text)).toThrow(new RegExp(`^keys\\[0\\]\\.${option} is not readable`));
    }
  });

  it('says how to replace the two characters', () => {
    expect(asPrivate(pem.replaceAll('\n', '\\n'))).toThrow(
      "keys[0].privateKey is not readable PEM: it contains \\n as two characters. Replace them by line breaks, for example with .replaceAll('\\\\n', '\\n').",
    );
    expect(asPrivate(pem.replaceAll('\n', '\\n').replaceAll('\\n', '\n'))).not.toThrow();
  });

  it('is named also as bytes', () => {
    expect(asPrivate(Buffer.from(pem.replaceAll('\n', '\\n')))).toThrow(/as two characters/);
  });

  it('may be encrypted: the message says so, and only then', () => {
    expect(asPrivate(encrypted)).toThrow(/because it is encrypted/);
    expect(asPrivate(pem.replaceAll('\n', '\\n'))).not.toThrow(/encrypted/);
  });

  it('is never in the message', () => {
    const lines = pem.split('\n').filter((line) => line.length > 20 && !line.includes('-----'));
    expect(lines).not.toEqual([]);
    let message = '';
    try {
      asPrivate(pem.replaceAll('\n', '\\n'))();
    } catch (error) {
      message = String(error);
    }
    expect(lines.filter((line) => message.includes(line))).toEqual([]);
  });
});

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

const base64 = (text: string) => Buffer.from(text).toString('base64');
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
    ['base64 in quotation marks', (text) => `"${base64(text)}"`, /is the base64 of PEM/],
    ['base64 of base64', (text) => base64(base64(text)), /is the base64 of PEM/],
    ['base64 with a byte order mark', (text) => base64(`\uFEFF${text}`), /is the base64 of PEM/],
    ['a data URL', (text) => `data:;base64,${base64(text)}`, /is the base64 of PEM/],
    ['a space before its last line', (text) => text.replace(/\n(-----END)/, ' $1'), /are lost/],
    ['no break before its last line', (text) => text.replace(/\n(-----END)/, '$1'), /are lost/],
    ['quotation marks', (text) => `"${text}"`, /in quotation marks/],
    ['indented lines', (text) => text.replace(/^/gm, '    '), /indented/],
    ['its body only', (text) => text.replace(/-----.*-----\n?/g, ''), /are missing or changed/],
    ['dashes of a text editor', (text) => text.replaceAll('-----', '—'), /missing or changed/],
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

  it.each<[string, string, RegExp]>([
    ['the name of a file', './keys/private.pem', /pass what is in the file/i],
    [
      'the name of a file without an extension',
      '/run/secrets/signing',
      /pass what is in the file/i,
    ],
    ['the URL of a file', 'file:///run/secrets/signing', /pass what is in the file/i],
    ['the text of a JWK', JSON.stringify(privateKey.export({ format: 'jwk' })), /JSON\.parse/],
    ['a public key of OpenSSH', 'ssh-rsa AAAAB3Nza user@host', /ssh-keygen -e/],
    [
      'a private key of OpenSSH',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----\n',
      /ssh-keygen -p/,
    ],
  ])('may be something else, whose cure is named: %s', (_what, text, message) => {
    for (const act of [asPrivate(text), asPublic(text)]) {
      expect(act).toThrow(TypeError);
      expect(act).toThrow(message);
      expect(act).not.toThrow(/AAAAB3Nza|b3BlbnNzaC1r|private\.pem|"d"/);
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

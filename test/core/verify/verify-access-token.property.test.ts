import { isAuthError, verifyBearer, type Algorithm } from '@tokenpair/core';
import fc from 'fast-check';

import { encode, signerFor } from '../../support/forge.js';
import { createTestKey } from '../../support/keys.js';
import { createTestVerifier, type TestVerifier } from '../../support/verifier.js';

interface Subject {
  readonly verifier: TestVerifier;
  readonly good: string;
}

function createSubject(algorithm: Algorithm): Subject {
  const { signing, verification } = createTestKey(algorithm);
  const verifier = createTestVerifier({ keys: [verification] });
  const key = 'secret' in signing ? signing.secret : signing.privateKey;
  const good = verifier.token(
    {},
    {
      header: verifier.header({ alg: algorithm }),
      signer: signerFor(algorithm, key as Uint8Array),
    },
  );
  return { verifier, good };
}

/** The forgeries that were accepted, or refused with an error that is not about the token. */
async function exceptions({ verifier }: Subject, forgeries: Iterable<string>): Promise<string[]> {
  const found: string[] = [];
  for (const forged of forgeries) {
    try {
      await verifier.verify(forged);
      found.push(`accepted: ${forged}`);
    } catch (error) {
      // A change in the header may name another key.
      const expected = ['token_invalid', 'token_key_unknown', 'request_malformed'];
      if (!isAuthError(error) || !expected.includes(error.code))
        found.push(`${String(error)}: ${forged}`);
    }
  }
  return found;
}

function* everyCharacterReplaced(token: string): Generator<string> {
  for (let at = 0; at < token.length; at += 1) {
    const code = token.charCodeAt(at);
    const bitFlips = Array.from({ length: 8 }, (_, bit) => String.fromCharCode(code ^ (1 << bit)));
    const replacements = new Set([
      ...bitFlips,
      'A',
      'B',
      'w',
      '_',
      '-',
      '9',
      '.',
      '=',
      '+',
      '/',
      ' ',
    ]);
    replacements.delete(token.charAt(at));
    for (const other of replacements) yield token.slice(0, at) + other + token.slice(at + 1);
  }
}

function* everyCharacterDroppedOrDoubled(token: string): Generator<string> {
  for (let at = 0; at < token.length; at += 1) {
    yield token.slice(0, at) + token.slice(at + 1);
    yield token.slice(0, at + 1) + token.slice(at);
  }
}

function* everyDecodedBitFlipped(token: string): Generator<string> {
  const segments = token.split('.').map((segment) => Buffer.from(segment, 'base64url'));
  for (const bytes of segments) {
    for (let at = 0; at < bytes.length * 8; at += 1) {
      const index = Math.floor(at / 8);
      const bit = 1 << (at % 8);
      bytes.writeUInt8(bytes.readUInt8(index) ^ bit, index);
      yield segments.map((segment) => segment.toString('base64url')).join('.');
      bytes.writeUInt8(bytes.readUInt8(index) ^ bit, index);
    }
  }
}

function* everyPrefix(token: string): Generator<string> {
  for (let length = 1; length < token.length; length += 1) yield token.slice(0, length);
}

describe.each<Algorithm>(['HS256', 'ES256', 'RS256', 'EdDSA'])('a good %s token', (algorithm) => {
  const subject = createSubject(algorithm);

  it('is accepted as it is', async () => {
    await expect(subject.verifier.verify(subject.good)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('is refused with any one character replaced, in each of its bits', async () => {
    const found = await exceptions(subject, everyCharacterReplaced(subject.good));
    expect(found).toEqual([]);
  });

  it('is refused with any one bit of header, payload or signature flipped', async () => {
    const found = await exceptions(subject, everyDecodedBitFlipped(subject.good));
    expect(found).toEqual([]);
  });

  it('is refused with any one character dropped or doubled, and cut anywhere', async () => {
    const found = [
      ...(await exceptions(subject, everyCharacterDroppedOrDoubled(subject.good))),
      ...(await exceptions(subject, everyPrefix(subject.good))),
    ];
    expect(found).toEqual([]);
  });

  it('is refused with any single byte of a segment replaced by any other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 2 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (segment, position, difference) => {
          const parts = subject.good.split('.').map((part) => Buffer.from(part, 'base64url'));
          const bytes = parts[segment] as Buffer;
          const at = position % bytes.length;
          bytes.writeUInt8(bytes.readUInt8(at) ^ difference, at);
          const forged = parts.map((part) => part.toString('base64url')).join('.');
          expect(await exceptions(subject, [forged])).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

async function outcome(attempt: () => Promise<unknown>): Promise<unknown> {
  try {
    await attempt();
    return 'accepted';
  } catch (error) {
    return isAuthError(error) && error.status < 500 ? 'refused' : error;
  }
}

describe('verifyBearer, for random input', () => {
  const verifier = createTestVerifier();

  it('refuses random Authorization values with an AuthError', async () => {
    // Any code unit, including lone surrogates. For the unit `binary`, fast-check first builds a table of a million entries.
    const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
    const value = fc.oneof(
      fc.string({ unit: anyUnit }),
      fc.string().map((text) => `Bearer ${text}`),
      fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,60}={0,2}$/).map((text) => `Bearer ${text}`),
      fc
        .array(fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/), { maxLength: 5 })
        .map((segments) => `Bearer ${segments.join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(value, async (authorization) => {
        const attempts = [
          () => verifyBearer(verifier.verifier, authorization),
          () => verifyBearer(verifier.verifier, { headers: { authorization } }),
        ];
        for (const attempt of attempts) expect(await outcome(attempt)).toBe('refused');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses random headers and payloads with random signatures', async () => {
    const part = fc.oneof(
      fc.json(),
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.record({ alg: fc.constantFrom('HS256', 'none'), typ: fc.string(), kid: fc.jsonValue() }),
      fc.constant(verifier.header()),
    );
    const signature = fc.uint8Array({ minLength: 1, maxLength: 70 });
    await fc.assert(
      fc.asyncProperty(part, part, signature, async (header, payload, bytes) => {
        const forged = [header, payload, bytes].map((one) => encode(one)).join('.');
        expect(await outcome(() => verifier.verify(forged))).toBe('refused');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses random JSON with a valid signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (payload) => {
        expect(await outcome(() => verifier.verify(verifier.token({}, { payload })))).toBe(
          'refused',
        );
      }),
      { numRuns: 500 },
    );
  });

  it('accepts or refuses claims with random values, and never fails otherwise', async () => {
    const names = Object.keys(verifier.claims());
    const changes = fc.dictionary(
      fc.constantFrom(...names, 'nbf', 'scope', 'cnf', '__proto__', 'constructor', 'x'),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const token = verifier.token({}, { payload: { ...verifier.claims(), ...changed } });
        expect(['accepted', 'refused']).toContain(await outcome(() => verifier.verify(token)));
      }),
      { numRuns: 500 },
    );
  });

  it('accepts every valid subject, scope and claim, and returns them unchanged', async () => {
    const scope = fc.array(fc.stringMatching(/^[!#-[\]-~]{1,20}$/), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        scope,
        fc.jsonValue({ maxDepth: 3 }),
        async (sub, scopes, extra) => {
          const verified = await verifier.verify(
            verifier.token({ sub, scope: scopes.join(' '), extra }),
          );
          expect(verified.subject).toBe(sub);
          expect([...verified.scopes]).toEqual([...new Set(scopes)]);
          expect(JSON.stringify(verified.claims['extra'])).toBe(JSON.stringify(extra));
        },
      ),
    );
  });
});

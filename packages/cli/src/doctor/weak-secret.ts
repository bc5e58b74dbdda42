// A heuristic: does a secret look as if a person wrote it, instead of a generator of random bytes?

/** @returns why it looks weak, or `undefined` for bytes that look random, in any usual encoding. */
export function weaknessOf(secret: Uint8Array): string | undefined {
  const spellings = [Buffer.from(secret), ...decoded(Buffer.from(secret))];
  if (spellings.some(repeats)) return 'repeats itself';
  if (spellings.some(counts)) return 'follows a sequence';
  if (spellings.some(reads)) return 'is readable text';
  return entropy(secret) < leastEntropy ? 'has few different bytes' : undefined;
}

// 16 random bytes in hexadecimal have about 118 bits by this measure; one in a million has less than 88.
const leastEntropy = 88;

/** The bytes that a text encodes: `openssl rand -hex 32` is a good secret, "61616161…" is not. */
function decoded(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1');
  if (/^(?:[\da-f]{2}){8,}$/i.test(text)) return [Buffer.from(text, 'hex')];
  // Random bytes do not decode to text, so only text that was encoded counts.
  const inside = /^[\w+/-]{16,}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  return inside && isPrintable(inside) ? [inside] : [];
}

function repeats(bytes: Buffer): boolean {
  const periods = Array.from({ length: Math.floor(bytes.length / 2) }, (_, index) => index + 1);
  return periods.some((period) => bytes.subarray(period).equals(bytes.subarray(0, -period)));
}

function counts(bytes: Buffer): boolean {
  const steps = bytes.filter((byte, index) => Math.abs(byte - (bytes[index - 1] ?? 999)) <= 1);
  return steps.length > bytes.length / 2;
}

const commonWords =
  /secret|passw|token|change|default|example|qwerty|admin|develop|replace|super|local|production/i;

function reads(bytes: Buffer): boolean {
  if (!isPrintable(bytes)) return false;
  const text = bytes.toString('latin1');
  if (commonWords.test(text)) return true;
  // Base32 looks like one long word.
  if (/^(?:[A-Z2-7]+|[a-z]*[2-7][a-z2-7]*)=*$/.test(text)) return false;
  const words = text.match(/[A-Z]?[a-z]{4,}|[A-Z]{4,}/g) ?? [];
  return words.join('').length > text.length * 0.75;
}

function isPrintable(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** Shannon entropy of the whole secret, in bits. */
function entropy(bytes: Uint8Array): number {
  const times = new Map<number, number>();
  for (const byte of bytes) times.set(byte, (times.get(byte) ?? 0) + 1);
  return [...times.values()].reduce((bits, n) => bits + n * Math.log2(bytes.length / n), 0);
}

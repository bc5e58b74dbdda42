// A ring as text: a key file, or a .env file with the ring in it.

import { isRing, checkShape } from './checks/shape.js';
import { readEnvText, replaceEnvLines, type EnvReading } from './env-lines.js';
import type { KeyRing } from './key-ring.js';
import { Refusal } from './refusal.js';

export function toKeyFile(ring: KeyRing): string {
  return `${JSON.stringify(ring, undefined, 2)}\n`;
}

/** What a text holds, before anything is checked. */
export interface RingText {
  readonly format: 'jwk' | 'env';
  readonly ring: unknown;
  readonly findings: EnvReading['findings'];
}

/** @throws Refusal (exit code 2) when the text is of neither kind. */
export function parseRingText(path: string, text: string): RingText {
  if (text.trimStart().startsWith('{')) {
    return { format: 'jwk', ring: parseJson(path, text), findings: [] };
  }
  const reading = readEnvText(text);
  if (reading !== undefined) return { format: 'env', ...reading };
  throw new Refusal(
    `${path} is no key file: it holds neither a JSON object nor a line TOKENPAIR_KEYS= or TOKENPAIR_REFRESH_KEYS=.`,
    2,
  );
}

/**
 * A ring that is safe to change, and how it is put back.
 *
 * @throws Refusal when it is not in the shape in which keygen leaves it.
 */
export function readRing(
  path: string,
  text: string,
): { readonly ring: KeyRing; readonly write: (ring: KeyRing) => string } {
  const { format, ring, findings } = parseRingText(path, text);
  const shape = findings.length > 0 ? findings : checkShape(ring);
  if (!isRing(ring, shape)) {
    const [{ where, problem } = { where: '', problem: '' }] = shape;
    throw new Refusal(
      `${path} was not changed, for it is not as it should be. ${where}: ${problem}. ` +
        'tokenpair doctor --file says the rest.',
    );
  }
  return {
    ring,
    write: format === 'jwk' ? toKeyFile : (changed) => replaceEnvLines(text, changed),
  };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes what it could not read.
    throw new Refusal(`${path} cannot be read: it is not JSON.`, 2);
  }
}

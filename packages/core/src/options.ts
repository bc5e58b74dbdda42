// Leaf of every journey: a wrong option fails at construction, by name.

/** Throws the TypeError for a wrong option. Leave `got` out for secrets: it would stand in the message. */
export function refuseOption(option: string, expected: string, ...got: [] | [unknown]): never {
  const came = got.length === 0 ? '' : `; got ${describe(got[0])}`;
  throw new TypeError(`${option} must be ${expected}${came}`);
}

/** Refuses anything but an object whose keys are all among `known`: a misspelt option is not a default. */
export function checkOptions(
  what: string,
  options: unknown,
  known: readonly string[],
): Record<string, unknown> {
  // Not what came instead: in the place of a key it may be the secret itself.
  if (!isObject(options)) return refuseOption(`${what} options`, 'an object');
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what} has no option '${unknown}'; it takes ${known.join(', ')}`);
  }
  return options;
}

export function requireText(option: string, value: unknown, maxLength = 2_048): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    return refuseOption(option, `a non-empty string of at most ${maxLength} characters`, value);
  }
  return value;
}

/** An absolute http or https URL without credentials, query and fragment, and without a slash at its end. */
export function requireUrl(option: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url && `${url.origin}${url.pathname}`.replace(/\/$/, '') === value;
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    return refuseOption(option, 'an absolute http(s) URL without query and trailing slash', value);
  }
  return url.href.replace(/\/$/, '');
}

export function requireFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    refuseOption(option, 'a function', value);
  }
}

export function requireBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') refuseOption(option, 'true or false', value);
}

export function requireOneOf<Word extends string>(
  option: string,
  value: unknown,
  allowed: readonly Word[],
): Word {
  const words = allowed.map((word) => `'${word}'`).join(' or ');
  // Not what came instead: in the place of an algorithm it may be the secret.
  return allowed.find((word) => word === value) ?? refuseOption(option, words);
}

export function requireCount(option: string, value: unknown, max: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    refuseOption(option, `a whole number from 1 to ${max}`, value);
  }
}

/** Reads an audience option: one name or several, none of them empty. */
export function requireAudience(audience: unknown, option = 'audience'): readonly string[] {
  const names: unknown[] = Array.isArray(audience) ? audience : [audience];
  if (names.length === 0) refuseOption(option, 'a non-empty string or a non-empty array', []);
  return Object.freeze(names.map((name) => requireText(option, name)));
}

/** An object with names, as JSON and option literals are: no array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What JSON keeps of an object, as an object of its own; `undefined` when JSON has no object for it. */
export function toJsonObject(value: object): Record<string, unknown> | undefined {
  // JSON makes {} of a Map, and what is in it would be gone without a word.
  if (Symbol.iterator in value) return undefined;
  const json = JSON.stringify(value) as string | undefined;
  const copy: unknown = json === undefined ? undefined : JSON.parse(json);
  return isObject(copy) ? copy : undefined;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

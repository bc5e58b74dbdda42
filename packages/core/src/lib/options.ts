// Checks options and names the wrong one.

/** Throws the TypeError for a wrong option. Leave out `got` when it may be a secret: the message contains it. */
export function refuseOption(option: string, expected: string, ...got: [] | [unknown]): never {
  const received = got.length === 0 ? '' : `; got ${describe(got[0])}`;
  throw new TypeError(`${option} must be ${expected}${received}`);
}

/**
 * Reads an options object. Every public function that takes one uses this, also those of the other packages.
 *
 * Checks that the value is a plain object and that every own member with a string name, enumerable or not, is among `known`:
 * a misspelled option must not become a default. Refuses an instance of a class and an object with another prototype,
 * because inherited members would be ignored. Does not check members with a symbol as name, nor values: `undefined` is
 * accepted for every known name.
 *
 * @param what - the function or option that the message names.
 * @returns a copy of the own members. It inherits nothing, and later changes of `options` do not reach it.
 * @throws TypeError naming the unknown member and the known ones. A value is never part of the message.
 */
export function checkOptions<Options>(
  what: string,
  options: Options,
  known: readonly string[],
): Options & Record<string, unknown> {
  if (!isPlainObject(options)) {
    throw new TypeError(
      `${what} options must be a plain object with ${listOf(known)}; got ${kindOf(options)}`,
    );
  }
  const names = Object.getOwnPropertyNames(options);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what} has no option ${quote(unknown)}; it takes ${listOf(known)}`);
  }
  const copy: Record<string, unknown> = { __proto__: null };
  for (const name of names) copy[name] = options[name];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the own members of a plain object are all it has
  return copy as Options & Record<string, unknown>;
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
  if (value !== undefined && typeof value !== 'function') refuseOption(option, 'a function', value);
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
  // Without the value: in place of an algorithm it may be the secret.
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

/** Whether a value is an object and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A literal, parsed JSON or an object without a prototype, in any realm.
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Whether a text has a UTF-8 form. Otherwise encoding makes different texts equal: each lone surrogate becomes U+FFFD. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A copy of an object by way of JSON; `undefined` when its JSON is not an object. */
export function toJsonObject(value: object): Record<string, unknown> | undefined {
  // JSON makes {} of a Map: its content would be lost without an error.
  if (Symbol.iterator in value) return undefined;
  const json = JSON.stringify(value) as string | undefined;
  const copy: unknown = json === undefined ? undefined : JSON.parse(json);
  return isObject(copy) ? copy : undefined;
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'no options' : names.join(', ');
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an instance of a class' : `a ${typeof value}`;
}

function quote(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}

/** A URL may have a password, and its query a secret. */
function withoutSecrets(text: string): string {
  if (!/^[a-z][a-z\d+.-]*:/i.test(text)) return text;
  return text.replace(/(:\/*).*@/s, '$1…@').replace(/([?#]).*$/s, '$1…');
}

function describe(value: unknown): string {
  if (typeof value === 'string') return quote(withoutSecrets(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

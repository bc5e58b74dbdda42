// Reads scopes. RFC 6749 §3.3

import { refuseOption } from './options.js';

const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** The tokens of a scope string, each once, in order; `undefined` when it does not follow the grammar. */
export function splitScope(scope: string): readonly string[] | undefined {
  const tokens = scope.split(' ').filter((token) => token !== '');
  return tokens.every((token) => scopeToken.test(token)) ? [...new Set(tokens)] : undefined;
}

/** Whether a text is empty or scope tokens with single spaces between them. */
export function isScope(text: string): boolean {
  return text === '' || text.split(' ').every((token) => scopeToken.test(token));
}

/** Reads scopes that a developer wrote: `'a b'`, `['a', 'b']` and `'a', 'b'` are the same two. @throws TypeError */
export function readScopes(option: string, scopes: readonly unknown[]): readonly string[] {
  const tokens = scopes.flat().flatMap((text: unknown) => {
    const split = typeof text === 'string' ? splitScope(text) : undefined;
    const expected = 'a string of scopes with single spaces between, or an array of such strings';
    return split ?? refuseOption(option, expected);
  });
  return [...new Set(tokens)];
}

/**
 * A read-only set of scopes. Many requests share it, so a handler must not be able to add a scope. It answers from a private
 * list, which `Set.prototype.add.call` cannot change either.
 */
export class FrozenScopes extends Set<string> {
  readonly #scopes: readonly string[];

  constructor(scopes: Iterable<string>) {
    super();
    // For `console.log`, which prints the elements of the Set itself.
    for (const scope of scopes) super.add(scope);
    this.#scopes = [...super.values()];
    Object.freeze(this);
  }

  override has(scope: string): boolean {
    return this.#scopes.includes(scope);
  }

  override get size(): number {
    return this.#scopes.length;
  }

  override values(): SetIterator<string> {
    return this.#scopes.values();
  }

  override keys(): SetIterator<string> {
    return this.values();
  }

  override [Symbol.iterator](): SetIterator<string> {
    return this.values();
  }

  override entries(): SetIterator<[string, string]> {
    return this.#scopes.map((scope): [string, string] => [scope, scope]).values();
  }

  override forEach(visit: Parameters<Set<string>['forEach']>[0], thisArg?: unknown): void {
    for (const scope of this.#scopes) visit.call(thisArg, scope, scope, this);
  }

  override add(): never {
    throw new TypeError('the scopes of a verified token cannot be changed');
  }

  override delete(): never {
    return this.add();
  }

  override clear(): never {
    return this.add();
  }
}

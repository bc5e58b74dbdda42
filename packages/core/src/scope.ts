// Leaf of every journey: a scope string as a set, and back. RFC 6749 §3.3

const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** The tokens of a scope string, each once, in order; `undefined` when it is not of the grammar. */
export function splitScope(scope: string): readonly string[] | undefined {
  const tokens = scope.split(' ').filter((token) => token !== '');
  return tokens.every((token) => scopeToken.test(token)) ? [...new Set(tokens)] : undefined;
}

/** Reads what a developer wrote: `'a b'`, `['a', 'b']` or `'a', 'b'` all name two scopes. */
export function readScopes(option: string, scopes: readonly unknown[]): readonly string[] {
  const texts: unknown[] = scopes.flat();
  const tokens = texts.flatMap((text) => {
    const split = typeof text === 'string' ? splitScope(text) : undefined;
    if (!split) {
      throw new TypeError(
        `${option} must be a string of scopes with single spaces between, or an array of such strings`,
      );
    }
    return split;
  });
  return [...new Set(tokens)];
}

/** A set that can be handed out: it refuses to be changed, so no handler can grant itself a scope. */
export class FrozenScopes extends Set<string> {
  constructor(scopes: Iterable<string>) {
    super();
    for (const scope of scopes) super.add(scope);
    Object.freeze(this);
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

// Marks what a factory made, so that only its product fits where it is asked for: in types and at run time.

declare const made: unique symbol;

/** What a factory of this package made; an object of another origin does not fit. */
export interface MadeBy<Factory extends string> {
  // Required and published: an optional member would let every object fit.
  readonly [made]: Factory;
}

// Registered, since two versions of the package can meet in one process.
const mark = Symbol.for('tokenpair.madeBy');

/** Marks an object as made by a factory. Copies made by a spread keep no mark. */
export function markAs<Factory extends string, Product extends object>(
  factory: Factory,
  product: Product,
): Product & MadeBy<Factory> {
  Object.defineProperty(product, mark, { value: factory });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `made` exists in types only
  return product as Product & MadeBy<Factory>;
}

/** Whether a factory of this name made the value. */
export function isMadeBy(factory: string, value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, mark) === factory;
}

/**
 * Requires what a factory made.
 *
 * @throws TypeError with a sentence that says what to pass. It never contains the value, which may be a secret.
 */
export function requireMadeBy(factory: string, where: string, value: unknown, advice = ''): void {
  if (isMadeBy(factory, value)) return;
  const found = isObjectLike(value) ? Reflect.get(value, mark) : undefined;
  const got = typeof found === 'string' ? `what ${found} returned` : describe(value);
  throw new TypeError(
    `${where} needs what ${factory} returned; got ${got}.${advice === '' ? '' : ` ${advice}`}`,
  );
}

function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof Promise) return 'a promise: await it first';
  return typeof value === 'object' ? 'another object' : `a value of type ${typeof value}`;
}

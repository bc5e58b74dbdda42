// Marks what a factory returns, so that only its product is accepted where it is needed: in types and at run time.

/**
 * What a factory of this package returned. An object that was put together in another way does not fit.
 *
 * The name of the member is text, not a symbol: so the types of two versions, and of the ES module and the CommonJS
 * declarations, agree.
 */
export interface MadeBy<Factory extends string> {
  /** Set by the factory. A copy of the object does not have it. */
  readonly '~madeBy': Factory;
}

const mark = '~madeBy';

/** Marks an object as made by a factory. Spread copies lack the mark, because it is not enumerable. */
export function markAs<Factory extends string, Product extends object>(
  factory: Factory,
  product: Product,
): Product & MadeBy<Factory> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mark is the member that MadeBy adds
  return Object.defineProperty(product, mark, { value: factory }) as Product & MadeBy<Factory>;
}

/** Whether a factory of this name returned the value. */
export function isMadeBy(factory: string, value: unknown): boolean {
  return madeBy(value) === factory;
}

/** Requires what a factory returned. The message never contains the value, which may be a secret; `advice` ends it. */
export function requireMadeBy(factory: string, where: string, value: unknown, advice = ''): void {
  if (isMadeBy(factory, value)) return;
  const end = advice === '' ? '' : ` ${advice}`;
  throw new TypeError(`${where} needs what ${factory} returned; got ${describe(value)}.${end}`);
}

function madeBy(value: unknown): unknown {
  const isObjectLike = typeof value === 'object' || typeof value === 'function';
  return isObjectLike && value !== null ? Reflect.get(value, mark) : undefined;
}

function describe(value: unknown): string {
  const factory = madeBy(value);
  if (typeof factory === 'string') return `what ${factory} returned`;
  if (value === null || value === undefined) return String(value);
  if (value instanceof Promise) return 'a promise: await it first';
  return typeof value === 'object' ? 'another object' : `a value of type ${typeof value}`;
}

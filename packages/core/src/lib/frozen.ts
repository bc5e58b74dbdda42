// What leaves our hands as an object cannot change what we keep.

import { isObject } from './options.js';

/** Freezes a value of JSON in place, with everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/** A frozen copy of a value of JSON, for a function of the application: what it writes into it reaches nobody. */
export function frozenCopy<T>(value: T): T {
  // oxlint-disable typescript/no-unsafe-type-assertion -- the copy has the members and elements of the value
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, part]) => [name, frozenCopy(part)] as const);
  return Object.freeze(Object.fromEntries(members)) as T;
  // oxlint-enable typescript/no-unsafe-type-assertion
}

// Freezes and copies JSON values, so that a hook cannot change what the package keeps.

import { isObject } from './options.js';

/** Freezes a JSON value and everything in it, in place. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/** A frozen copy of a JSON value and everything in it, for a function of the application. */
export function frozenCopy<T>(value: T): T {
  // oxlint-disable typescript/no-unsafe-type-assertion -- the copy has the members and elements of the value
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, part]) => [name, frozenCopy(part)] as const);
  return Object.freeze(Object.fromEntries(members)) as T;
  // oxlint-enable typescript/no-unsafe-type-assertion
}

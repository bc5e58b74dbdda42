// Freezes and copies JSON values, so that a hook cannot change what the package keeps.

import { isObject, isPlainObject } from './options.js';

/** Freezes a JSON value and everything in it, in place. Leaves instances of classes as they are: some cannot be frozen. */
export function deepFreeze<T>(value: T): T {
  if (Array.isArray(value) || isPlainObject(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/**
 * A copy of the plain objects and arrays in what a function of the application returned, which may keep them, as defaults for example.
 * Instances of classes are the same in it.
 */
export function copyPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyPlain);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyPlain(part)]));
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

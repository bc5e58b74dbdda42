// The interface that validators share, so that none of them is a dependency. https://standardschema.dev

import type { MaybePromise } from './maybe-promise.js';
import { isObject, refuseOption } from './options.js';

/**
 * A schema of zod, valibot, arktype or another validator that implements Standard Schema, version 1.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => MaybePromise<SchemaResult<Output>>;
  };
}

/** The value as the schema describes it, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly object[] };

/** @throws TypeError the value is not a schema. */
export function requireSchema(option: string, schema: unknown): void {
  // Schemas of arktype are functions.
  const isCandidate = isObject(schema) || typeof schema === 'function';
  const standard: unknown = isCandidate ? Reflect.get(schema, '~standard') : undefined;
  if (!isObject(standard) || typeof standard['validate'] !== 'function') {
    refuseOption(option, 'a Standard Schema, of zod, valibot or arktype for example');
  }
}

/** The names of the members that do not fit, for a message; never their values. */
export function membersOf(issues: unknown): string {
  const members = Array.isArray(issues) ? issues.flatMap((issue) => memberOf(issue) ?? []) : [];
  return members.join(', ') || 'its top level';
}

function memberOf(issue: unknown): string | undefined {
  const path: unknown = isObject(issue) ? issue['path'] : undefined;
  const first: unknown = Array.isArray(path) ? path[0] : undefined;
  const key = isObject(first) ? first['key'] : first;
  return typeof key === 'string' ? `'${key}'` : undefined;
}

/** Reads what a schema answered. @throws TypeError it is no result. */
export function readSchemaResult(result: unknown): {
  readonly value?: unknown;
  readonly issues?: unknown;
} {
  // The issues of arktype are an array with a member `issues`.
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError('the schema must answer with a result: { value } or { issues }');
}

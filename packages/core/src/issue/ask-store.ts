// Every call of the session store goes through here: deadline, check of the answer, error.

import { randomBytes } from 'node:crypto';

import { isAuthError } from '../errors/auth-error.js';
import { StoreUnavailableError } from '../errors/errors.js';
import { withDeadline } from '../lib/deadline.js';
import { isObject, refuseOption } from '../lib/options.js';
import type { SessionSnapshot, SessionStore } from '../store/session-store.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

type Operation = Exclude<keyof SessionStore, 'close'>;
type Answer<Name extends Operation> = Awaited<ReturnType<SessionStore[Name]>>;

/**
 * Calls a method of the store, waits for the deadline at most, and checks the form of the answer.
 *
 * @throws {@link StoreUnavailableError} (503) for every failure. Whether the store has done its work is then unknown.
 */
export async function askStore<Name extends Operation>(
  { store, hooks }: IssuingContext,
  operation: Name,
  ...args: Parameters<SessionStore[Name]>
): Promise<Answer<Name>> {
  try {
    const asked: Promise<unknown> = Reflect.apply(store[operation], store, args);
    const answer = await withDeadline(asked, hooks.deadline);
    if (isAnswer(operation, answer)) return answer;
    throw new TypeError(
      `store.${operation}() answered something else than the SessionStore interface says`,
    );
  } catch (error) {
    const cause = isAuthError(error) ? (error.cause ?? error) : error;
    hooks.emit({ type: 'store.unavailable', operation, cause });
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError({ cause });
  }
}

/** The live session with this ID; `undefined` when there is none, or when it belongs to another issuer. */
export async function askForSession(
  tokens: IssuingContext,
  sessionId: string,
): Promise<OwnSession | undefined> {
  const session = await askStore(tokens, 'get', sessionId);
  return session && readOwnSession(tokens, sessionId, session);
}

/** Names a call, for the generation that it writes: a command that a client library repeats is not another call. */
export function newAttempt(): string {
  return randomBytes(12).toString('base64url');
}

type Members = readonly (keyof SessionSnapshot)[];

const texts: Members = ['sessionId', 'owner', 'secretHash', 'state', 'data'];

const numbers: Members = [
  'generation',
  'confirmed',
  'createdAt',
  'rotatedAt',
  'idleLifetime',
  'expiresAt',
  'asOf',
];

type Check = (answer: unknown) => boolean;

const isSnapshot: Check = (answer) =>
  isObject(answer) &&
  texts.every((name) => typeof answer[name] === 'string') &&
  numbers.every((name) => Number.isFinite(answer[name]));

const isText: Check = (answer) => typeof answer === 'string';

const isArrayOf =
  (isItem: Check): Check =>
  (answer) =>
    Array.isArray(answer) && answer.every(isItem);

const answers: Readonly<Record<Operation, Check>> = {
  create: (answer) =>
    isObject(answer) &&
    (answer['outcome'] === 'created'
      ? isSnapshot(answer['session']) &&
        isArrayOf(isText)(answer['evicted']) &&
        typeof answer['replaced'] === 'boolean'
      : answer['outcome'] === 'refused' &&
        (answer['reason'] === 'limit' || answer['reason'] === 'full')),
  swap: (answer) =>
    isObject(answer) &&
    (answer['outcome'] === 'swapped' || answer['outcome'] === 'conflict'
      ? isSnapshot(answer['session'])
      : answer['outcome'] === 'absent'),
  get: (answer) => answer === undefined || isSnapshot(answer),
  revoke: (answer) => typeof answer === 'boolean',
  confirm: (answer) => answer === undefined,
  revokeOwner: isArrayOf(isText),
  list: isArrayOf(isSnapshot),
  raise: (answer) => Number.isSafeInteger(answer) && Number(answer) >= 0,
};

/**
 * Whether the answer has the form that the operation's type says. A malformed answer does not mean "there is no such session":
 * to treat it as one would sign users out, or report a logout that has not happened.
 */
export function isAnswer<Name extends Operation>(
  operation: Name,
  answer: unknown,
): answer is Answer<Name> {
  return answers[operation](answer);
}

/** @throws TypeError the option is not a session store. */
export function requireStore(store: unknown): void {
  const methods = isObject(store) ? store : {};
  const missing = Object.keys(answers).find((name) => typeof methods[name] !== 'function');
  if (missing === undefined) return;
  const why = whyNoStore(store) ?? `it lacks ${missing}()`;
  refuseOption('store', `a session store, new MemorySessionStore() for example: ${why}`);
}

/** What is in its place, from its outer shape only. */
function whyNoStore(store: unknown): string | undefined {
  if (store === undefined || store === null) return 'none was given';
  if (typeof store === 'function' && 'create' in Object(store.prototype)) {
    return 'this is a class, so make an instance with new';
  }
  const has = (name: string) => typeof Object(store)[name] === 'function';
  if (has('then')) return 'this is a promise, so await it';
  return has('sendCommand') || has('call') || has('query') || has('unsafe')
    ? 'this is a client of a database. Pass it to a store: new RedisSessionStore({ client }) or new PostgresSessionStore({ client })'
    : undefined;
}

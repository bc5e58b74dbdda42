// Checks the form of a store's answers. A malformed answer does not mean "there is no such session": to treat it as one would
// sign users out, or report a logout that has not happened.

import { isObject } from '../lib/options.js';
import type { SessionSnapshot, SessionStore } from '../store/session-store.js';

type Check = (answer: unknown) => boolean;

const texts = [
  'sessionId',
  'subject',
  'secretHash',
  'attempt',
  'data',
] as const satisfies readonly (keyof SessionSnapshot)[];

const numbers = [
  'generation',
  'keyId',
  'parentGeneration',
  'createdAt',
  'rotatedAt',
  'idleLifetime',
  'expiresAt',
  'asOf',
] as const satisfies readonly (keyof SessionSnapshot)[];

const isSnapshot: Check = (answer) =>
  isObject(answer) &&
  texts.every((name) => typeof answer[name] === 'string') &&
  numbers.every((name) => Number.isFinite(answer[name]));

const isArrayOf =
  (isItem: Check): Check =>
  (answer) =>
    Array.isArray(answer) && answer.every(isItem);

const isText: Check = (answer) => typeof answer === 'string';

const answers: Readonly<Record<Exclude<keyof SessionStore, 'close'>, Check>> = {
  create: (answer) =>
    isObject(answer) &&
    (answer['outcome'] === 'created'
      ? isSnapshot(answer['session']) && isArrayOf(isText)(answer['evicted'])
      : answer['outcome'] === 'refused' &&
        (answer['reason'] === 'limit' || answer['reason'] === 'full')),
  rotate: (answer) =>
    isObject(answer) &&
    (answer['outcome'] === 'swapped' || answer['outcome'] === 'conflict'
      ? isSnapshot(answer['session'])
      : answer['outcome'] === 'absent'),
  get: (answer) => answer === undefined || isSnapshot(answer),
  revoke: (answer) => typeof answer === 'boolean',
  revokeSubject: isArrayOf(isText),
  list: isArrayOf(isSnapshot),
};

/** Whether the answer has the form that the operation's type says. */
export function isAnswer(operation: keyof typeof answers, answer: unknown): boolean {
  return answers[operation](answer);
}

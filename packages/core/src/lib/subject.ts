// What a subject is: any text that survives UTF-8.

import { isWellFormed, refuseOption, requireText } from './options.js';

const maxSubjectLength = 1_024;

/** Checks a subject that an application gives. @throws TypeError */
export function requireSubject(value: unknown): string {
  return requireWellFormed(requireText('subject', value, maxSubjectLength));
}

/**
 * The same without the bounds of its length, for a store. Redis, files and hashes take the UTF-8 form of a text, in which
 * every lone surrogate is U+FFFD: two subjects would share one place, and a revocation of one would end sessions of both.
 *
 * @throws TypeError
 */
export function requireWellFormed(subject: string): string {
  // Without the value: only its form is at fault, and a lone surrogate prints as nothing.
  return isWellFormed(subject)
    ? subject
    : refuseOption('subject', 'well-formed Unicode, without lone surrogates');
}

/** Whether a text can be the subject of a session at all. */
export function isSubject(text: string): boolean {
  return text !== '' && text.length <= maxSubjectLength && isWellFormed(text);
}

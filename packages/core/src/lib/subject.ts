// Checks subjects: text with a UTF-8 form.

import { isWellFormed, refuseOption, requireText } from './options.js';

const maxSubjectLength = 1_024;

/** Checks a subject that an application gives. @throws TypeError naming the option. */
export function requireSubject(value: unknown, option = 'subject'): string {
  return requireWellFormed(requireText(option, value, maxSubjectLength), option);
}

/**
 * Checks a subject in a store, where it may be longer. Redis and hash functions use the UTF-8 form of a text, in which every
 * lone surrogate is U+FFFD: two subjects would become one, and a revocation of one would end sessions of both.
 */
export function requireWellFormed(subject: string, option = 'subject'): string {
  // Without the value: a lone surrogate cannot be printed.
  return isWellFormed(subject)
    ? subject
    : refuseOption(option, 'well-formed Unicode, without lone surrogates');
}

/** Whether a text can be the subject of a session. */
export function isSubject(text: string): boolean {
  return text !== '' && text.length <= maxSubjectLength && isWellFormed(text);
}

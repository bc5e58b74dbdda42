// What doctor says: one line about one thing, and what to do about it.

/**
 * `error`: core refuses it, or whoever knows of it can make tokens. `warning`: it works today and will hurt.
 * `hint`: advice, and no reason to fail.
 */
export type Severity = 'error' | 'warning' | 'hint';

/** Every fault that is looked for, named for programs. */
export type FindingCode =
  | 'file_open_to_all'
  | 'file_open_to_group'
  | 'variable_quoted'
  | 'not_json'
  | 'not_a_ring'
  | 'keys_missing'
  | 'refresh_keys_missing'
  | 'member_unknown'
  | 'kid_unusable'
  | 'kid_twice'
  | 'algorithm_unknown'
  | 'state_unknown'
  | 'since_unusable'
  | 'no_current'
  | 'several_current'
  | 'several_next'
  | 'material_missing'
  | 'material_ambiguous'
  | 'material_misplaced'
  | 'key_unreadable'
  | 'private_key_exposed'
  | 'public_key_given'
  | 'cannot_sign'
  | 'key_unfit'
  | 'rsa_short'
  | 'halves_differ'
  | 'secret_short'
  | 'secret_is_key'
  | 'secret_guessable'
  | 'secret_shared'
  | 'key_twice'
  | 'refused_by_core'
  | 'no_next'
  | 'retiring_over'
  | 'key_old'
  | 'secret_verifies';

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** A list, a key or a variable, by its place. */
  readonly where: string;
  /** What is wrong, without a byte of the key. */
  readonly problem: string;
  readonly advice: string;
}

const lesser: Readonly<Partial<Record<FindingCode, Severity>>> = {
  no_next: 'warning',
  retiring_over: 'warning',
  file_open_to_group: 'hint',
  key_old: 'hint',
  secret_verifies: 'hint',
};

export function finding(
  code: FindingCode,
  where: string,
  problem: string,
  advice: string,
): Finding {
  return { code, severity: lesser[code] ?? 'error', where, problem, advice };
}

/** A key by its place, and by its `kid` where that is one that can be shown. */
export function placeOf(list: string, index: number, key: unknown): string {
  const kid: unknown =
    typeof key === 'object' && key !== null && 'kid' in key ? key.kid : undefined;
  // Every token shows its kid to everybody; but what cannot be one may be something else on the wrong line.
  const isShown = typeof kid === 'string' && /^[\w.~:@-]{1,64}$/.test(kid);
  return `${list}[${index}]${isShown ? ` '${kid}'` : ''}`;
}

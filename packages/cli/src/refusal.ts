// The error that ends a command with one sentence and an exit code.

/** Its message is a sentence for people, without key material. */
export class Refusal extends Error {
  /** 1: refused, and nothing was changed. 2: a wrong command line, or a file that cannot be read. */
  readonly exitCode: 1 | 2;

  constructor(sentence: string, exitCode: 1 | 2 = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** The `code` of an error of Node. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

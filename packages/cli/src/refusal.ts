// What ends a command: one sentence and an exit code, never a stack.

/** The command could not, or would not. Its message is a sentence for people, without key material. */
export class Refusal extends Error {
  /** 1: refused, nothing was changed. 2: the command line is wrong, or there is nothing that can be read. */
  readonly exitCode: 1 | 2;

  constructor(sentence: string, exitCode: 1 | 2 = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** What Node calls an error; not by its class, of which there is one a realm. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

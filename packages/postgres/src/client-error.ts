// Copies the errors of Postgres clients without the values of the statement. Postgres quotes values in its messages and puts whole
// rows into `detail`, clients put the values on their errors, and `console.error` prints an error that becomes a `cause` in full.

/**
 * Copies the name, the code, the message and the stack frames of a client's error, and nothing else.
 *
 * The message is cut where it may repeat a value: at a quote in a message of Postgres, and at a word that was sent. `code` is the
 * SQLSTATE, or that of a system error: `'ECONNREFUSED'` for example.
 *
 * @param sent - the values of the statement.
 */
export function withoutValues(error: unknown, sent: readonly string[]): Error {
  const { name, message, stack, syscall } = membersOf(error);
  const code = codeOf(error);
  const given = typeof message === 'string' ? message : '';
  const text = typeof syscall === 'string' ? given : cut(given, sent, isSqlState(code));
  const copy = new Error(text);
  if (isWord(name)) Object.defineProperty(copy, 'name', { value: name, configurable: true });
  if (code !== undefined) Object.assign(copy, { code });
  copy.stack = [`${copy.name}: ${text}`, ...framesOf(stack, given)].join('\n');
  return copy;
}

/** The SQLSTATE of an error, or the code of a system error. Query builders put it on a cause, Prisma into `meta`. */
export function codeOf(error: unknown, depth = 4): string | undefined {
  if (depth === 0 || typeof error !== 'object' || error === null) return undefined;
  const { code, errors, cause, meta, driverAdapterError, originalCode } = error as ClientError;
  const list: unknown = Array.isArray(errors) ? errors.at(-1) : undefined;
  const inner = [cause, meta, driverAdapterError, list].map((one) => codeOf(one, depth - 1));
  const codes = [originalCode, ...inner, code].filter(isWord);
  return codes.find(isSqlState) ?? codes[0];
}

interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  /** Of an AggregateError: the attempts to reach the addresses of a host. */
  readonly errors?: unknown;
  /** Prisma. */
  readonly meta?: unknown;
  readonly driverAdapterError?: unknown;
  readonly originalCode?: unknown;
}

function membersOf(error: unknown): ClientError {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { errors, message } = error as ClientError;
  // An AggregateError has no message.
  if (message === '' && Array.isArray(errors) && errors.length > 0) return membersOf(errors.at(-1));
  return error;
}

function cut(message: string, sent: readonly string[], isReply: boolean): string {
  const end = isReply ? message.search(/['"`«„]/) : -1;
  const unquoted = end < 0 ? message : message.slice(0, end);
  const words = new Set(sent.flatMap((value) => value.match(wordPattern) ?? []));
  const echo = [...unquoted.matchAll(wordPattern)].find(
    ([word]) => word.length > 1 && !/^\d{1,3}$/.test(word) && words.has(word),
  );
  return (echo === undefined ? unquoted : unquoted.slice(0, echo.index)).trimEnd();
}

const wordPattern = /[\p{L}\p{N}]+/gu;

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^\w{1,64}$/.test(value);
}

function isSqlState(code: string | undefined): boolean {
  return code !== undefined && /^[\dA-Z]{5}$/.test(code);
}

// The stack begins with the message, which can have several lines. The frames come after it.
function framesOf(stack: unknown, message: string): readonly string[] {
  const start = typeof stack === 'string' ? stack.indexOf(message) : -1;
  if (typeof stack !== 'string' || start < 0) return [];
  const lines = stack.slice(start + message.length).split('\n');
  return lines.filter((line) => /^\s+at /.test(line));
}

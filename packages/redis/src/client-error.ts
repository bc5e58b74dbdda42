// Copies the errors of Redis clients without the arguments of the command. ioredis puts the command on its errors, Redis
// quotes arguments in its replies, and `console.error` prints an error that becomes a `cause` in full.

/**
 * Copies the name, the code, the message and the stack frames of a client's error, and nothing else.
 *
 * The message is cut where it may repeat an argument: at a quote in a reply of Redis, and at a word that was sent.
 * `code` is that of a system error, `'ECONNREFUSED'` for example, or the first word of a reply: `'READONLY'`.
 *
 * @param args - the command that failed.
 */
export function withoutArguments(error: unknown, args: readonly string[]): Error {
  return copyOf(error, wordsOf(args), maxDepth);
}

// Errors that hold errors: all addresses of a host, all nodes of a cluster.
const maxDepth = 3;

interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  /** ioredis: of the last node of a cluster, and of the attempts to connect. */
  readonly lastNodeError?: unknown;
  readonly previousErrors?: unknown;
}

function copyOf(error: unknown, sent: ReadonlySet<string>, depth: number): Error {
  const { name, code, message, stack, ...rest } = membersOf(error);
  const given = typeof message === 'string' ? message : '';
  const text = messageOf(given, sent, typeof rest.syscall === 'string');
  const inner = depth > 1 ? innerOf(rest) : undefined;
  const copy = new Error(
    text,
    inner === undefined ? undefined : { cause: copyOf(inner, sent, depth - 1) },
  );
  if (isWord(name)) Object.defineProperty(copy, 'name', { value: name, configurable: true });
  const word = isWord(code) ? code : replyCode(given);
  if (word !== undefined) Object.assign(copy, { code: word });
  copy.stack = [`${copy.name}: ${text}`, ...framesOf(stack, given)].join('\n');
  return copy;
}

function membersOf(error: unknown): ClientError {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { name, code, message, stack, syscall, cause, errors, lastNodeError, previousErrors } =
    error as ClientError;
  return { name, code, message, stack, syscall, cause, errors, lastNodeError, previousErrors };
}

function innerOf({ cause, errors, lastNodeError, previousErrors }: ClientError): unknown {
  const lists = [errors, previousErrors].map((list) =>
    Array.isArray(list) ? (list.at(-1) as unknown) : undefined,
  );
  return cause ?? lastNodeError ?? lists.find((last) => last !== undefined && last !== null);
}

function messageOf(message: string, sent: ReadonlySet<string>, isSystemError: boolean): string {
  // Node writes these messages: they contain addresses, and nothing that was sent.
  if (isSystemError) return message;
  const isReply = replyCode(message) !== undefined;
  const end = isReply ? message.search(/['"`]/) : -1;
  const unquoted = end < 0 ? message : message.slice(0, end);
  const echo = [...unquoted.matchAll(wordPattern)].find(([word]) => sent.has(word));
  return (echo === undefined ? unquoted : unquoted.slice(0, echo.index)).trimEnd();
}

// Before Redis 7, the error of a script contains that of the command inside it.
function replyCode(message: string): string | undefined {
  const inScript = /^ERR Error running script .*-(OOM|READONLY) /s.exec(message)?.[1];
  if (inScript !== undefined) return inScript;
  return /^[A-Z][A-Z\d]+(?= )/.exec(message)?.[0];
}

// The words of keys and values, without the name of the command, the script and the numbers that every step sends.
function wordsOf(args: readonly string[]): ReadonlySet<string> {
  const isScript = args[0] === 'EVAL' || args[0] === 'EVALSHA';
  const words = args.slice(isScript ? 3 : 1).flatMap((arg) => arg.match(wordPattern) ?? []);
  return new Set(words.filter((word) => word.length > 1 && !/^\d{1,3}$/.test(word)));
}

const wordPattern = /[\p{L}\p{N}]+/gu;

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^\w{1,64}$/.test(value);
}

// The stack begins with the message, which can have several lines. The frames come after it.
function framesOf(stack: unknown, message: string): readonly string[] {
  const start = typeof stack === 'string' ? stack.indexOf(message) : -1;
  if (typeof stack !== 'string' || start < 0) return [];
  const lines = stack.slice(start + message.length).split('\n');
  return lines.filter((line) => /^\s+at /.test(line));
}

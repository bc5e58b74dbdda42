// Process warnings, for mistakes that no call can report to the developer.

/** Emits a process warning, once per `code`, however many copies of the package the process has loaded. */
export function warnOnce(code: string, message: string): void {
  const mark = Symbol.for(`tokenpair.warned.${code}`);
  if (Object.hasOwn(globalThis, mark)) return;
  Object.defineProperty(globalThis, mark, { value: true, configurable: true });
  process.emitWarning(message, { type: 'TokenpairWarning', code });
}

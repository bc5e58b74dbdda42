// What a developer should know and no caller can be told: a process warning.

/** Emits a process warning, once per `code`, however many copies of the package the process has loaded. */
export function warnOnce(code: string, message: string): void {
  const mark = Symbol.for(`tokenpair.warned.${code}`);
  if (Object.hasOwn(globalThis, mark)) return;
  Object.defineProperty(globalThis, mark, { value: true, configurable: true });
  process.emitWarning(message, { type: 'TokenpairWarning', code });
}

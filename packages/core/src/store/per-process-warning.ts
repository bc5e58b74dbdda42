// Says once that sessions in memory are not shared, where that is likely to matter.

// The environment is read here alone, for words and not for behaviour.
export function warnOnceThatSessionsArePerProcess(): void {
  const mark = Symbol.for('tokenpair.memoryStoreWarned');
  // Got when it is needed, for it takes a while to load.
  const cluster = process.getBuiltinModule('node:cluster');
  const isWorker = Reflect.get(cluster, 'isWorker') === true;
  const several = isWorker || process.env['NODE_APP_INSTANCE'] !== undefined;
  if (!several && process.env['NODE_ENV'] !== 'production') return;
  if (Object.hasOwn(globalThis, mark)) return;
  Object.defineProperty(globalThis, mark, { value: true });
  process.emitWarning(
    'MemorySessionStore keeps sessions in this process only: they end with it, and no other process sees them.',
    { type: 'TokenpairWarning', code: 'TOKENPAIR_MEMORY_STORE' },
  );
}

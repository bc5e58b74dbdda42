// Says once that sessions in memory are not shared, where that is likely to matter.

import { warnOnce } from '../lib/warn-once.js';

// The environment is read only here, for a warning and not for behaviour.
export function warnOnceThatSessionsArePerProcess(): void {
  // Loaded when it is needed, since it takes a while.
  const cluster = process.getBuiltinModule('node:cluster');
  const isWorker = Reflect.get(cluster, 'isWorker') === true;
  const several = isWorker || process.env['NODE_APP_INSTANCE'] !== undefined;
  if (!several && process.env['NODE_ENV'] !== 'production') return;
  warnOnce(
    'TOKENPAIR_MEMORY_STORE',
    'MemorySessionStore keeps sessions in this process only: they end with it, and no other process sees them.',
  );
}

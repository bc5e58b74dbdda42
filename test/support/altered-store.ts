// Replaces methods of a store.

import type { SessionStore } from '@tokenpair/core';

export function alterStore(store: SessionStore, changes: Partial<SessionStore>): SessionStore {
  return {
    create: (...command) => store.create(...command),
    rotate: (...command) => store.rotate(...command),
    get: (...command) => store.get(...command),
    revoke: (...command) => store.revoke(...command),
    revokeSubject: (...command) => store.revokeSubject(...command),
    list: (...command) => store.list(...command),
    ...changes,
  };
}

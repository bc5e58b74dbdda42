// Replaces methods of a store.

import type { SessionStore } from '@tokenpair/core';

export function alterStore(store: SessionStore, changes: Partial<SessionStore>): SessionStore {
  return {
    create: (...command) => store.create(...command),
    get: (...command) => store.get(...command),
    swap: (...command) => store.swap(...command),
    confirm: (...command) => store.confirm(...command),
    revoke: (...command) => store.revoke(...command),
    revokeOwner: (...command) => store.revokeOwner(...command),
    list: (...command) => store.list(...command),
    raise: (...command) => store.raise(...command),
    ...changes,
  };
}

// Lets the listeners of verifiers hear the key sets and revocation logs that they use.

import type { EventListener } from './events.js';

// Several verifiers may share a key set that lives longer than they do: it must not keep them in memory.
const listenersOf = new WeakMap<object, Set<WeakRef<EventListener>>>();

/** Adds a listener to a key set, as long as somebody else holds the listener. */
export function listenTo(keySet: object, listener: EventListener): void {
  const known = listenersOf.get(keySet) ?? new Set<WeakRef<EventListener>>();
  listenersOf.set(keySet, known);
  for (const reference of known) {
    const other = reference.deref();
    if (other === listener) return;
    if (other === undefined) known.delete(reference);
  }
  known.add(new WeakRef(listener));
}

/** The listeners of the verifiers that use a key set. */
export function listenersTo(keySet: object): readonly EventListener[] {
  const references = [...(listenersOf.get(keySet) ?? [])];
  return references.flatMap((reference) => reference.deref() ?? []);
}

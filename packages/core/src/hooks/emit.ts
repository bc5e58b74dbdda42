// Sends events to listeners and to the diagnostics channel; a failure that nothing hears becomes a process warning.

import { channel } from 'node:diagnostics_channel';

import type { Emit, EventListener, TokenpairEvent } from './events.js';
import { warnIfFailure } from './unheard.js';

const events = channel('tokenpair');

/**
 * Sends events to a listener and to the diagnostics channel `tokenpair`. A failure that neither hears becomes a process warning.
 *
 * @param others - further listeners: those of the verifiers that use a key set. Each listener gets an event once.
 */
export function createEmit(
  listener: EventListener | undefined,
  others: () => Iterable<EventListener> = () => [],
): Emit {
  return function emit(untimed) {
    const listeners = new Set(others());
    if (listener !== undefined) listeners.add(listener);
    if (listeners.size === 0 && !events.hasSubscribers) {
      warnIfFailure(untimed);
      return;
    }
    // Not the clock of the options: an event must not fail when that clock fails.
    const event = Object.freeze({ ...untimed, time: Date.now() }) as TokenpairEvent;
    events.publish(event);
    // A failure of a listener must not change the outcome of a request.
    for (const listen of listeners) {
      new Promise((resolve) => resolve(listen(event))).catch(() => {});
    }
  };
}

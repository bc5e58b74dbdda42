// Reports the first use of each generation that a verifier sees, in the background and in batches.

import type { ReportUse } from '../hooks/report-use.js';
import { LRUCache } from '../lib/lru-cache.js';
import { confirmInStore, useOf } from './confirm-generation.js';
import type { IssuingContext } from './token-issuer.js';

/** Sessions whose last report is remembered. A session that is forgotten is reported once more. */
const maxSessions = 10_000;
/** Milliseconds from the first use to its report. */
const batchDelay = 250;
/** Reports that are under way at the same time. */
const groupSize = 100;
/** Milliseconds after a failure in which nothing is reported. */
const pause = 5_000;

/**
 * Creates the reporter of an issuer's verifier. No request waits for it. When the store fails, the batch is dropped, and the next
 * use reports again.
 *
 * @returns `undefined` when recovery is off: then no decision reads the reports.
 */
export function createReporter(tokens: IssuingContext): ReportUse | undefined {
  if (tokens.recovery === 0) return undefined;
  // The highest generation that was reported, or is about to be.
  const reported = new LRUCache<string, number>({ max: maxSessions });
  let batch = new Map<string, number>();
  let pausedUntil = 0;

  async function send(): Promise<void> {
    const uses = [...batch];
    batch = new Map();
    for (let from = 0; from < uses.length; from += groupSize) {
      const group = uses.slice(from, from + groupSize);
      const results = await Promise.allSettled(
        group.map(([sessionId, generation]) => confirmInStore(tokens, sessionId, generation)),
      );
      const failed = group.filter((_use, index) => results[index]?.status === 'rejected');
      // The events of the failed calls name the cause.
      for (const [sessionId] of failed) reported.delete(sessionId);
      if (failed.length < group.length) continue;
      pausedUntil = performance.now() + pause;
      for (const [sessionId] of uses.slice(from)) reported.delete(sessionId);
      return;
    }
  }

  return function report(claims) {
    const use = useOf(claims);
    if (use === undefined) return;
    const { sessionId, generation } = use;
    if ((reported.get(sessionId) ?? 0) >= generation) return;
    if (pausedUntil > 0 && performance.now() < pausedUntil) return;
    if (batch.size >= maxSessions) return;
    reported.set(sessionId, generation);
    if (batch.size === 0) setTimeout(() => void send(), batchDelay).unref();
    batch.set(sessionId, generation);
  };
}

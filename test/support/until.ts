import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds. It fails after 15 seconds, so that a test never depends on the speed of the machine. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 15_000; performance.now() < end; await sleep(10)) {
    if (await holds()) return;
  }
  throw new Error(`after 15 seconds this does not hold: ${String(holds)}`);
}

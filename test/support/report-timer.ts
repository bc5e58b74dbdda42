// Sets the timer of the reporter, which sends what a verifier has seen in the background. All other time is real, or a clock that
// the test sets.

/** Milliseconds from the first use of a generation to its report. */
const batchDelay = 250;

/** Call it in `beforeAll` or `beforeEach`; Jest takes it back with `jest.useRealTimers()`. */
export function useReportTimer(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
}

/** Lets the reporter send what it has collected. Every later command to the store comes after it. */
export async function sendReports(): Promise<void> {
  await jest.advanceTimersByTimeAsync(batchDelay);
}

// Closes a Jest run with one plain line, `<n> passed, <n> failed`.
import { writeSync } from 'node:fs';

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A file that could not run holds no tests, and must not look like a success.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `\n${results.numPassedTests} passed, ${failed} failed\n`;
    // Other reporters, the coverage table among them, write after this one.
    process.once('exit', () => writeSync(1, line));
  }
}

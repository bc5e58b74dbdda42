// Closes a Jest run with one plain line, `<n> passed, <n> failed`.
// With JEST_SUMMARY=<file> the line is written there as well, for whoever wants to repeat it.
import { writeFileSync, writeSync } from 'node:fs';

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A file that could not run holds no tests, and must not look like a success.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `${results.numPassedTests} passed, ${failed} failed\n`;
    if (process.env.JEST_SUMMARY) writeFileSync(process.env.JEST_SUMMARY, line);
    // Other reporters, the coverage table among them, write after this one.
    process.once('exit', () => writeSync(1, `\n${line}`));
  }
}

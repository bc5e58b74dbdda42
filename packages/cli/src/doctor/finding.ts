// A problem that doctor reports.

export interface Finding {
  /** Names the kind of problem for programs. */
  readonly code: string;
  /** `error`: unsafe, or core refuses it. `warning`: works today and will cause trouble. `hint`: advice only. */
  readonly severity: 'error' | 'warning' | 'hint';
  /** The file, a list or a key. */
  readonly where: string;
  /** What is wrong, without key material. */
  readonly problem: string;
  readonly advice: string;
}

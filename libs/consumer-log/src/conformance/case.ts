/** One thing that a store has to do, for any test runner: `it(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an `AssertionError` when the store doesn't do it. */
  readonly run: () => Promise<void>;
}

let names = 0;

/** A name that no other case has used, so that cases can share a table. */
export function unique(prefix: string): string {
  return `${prefix}-${++names}-${process.pid}-${Date.now().toString(36)}`;
}

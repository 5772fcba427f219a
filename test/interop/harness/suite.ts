/* oxlint-disable jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- it wraps describe itself */
import { describe } from '@jest/globals';
import { whyUnavailable, type JarSet } from './toolchain.ts';

/**
 * A `describe` that needs the real RocketMQ. Where that can't be had the suite is reported as skipped, with the reason in
 * its name and on the console: never as passed.
 */
export function interopSuite(name: string, sets: readonly JarSet[], body: () => void): void {
  const reason = whyUnavailable(sets);
  if (reason === undefined) {
    describe(name, body);
    return;
  }
  process.stderr.write(`interop: "${name}" is skipped: ${reason}\n`);
  describe.skip(`${name} [skipped: ${reason}]`, body);
}

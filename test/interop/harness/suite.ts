/* oxlint-disable jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- it wraps describe itself */
import { describe } from '@jest/globals';
import { whyUnavailable, type JarSet } from './toolchain.ts';

/**
 * A `describe` that needs the real RocketMQ. Where that can't be had the suite is reported as skipped, with the reason in
 * its name and on the console: never as passed.
 */
export function interopSuite(name: string, sets: readonly JarSet[], body: () => void): void {
  peerSuite(name, whyUnavailable(sets), body);
}

/** The same for any peer: `reason` says why it can't be had, if it can't. */
export function peerSuite(name: string, reason: string | undefined, body: () => void): void {
  if (reason === undefined) {
    describe(name, body);
    return;
  }
  process.stderr.write(`interop: "${name}" is skipped: ${reason}\n`);
  describe.skip(`${name} [skipped: ${reason}]`, body);
}

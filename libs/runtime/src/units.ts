import { RocketMQError } from './errors.ts';

const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or text such as `'500ms'`, `'30s'`, `'15m'`, `'2h'`, `'1d'`. */
export type Duration = number | string;

/**
 * Turns a duration into milliseconds.
 * @throws RocketMQError `INVALID_ARGUMENT` when it is negative, not finite or not understood
 */
export function parseDuration(value: Duration): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value;
  } else {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(value);
    const unit = match?.[2] === undefined ? undefined : MILLISECONDS[match[2]];
    if (match?.[1] !== undefined && unit !== undefined) return Number(match[1]) * unit;
  }
  throw new RocketMQError(
    'INVALID_ARGUMENT',
    `Not a duration: ${JSON.stringify(value)}. Give milliseconds, or text such as '500ms', '30s', '15m', '2h', '1d'`,
  );
}

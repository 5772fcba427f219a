import { parseDuration, RocketMQError, type Duration } from '@nest-rocketmq/runtime';

/** The broker's default `messageDelayLevel`, in milliseconds: level 1 is the first. */
const LEVELS = [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200].map(
  (s) => s * 1000,
);

/** The delay levels of a broker with the default configuration: 18, from `1s` to `2h`. */
export const DELAY_LEVELS = LEVELS.length;

/** A duration, or one of the broker's delay levels by its number, 1..18. */
export type Delay = Duration | { level: number };

/**
 * The level that is exactly so long; undefined when none is.
 * @param ms milliseconds
 */
export function exactDelayLevel(ms: number): number | undefined {
  const index = LEVELS.indexOf(ms);
  return index < 0 ? undefined : index + 1;
}

/**
 * The shortest level that is at least so long; the longest one (2 h) when all are shorter. 0 ms is level 1.
 * @param ms milliseconds
 */
export function delayLevelAtLeast(ms: number): number {
  const index = LEVELS.findIndex((level) => level >= ms);
  return index < 0 ? LEVELS.length : index + 1;
}

/** How long a level is, in milliseconds; `level` is one of 1..18. */
export function delayLevelMs(level: number): number {
  return LEVELS[level - 1] ?? 0;
}

/**
 * @throws RocketMQError `INVALID_ARGUMENT` when the level is not a whole number from 1 to 18, or the duration is none
 */
export function parseDelay(delay: Delay): { level: number } | { ms: number } {
  if (typeof delay !== 'object') return { ms: parseDuration(delay) };
  const level: unknown = delay?.level;
  if (typeof level !== 'number' || !Number.isInteger(level) || level < 1 || level > LEVELS.length) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `Not a delay level: ${JSON.stringify(delay)}. Levels go from 1 (1s) to 18 (2h)`,
    );
  }
  return { level };
}

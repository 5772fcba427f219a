const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** After which time a message comes again that was tried so often before (`DefaultMQPushConsumerImpl.popDelayLevel`). */
const BACK_OFF = [
  10 * SECOND,
  30 * SECOND,
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 60, 120].map((minutes) => minutes * MINUTE),
];

/** What the levels 1 to 18 mean at a broker. */
const LEVELS = [SECOND, 5 * SECOND, ...BACK_OFF];

/**
 * After how many milliseconds a message comes again.
 * @param delayLevel 0: the longer the more often it was tried; 1..18: that level's time, whatever the tries
 */
export function popRetryDelay(delayLevel: number, reconsumeTimes: number): number {
  const delays = delayLevel > 0 ? LEVELS : BACK_OFF;
  const index = delayLevel > 0 ? delayLevel - 1 : reconsumeTimes;
  return delays[Math.min(index, delays.length - 1)] ?? BACK_OFF[0] ?? 0;
}

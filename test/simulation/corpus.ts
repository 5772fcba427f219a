/** Seeds that a past state of the store failed at. */
export const PAST_FAILURES: readonly number[] = [34, 1418, 1443, 1857, 5861, 12_042, 20_833];

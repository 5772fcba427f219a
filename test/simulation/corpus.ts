/** Seeds that a past state of the store failed at. */
export const PAST_FAILURES: readonly number[] = [12_042, 20_833];

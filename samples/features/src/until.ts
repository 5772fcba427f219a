import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something has happened, so that a sample can end. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await sleep(10);
}

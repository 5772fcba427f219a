import { scheduleEvery, type Clock, type Logger } from '@nest-rocketmq/runtime';

/** How often it is said how far it is. */
const PERIOD_MS = 5000;

/** What is waited for. */
export interface Drain {
  readonly group: string;
  /** How long, in milliseconds. */
  readonly drainMs: number;
  /** Handlers that still run. */
  readonly running: () => number;
}

/**
 * Waits for running handlers, and says every 5 s which group is waited for, for how many, and how long still. Where nothing
 * runs, nothing is said.
 * @param stop resolves with whether all have ended
 */
export async function drain(
  { group, drainMs, running }: Drain,
  stop: () => Promise<boolean>,
  { clock, logger }: { clock: Clock; logger: Pick<Logger, 'info' | 'warn'> },
): Promise<void> {
  const startedAt = clock.now();
  const begun = running();
  if (begun > 0) logger.info(`Group ${group} stops: ${handlers(begun)} may end within ${seconds(drainMs)}`);
  const progress = scheduleEvery(clock, PERIOD_MS, PERIOD_MS, () => {
    const left = startedAt + drainMs - clock.now();
    if (running() > 0 && left > 0)
      logger.info(`Group ${group} stops: waiting for ${handlers(running())}, ${seconds(left)} left`);
  });
  try {
    const drained = await stop();
    if (!drained) {
      logger.warn(
        `Handlers of the group ${group} still run after ${seconds(drainMs)} (${running()}): their messages come again`,
      );
    } else if (begun > 0) {
      logger.info(`Group ${group} has stopped: all handlers have ended`);
    }
  } finally {
    progress.cancel();
  }
}

function handlers(count: number): string {
  return count === 1 ? '1 handler' : `${count} handlers`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}

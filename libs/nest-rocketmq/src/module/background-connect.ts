import { sleep, type Clock, type Logger } from '@nest-rocketmq/runtime';

/** How long after a try that failed the next one is made. */
const RETRY_MS = 5000;
/** Every so many tries one is told of: a minute, with a NameServer that refuses at once. */
const TOLD_EVERY = 12;

/** What is connected to. */
export interface BackgroundConnect {
  readonly nameServer: string;
  /** Resolves when a NameServer answers. */
  readonly check: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Says when a NameServer answers for the first time, and until then now and then that none does. The clients connect by
 * themselves when they have something to do; this is for whoever reads the log.
 */
export async function connectInBackground(parts: BackgroundConnect): Promise<void> {
  const { nameServer, check, clock, logger, signal } = parts;
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await check();
      if (tries > 0 && !signal.aborted) logger.info(`NameServer ${nameServer} answers now`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (tries % TOLD_EVERY === 0)
        logger.warn(`Going on in the background until there is a NameServer`, error);
    }
    // Rejects only when it is told to end.
    await sleep(clock, RETRY_MS, signal).catch(() => undefined);
  }
}

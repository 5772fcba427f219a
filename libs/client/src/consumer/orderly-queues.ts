import { queueKey } from '@nest-rocketmq/protocol';
import type { Scheduled } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '../message/message.ts';
import type { ConsumeService } from './consume-service.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ProcessQueue } from './process-queue.ts';
import type { QueueLocker } from './queue-locker.ts';

/** A lock is given back at the latest so long after it was confirmed, though a call still runs, in milliseconds. */
const UNLOCK_DELAY_MS = 20_000;
/** A queue that another member still has locked is asked for again after so many milliseconds. */
const LOCK_RETRY_MS = 1000;

interface Leaving {
  timer: Scheduled;
  /** Stores the offset and gives the lock back, once. */
  release: () => Promise<void>;
}

/**
 * Takes and gives queues that are consumed in order: a queue is begun with under its lock, and given on when the call
 * that runs has ended (`RebalancePushImpl.tryRemoveOrderMessageQueue`).
 */
export class OrderlyQueues {
  readonly #group: ConsumerGroup;
  readonly #consume: ConsumeService;
  readonly #locker: QueueLocker;
  readonly #onChange: () => void;
  readonly #leaving = new Map<string, Leaving>();
  #retry: Scheduled | undefined;
  #stopped = false;

  /** @param onChange called when a queue that could not be begun with is to be tried again */
  constructor(group: ConsumerGroup, consume: ConsumeService, locker: QueueLocker, onChange: () => void) {
    this.#group = group;
    this.#consume = consume;
    this.#locker = locker;
    this.#onChange = onChange;
  }

  /** Locks a queue that is to be ours. @returns when that was; undefined when it has to wait */
  async acquire(queue: MessageQueue): Promise<number | undefined> {
    // A call of the time before still runs: one more would not be in order.
    if (this.#leaving.has(queueKey(queue))) return undefined;
    const lockedAt = await this.#locker.lock(queue);
    if (lockedAt > 0) return lockedAt;
    this.#retry ??= this.#group.instance.settings.clock.schedule(LOCK_RETRY_MS, () => {
      this.#retry = undefined;
      if (!this.#stopped) this.#onChange();
    });
    return undefined;
  }

  /** Lets the call that runs end, stores the offset where it counts, and gives the lock back. */
  release(queue: ProcessQueue): void {
    const key = queueKey(queue.queue);
    const { clock } = this.#group.instance.settings;
    let released: Promise<void> | undefined;
    const release = (): Promise<void> => (released ??= this.#release(queue));
    const wait = Math.max(0, queue.lockedAt + UNLOCK_DELAY_MS - clock.now());
    const leaving = { timer: clock.schedule(wait, () => void release()), release };
    this.#leaving.set(key, leaving);
    void this.#consume.idle(queue).then(async () => {
      leaving.timer.cancel();
      await release();
      if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
      if (!this.#stopped) this.#onChange();
    });
  }

  /** Gives back all locks, whatever still runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    for (const { timer } of this.#leaving.values()) timer.cancel();
    await Promise.all([...this.#leaving.values()].map(({ release }) => release()));
    await this.#locker.unlock([...this.#group.queues.values()]);
  }

  async #release(queue: ProcessQueue): Promise<void> {
    const { offsets } = this.#group;
    if (!queue.dropped) {
      queue.dropped = true;
      await offsets.persist([queue.queue]);
      // Meanwhile it may be ours again.
      if (!this.#group.queues.has(queueKey(queue.queue))) offsets.forget(queue.queue);
    }
    await this.#locker.unlock([queue]);
  }
}

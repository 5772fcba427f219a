import {
  LockBatchMq,
  LockBatchRequestBody,
  LockBatchResponseBody,
  queueKey,
  UnlockBatchMq,
} from '@nest-rocketmq/protocol';
import { scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '../message/message.ts';
import { queueText, type ConsumerGroup } from './consumer-group.ts';
import type { ProcessQueue } from './process-queue.ts';

/** How often locks are renewed, and when for the first time, in milliseconds. */
const RENEW_MS = 20_000;
const FIRST_RENEW_MS = 1000;
/** How long a lock is relied on after it was confirmed, and how long a broker keeps it, in milliseconds. */
const LOCK_VALID_MS = 30_000;
const BROKER_LOCK_MS = 60_000;

/**
 * The locks at the brokers (41, 42) under which queues are consumed in order: only one member of the group has one at
 * a time (`RebalanceImpl`). They are renewed every 20 s; a broker forgets one after 60 s, and it isn't relied on for
 * longer than 30 s.
 */
export class QueueLocker {
  readonly #group: Pick<ConsumerGroup, 'group' | 'instance' | 'queues'>;
  readonly #onLost: (queue: ProcessQueue) => void;
  #timer: Scheduled | undefined;

  /** @param onLost called with a queue that another member may have consumed meanwhile */
  constructor(
    group: Pick<ConsumerGroup, 'group' | 'instance' | 'queues'>,
    onLost: (queue: ProcessQueue) => void,
  ) {
    this.#group = group;
    this.#onLost = onLost;
  }

  /** Renews the locks of the queues that are ours, from now on. */
  start(): void {
    const { clock } = this.#group.instance.settings;
    this.#timer = scheduleEvery(clock, FIRST_RENEW_MS, RENEW_MS, () => void this.renew());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Whether a queue's lock can be relied on. */
  isValid(queue: ProcessQueue): boolean {
    return queue.lockedAt > 0 && this.#now() - queue.lockedAt <= LOCK_VALID_MS;
  }

  /**
   * Locks a queue that has become ours.
   * @returns when that was, to the benefit of others; 0 when another member has it
   * @throws RocketMQError when its broker can't be asked
   */
  async lock(queue: MessageQueue): Promise<number> {
    const now = this.#now();
    const held = await this.#lock(queue.brokerName, [queue]);
    return held.has(queueKey(queue)) ? now : 0;
  }

  /** Renews all locks, one request for each broker. What can't be asked is asked again the next time. */
  async renew(): Promise<void> {
    const brokers = new Map<string, ProcessQueue[]>();
    for (const queue of this.#group.queues.values()) {
      const { brokerName } = queue.queue;
      brokers.set(brokerName, [...(brokers.get(brokerName) ?? []), queue]);
    }
    await Promise.all([...brokers].map(([brokerName, queues]) => this.#renew(brokerName, queues)));
  }

  /** Renews the lock of one queue. @returns whether it can be relied on again */
  async renewOne(queue: ProcessQueue): Promise<boolean> {
    await this.#renew(queue.queue.brokerName, [queue]);
    return !queue.dropped && this.isValid(queue);
  }

  /** Gives locks back. A broker that doesn't hear of it forgets them by itself. */
  async unlock(queues: readonly ProcessQueue[]): Promise<void> {
    const brokers = new Map<string, MessageQueue[]>();
    for (const queue of queues) {
      if (queue.lockedAt === 0) continue;
      queue.lockedAt = 0;
      const { brokerName } = queue.queue;
      brokers.set(brokerName, [...(brokers.get(brokerName) ?? []), queue.queue]);
    }
    await Promise.all([...brokers].map(([brokerName, mqSet]) => this.#unlock(brokerName, mqSet)));
  }

  async #renew(brokerName: string, queues: readonly ProcessQueue[]): Promise<void> {
    const now = this.#now();
    let held: Set<string>;
    try {
      held = await this.#lock(
        brokerName,
        queues.map(({ queue }) => queue),
      );
    } catch (error) {
      this.#group.instance.settings.logger.warn(
        `The queue locks of group ${this.#group.group} at ${brokerName} could not be renewed, it is tried again`,
        error,
      );
      return;
    }
    for (const queue of queues) {
      if (queue.dropped || queue.releasing) continue;
      // After a minute the lock was free, and may have been another's until a moment ago.
      const kept = now - queue.lockedAt <= BROKER_LOCK_MS;
      if (held.has(queueKey(queue.queue)) && kept) {
        queue.lockedAt = now;
      } else {
        queue.lockedAt = 0;
        this.#group.instance.settings.logger.warn(`The lock on ${queueText(queue.queue)} is lost`);
        this.#onLost(queue);
      }
    }
  }

  async #lock(brokerName: string, mqSet: readonly MessageQueue[]): Promise<Set<string>> {
    const body = LockBatchRequestBody.encode(this.#body(mqSet));
    const { instance } = this.#group;
    const address = instance.routes.brokerAddress(brokerName);
    if (address === undefined) throw instance.routes.noRoute(mqSet[0]?.topic ?? brokerName);
    const answer = await instance.call(address, LockBatchMq, {}, { body });
    return new Set(LockBatchResponseBody.decode(answer.body).lockOKMQSet.map(queueKey));
  }

  async #unlock(brokerName: string, mqSet: readonly MessageQueue[]): Promise<void> {
    const { instance, group } = this.#group;
    const address = instance.routes.brokerAddress(brokerName);
    if (address === undefined) return;
    try {
      await instance.call(
        address,
        UnlockBatchMq,
        {},
        { body: LockBatchRequestBody.encode(this.#body(mqSet)) },
      );
    } catch (error) {
      instance.settings.logger.warn(
        `The queue locks of group ${group} were not given back to ${brokerName}: it keeps them for a minute`,
        error,
      );
    }
  }

  #body(mqSet: readonly MessageQueue[]): LockBatchRequestBody {
    const { group, instance } = this.#group;
    return {
      consumerGroup: group,
      clientId: instance.clientId,
      onlyThisBroker: false,
      mqSet: [...mqSet],
    };
  }

  #now(): number {
    return this.#group.instance.settings.clock.now();
  }
}

import { queueKey, QueryConsumerOffset, ResponseCode, UpdateConsumerOffset } from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';
import { queueText } from './consumer-group.ts';
import { OFFSET_NOT_FOUND, type OffsetStore } from './offset-store.ts';

interface Entry {
  offset: number;
  /** Whether it is no longer the queue's. */
  forgotten: boolean;
}

/** Of a queue that was not told of an offset yet. */
const UNKNOWN = Number.NEGATIVE_INFINITY;

/** Offsets at the brokers, for clustering consumers (`RemoteBrokerOffsetStore`). */
export class RemoteOffsetStore implements OffsetStore {
  readonly #instance: ClientInstance;
  readonly #group: string;
  readonly #offsets = new Map<string, Entry>();
  /** The same by the queues as those hold them who ask for every message: their texts need not be made for each. */
  readonly #byQueue = new WeakMap<MessageQueue, Entry>();
  /** The last commit of each queue that is under way: of two at a time a broker with threads may keep the older one. */
  readonly #committing = new Map<string, Promise<void>>();

  constructor(instance: ClientInstance, group: string) {
    this.#instance = instance;
    this.#group = group;
  }

  async load(): Promise<void> {
    // The brokers have them.
  }

  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    const known = this.#byQueue.get(queue);
    const entry = known && !known.forgotten ? known : this.#entry(queue);
    if (!increaseOnly || Math.max(entry.offset, OFFSET_NOT_FOUND) < offset) entry.offset = offset;
  }

  inMemory(queue: MessageQueue): number | undefined {
    const offset = this.#offsets.get(queueKey(queue))?.offset;
    return offset === UNKNOWN ? undefined : offset;
  }

  async read(queue: MessageQueue): Promise<number> {
    const address = await this.#address(queue);
    const { topic, queueId, brokerName: bname } = queue;
    try {
      const request = { consumerGroup: this.#group, topic, queueId, bname };
      const { header } = await this.#instance.call(address, QueryConsumerOffset, request);
      this.update(queue, header.offset, false);
      return header.offset;
    } catch (error) {
      if (error instanceof BrokerError && error.responseCode === ResponseCode.QUERY_NOT_FOUND)
        return OFFSET_NOT_FOUND;
      throw error;
    }
  }

  async persist(queues: readonly MessageQueue[]): Promise<void> {
    await Promise.all(queues.map((queue) => this.#persist(queue)));
  }

  forget(queue: MessageQueue): void {
    const key = queueKey(queue);
    const entry = this.#offsets.get(key);
    if (entry) entry.forgotten = true;
    this.#offsets.delete(key);
  }

  async commit(queue: MessageQueue): Promise<void> {
    const key = queueKey(queue);
    const send = (): Promise<void> => this.#commit(queue);
    const committing = this.#committing.get(key)?.then(send, send) ?? send();
    this.#committing.set(key, committing);
    try {
      await committing;
    } finally {
      if (this.#committing.get(key) === committing) this.#committing.delete(key);
    }
  }

  #entry(queue: MessageQueue): Entry {
    const key = queueKey(queue);
    const entry = this.#offsets.get(key) ?? { offset: UNKNOWN, forgotten: false };
    this.#offsets.set(key, entry);
    this.#byQueue.set(queue, entry);
    return entry;
  }

  async #commit(queue: MessageQueue): Promise<void> {
    const commitOffset = this.inMemory(queue);
    if (commitOffset === undefined) return;
    const { topic, queueId, brokerName: bname } = queue;
    const address = await this.#address(queue);
    const request = { consumerGroup: this.#group, topic, queueId, commitOffset, bname };
    await this.#instance.call(address, UpdateConsumerOffset, request);
  }

  async #persist(queue: MessageQueue): Promise<void> {
    try {
      await this.commit(queue);
    } catch (error) {
      // It stays in memory: the next round, or the next pull, takes it along.
      this.#instance.settings.logger.warn(
        `The offset ${this.inMemory(queue)} of ${queueText(queue)} was not stored`,
        error,
      );
    }
  }

  /** Of the master; of a slave when it is away, as Java's. */
  async #address(queue: MessageQueue): Promise<string> {
    const { routes } = this.#instance;
    const known = routes.anyBrokerAddress(queue.brokerName, 0);
    if (known) return known.address;
    await routes.refresh(queue.topic);
    const address = routes.anyBrokerAddress(queue.brokerName, 0)?.address;
    if (address === undefined) throw routes.noRoute(queue.topic);
    return address;
  }
}

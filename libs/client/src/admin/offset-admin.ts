import {
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  InvokeBrokerToResetOffset,
  QueryConsumerOffset,
  ResetOffsetBody,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
  type MessageQueue,
  type QueueEntry,
} from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';
import type { AdminSession } from './admin-session.ts';

/** Answers that say: this broker can't reset the offsets of consumers itself. */
const RESET_BY_HAND = new Set<number | undefined>([
  ResponseCode.CONSUMER_NOT_ONLINE,
  ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
]);

/** Offsets of queues and of groups. */
export class OffsetAdmin {
  readonly #session: AdminSession;

  constructor(session: AdminSession) {
    this.#session = session;
  }

  async max(queue: MessageQueue): Promise<number> {
    const address = await this.#session.addressOf(queue);
    return (await this.#session.instance.call(address, GetMaxOffset, fieldsOf(queue))).header.offset;
  }

  async min(queue: MessageQueue): Promise<number> {
    const address = await this.#session.addressOf(queue);
    return (await this.#session.instance.call(address, GetMinOffset, fieldsOf(queue))).header.offset;
  }

  async search(queue: MessageQueue, timestamp: number, boundaryType: 'LOWER' | 'UPPER'): Promise<number> {
    const address = await this.#session.addressOf(queue);
    const header = { ...fieldsOf(queue), timestamp, boundaryType };
    return (await this.#session.instance.call(address, SearchOffsetByTimestamp, header)).header.offset;
  }

  async earliestStoreTime(queue: MessageQueue): Promise<number> {
    const address = await this.#session.addressOf(queue);
    return (await this.#session.instance.call(address, GetEarliestMsgStoretime, fieldsOf(queue))).header
      .timestamp;
  }

  async ofGroup(group: string, queue: MessageQueue): Promise<number | undefined> {
    const address = await this.#session.addressOf(queue);
    const header = { consumerGroup: group, ...fieldsOf(queue), setZeroIfNotFound: false };
    try {
      return (await this.#session.instance.call(address, QueryConsumerOffset, header)).header.offset;
    } catch (error) {
      if (error instanceof BrokerError && error.responseCode === ResponseCode.QUERY_NOT_FOUND)
        return undefined;
      throw error;
    }
  }

  async update(group: string, queue: MessageQueue, commitOffset: number): Promise<void> {
    const address = await this.#session.addressOf(queue);
    const header = { consumerGroup: group, ...fieldsOf(queue), commitOffset };
    await this.#session.instance.call(address, UpdateConsumerOffset, header);
  }

  async reset(
    group: string,
    topic: string,
    timestamp: number,
    force: boolean,
  ): Promise<QueueEntry<number>[]> {
    const { instance } = this.#session;
    const route = await this.#session.route(topic);
    const result: QueueEntry<number>[] = [];
    for (const { brokerName, address } of await this.#session.brokersOf(topic)) {
      const header = { topic, group, timestamp, isForce: force, queueId: -1 };
      try {
        const { body } = await instance.call(address, InvokeBrokerToResetOffset, header);
        result.push(...ResetOffsetBody.decode(body).offsetTable);
      } catch (error) {
        if (!(error instanceof BrokerError) || !RESET_BY_HAND.has(error.responseCode)) throw error;
        const queues = route.subscribeQueues.filter((queue) => queue.brokerName === brokerName);
        result.push(...(await this.#resetByHand(group, queues, timestamp, force)));
      }
    }
    return result;
  }

  /** As `mqadmin resetOffsetByTime` does for a group that is offline: sets its offsets one by one. */
  async #resetByHand(
    group: string,
    queues: readonly MessageQueue[],
    timestamp: number,
    force: boolean,
  ): Promise<QueueEntry<number>[]> {
    const result: QueueEntry<number>[] = [];
    for (const queue of queues) {
      const target = timestamp < 0 ? await this.max(queue) : await this.search(queue, timestamp, 'LOWER');
      const known = await this.ofGroup(group, queue);
      if (!force && known !== undefined && target > known) continue;
      await this.update(group, queue, target);
      result.push({ queue, value: target });
    }
    return result;
  }
}

function fieldsOf({ topic, queueId, brokerName }: MessageQueue): {
  topic: string;
  queueId: number;
  bname: string;
} {
  return { topic, queueId, bname: brokerName };
}

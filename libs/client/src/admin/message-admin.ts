import {
  decodeOffsetMessageId,
  decodeRecords,
  QueryMessage,
  ResponseCode,
  ViewMessageById,
} from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { BrokerError } from '../errors.ts';
import type { MessageExt } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import type { AdminSession } from './admin-session.ts';

/** What to look for among the messages with a key. */
export interface QueryOptions {
  /** At most so many of each broker. Default 32. */
  maxNum?: number;
  /** Stored from this time on, in milliseconds since the epoch. Default: the beginning. */
  begin?: number;
  /** Stored up to this time. Default: now. */
  end?: number;
}

const OFFSET_ID = /^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{56})$/;

/** Finds stored messages. */
export class MessageAdmin {
  readonly #session: AdminSession;

  constructor(session: AdminSession) {
    this.#session = session;
  }

  /** By either of its ids: the broker's, or the one its producer gave it. */
  async view(topic: string, msgId: string): Promise<MessageExt> {
    const byOffset = OFFSET_ID.test(msgId) ? await this.#byOffsetId(topic, msgId) : undefined;
    return byOffset ?? this.byUniqueKey(topic, msgId);
  }

  /** By the id its producer gave it; of several with the same one (tried again after a time-out), the first. */
  async byUniqueKey(topic: string, msgId: string): Promise<MessageExt> {
    const [found] = await this.#query(topic, msgId, {}, true);
    if (found) return found;
    throw new RocketMQError(
      'REMOTE',
      `No message of topic ${topic} has the id ${JSON.stringify(msgId.slice(0, 64))}`,
      {
        responseCode: ResponseCode.QUERY_NOT_FOUND,
      },
    );
  }

  async byKey(topic: string, key: string, options: QueryOptions = {}): Promise<MessageExt[]> {
    const messages = await this.#query(topic, key, options, false);
    // The index knows hashes of keys only: what merely has the same one is left out.
    return messages.filter((message) => message.keys.includes(key) || message.msgId === key);
  }

  async #byOffsetId(topic: string, msgId: string): Promise<MessageExt | undefined> {
    const { host, offset } = decodeOffsetMessageId(msgId);
    // Both kinds of ids look alike: only one that names a broker of the topic is the broker's.
    const broker = (await this.#session.brokersOf(topic)).find(({ address }) => address === host);
    if (!broker) return undefined;
    try {
      const { body } = await this.#session.instance.call(host, ViewMessageById, {
        topic,
        offset,
        bname: broker.brokerName,
      });
      return this.#messagesOf(body, broker.brokerName)[0];
    } catch (error) {
      if (error instanceof BrokerError && error.responseCode === ResponseCode.SYSTEM_ERROR) return undefined;
      throw error;
    }
  }

  async #query(topic: string, key: string, options: QueryOptions, unique: boolean): Promise<MessageExt[]> {
    const header = {
      topic,
      key,
      maxNum: options.maxNum ?? 32,
      beginTimestamp: options.begin ?? 0,
      endTimestamp: options.end ?? this.#session.instance.settings.clock.now(),
      ...(unique ? { uniqueKeyQuery: true } : {}),
    };
    const found: MessageExt[] = [];
    for (const { brokerName, address } of await this.#session.brokersOf(topic)) {
      try {
        const { body } = await this.#session.instance.call(address, QueryMessage, {
          ...header,
          bname: brokerName,
        });
        found.push(...this.#messagesOf(body, brokerName));
      } catch (error) {
        if (!(error instanceof BrokerError) || error.responseCode !== ResponseCode.QUERY_NOT_FOUND)
          throw error;
      }
    }
    const wanted = unique ? found.filter((message) => message.msgId === key) : found;
    return wanted.sort((a, b) => a.storeTimestamp - b.storeTimestamp);
  }

  #messagesOf(body: Buffer, brokerName: string): MessageExt[] {
    const { namespace } = this.#session.instance.settings;
    return decodeRecords(body).map((record) => new ReceivedMessage(record, { brokerName, namespace }));
  }
}

import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Clock } from '@nest-rocketmq/runtime';
import {
  toMessage,
  type AnyEvents,
  type DestinationOf,
  type Message,
  type MessageConverter,
  type PayloadOf,
  type SendOptions,
} from 'nest-rocketmq';
import { OutboxStatus, type OutboxFields, type OutboxMessage, type OutboxStore } from './outbox-store.ts';

/** How to send one message of the outbox: what `RocketMQTemplate.send` takes, less what belongs to the moment of sending. */
export type OutboxOptions = Pick<
  SendOptions,
  'tag' | 'keys' | 'headers' | 'hashKey' | 'delay' | 'deliverAt' | 'waitStore' | 'converter'
>;

/** What an outbox is made with. */
export interface OutboxSettings<Tx> {
  /** Who sends: `group_name` of the rows. */
  readonly groupName: string;
  readonly converter: MessageConverter;
  readonly clock: Clock;
  /** Told of each message that was written to be sent, so that a relay need not wait for its next look. */
  readonly written: (transaction: Tx) => void;
}

/**
 * Keeps messages together with the business change that they tell of: both are committed, or neither. A relay sends them
 * after that, at least once. A consumer that must not notice the difference uses `@ConsumeOnce()`.
 *
 * @typeParam Events a map of destinations to their payloads; without it any destination takes any payload
 */
export class Outbox<Events extends object = AnyEvents, Tx = EntityManager> {
  readonly #store: OutboxStore<Tx>;
  readonly #settings: OutboxSettings<Tx>;

  constructor(store: OutboxStore<Tx>, settings: OutboxSettings<Tx>) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * Writes a message with `transaction`; it is sent when that is committed, and never if it is rolled back. With `hashKey`
   * messages of one key are sent in the order they were written in; a `delay` counts from the sending. A message without
   * keys gets one of its own, so that consumers can tell when it comes twice.
   * @throws RocketMQError `INVALID_ARGUMENT` when this could never be sent; what the database throws
   */
  async send<D extends DestinationOf<Events>>(
    transaction: Tx,
    destination: D,
    payload: PayloadOf<Events, D>,
    options: OutboxOptions = {},
  ): Promise<void> {
    await this.#store.add(this.#message(destination, payload, options), OutboxStatus.PENDING, transaction);
    this.#settings.written(transaction);
  }

  /**
   * Writes, with `transaction`, that a message is sent another way: what a transactional message's check asks for. Nothing is
   * sent from here.
   * @throws as {@link send}
   */
  async record<D extends DestinationOf<Events>>(
    transaction: Tx,
    destination: D,
    payload: PayloadOf<Events, D>,
    options: OutboxOptions = {},
  ): Promise<void> {
    await this.#store.add(this.#message(destination, payload, options), OutboxStatus.DONE, transaction);
  }

  /** Whether a message of these keys was written to the topic, by {@link record} or {@link send}, and committed. */
  async recorded(topic: string, keys: string | readonly string[]): Promise<boolean> {
    const query = { groupName: this.#settings.groupName, msgTopic: topic, msgKey: keyText(keys), limit: 1 };
    return (await this.#store.list(query)).length > 0;
  }

  #message(destination: string, payload: unknown, options: OutboxOptions): OutboxMessage {
    const { groupName, converter, clock } = this.#settings;
    const { hashKey = '', ...sendOptions } = options;
    const {
      topic,
      body,
      tags = '',
      keys = '',
      ...rest
    } = toMessage(destination, payload, sendOptions, converter);
    return {
      groupName,
      msgTopic: topic,
      msgTag: tags,
      msgKey: keyText(keys) || randomUUID(),
      body,
      fields: fieldsOf(rest),
      hashKey,
      createTime: clock.now(),
    };
  }
}

/** As the client writes several keys into one property. */
function keyText(keys: string | readonly string[]): string {
  return typeof keys === 'string' ? keys : keys.join(' ');
}

function fieldsOf(message: Omit<Message, 'topic' | 'body' | 'tags' | 'keys'>): OutboxFields {
  const { properties, flag, waitStoreMsgOK, delayLevel, delayTimeMs, deliverTimeMs } = message;
  const fields = { properties, flag, waitStoreMsgOK, delayLevel, delayTimeMs, deliverTimeMs };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

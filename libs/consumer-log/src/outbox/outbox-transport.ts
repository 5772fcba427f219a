import { hashSelector } from '@nest-rocketmq/client';
import type { TemplateProducer } from 'nest-rocketmq';
import type { OutboxRecord } from './outbox-store.ts';

/** What sends the messages of an outbox. */
export interface OutboxTransport {
  /**
   * Resolves when the broker has the message.
   * @throws an error whose `code` is INVALID_ARGUMENT, or whose `name` is NonRetryableMessageError, when it never will; any
   * other error when it has to be tried again
   */
  send(message: OutboxRecord): Promise<void>;
}

/** Sends by RocketMQ: to a queue of the hash key where there is one, else to any. */
export class RocketMQTransport implements OutboxTransport {
  readonly #producer: () => Pick<TemplateProducer, 'send'>;

  /** @param producer asked for each time: it is there only while the application is connected */
  constructor(producer: () => Pick<TemplateProducer, 'send'>) {
    this.#producer = producer;
  }

  async send({ msgTopic, msgTag, msgKey, body, fields, hashKey }: OutboxRecord): Promise<void> {
    const { properties, ...others } = fields;
    const message = {
      topic: msgTopic,
      body,
      ...others,
      ...(properties === undefined ? {} : { properties: { ...properties } }),
      ...(msgTag === '' ? {} : { tags: msgTag }),
      ...(msgKey === '' ? {} : { keys: msgKey }),
    };
    await this.#producer().send(message, hashKey === '' ? {} : { selector: hashSelector, arg: hashKey });
  }
}

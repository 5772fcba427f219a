import type { MessageExt, MessageQueue } from '@nest-rocketmq/client';

/** What a handler can know of the message besides its payload. Also the `REQUEST` of request-scoped providers. */
export class MessageContext {
  /** The message as the client received it. */
  readonly message: MessageExt;
  readonly consumerGroup: string;
  /** The name of the connection it came from. */
  readonly connection: string;
  /** The handler, as `Class.method`. */
  readonly handler: string;
  /** In an `onLastAttempt` method: what the handler failed with. */
  readonly error: unknown;

  constructor(
    message: MessageExt,
    consumerGroup: string,
    connection: string,
    handler: string,
    error?: unknown,
  ) {
    this.message = message;
    this.consumerGroup = consumerGroup;
    this.connection = connection;
    this.handler = handler;
    this.error = error;
  }

  /** The topic of the message. */
  get topic(): string {
    return this.message.topic;
  }

  /** The message's tag, if it has one. */
  get tag(): string | undefined {
    return this.message.tags;
  }

  /** The business keys of the message. */
  get keys(): readonly string[] {
    return this.message.keys;
  }

  /** The producer's id: the same each time the message comes again. */
  get msgId(): string {
    return this.message.msgId;
  }

  /** 1 the first time, 2 when it comes again, ... */
  get attempt(): number {
    return this.message.reconsumeTimes + 1;
  }

  /** The queue it was read from; of a message that came again, one of the retry topic's. */
  get queue(): MessageQueue {
    const { topic, brokerName, queueId } = this.message;
    return { topic, brokerName, queueId };
  }

  /** All properties: the application's headers and RocketMQ's own. */
  get headers(): ReadonlyMap<string, string> {
    return this.message.properties;
  }
}

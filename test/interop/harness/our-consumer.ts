import { setTimeout } from 'node:timers/promises';
import {
  ConsumeConcurrentlyStatus,
  ConsumeFromWhere,
  ConsumeOrderlyStatus,
  DefaultMQPushConsumer,
  type MessageExt,
  type MessageSelector,
  type PushConsumerOptions,
} from '@nest-rocketmq/client';
import { removeDirectory, temporaryDirectory } from './java-home.ts';
import { PATIENT } from './patient.ts';
import { PATIENCE_MS, until } from './until.ts';

/** Options of a {@link OurConsumer}. */
export interface OurConsumerOptions extends PushConsumerOptions {
  topic: string;
  /** Tags, or a selector. Default: all. */
  expression?: string | MessageSelector;
  /** How many tries of each message fail; in order, of each with the tag `fail`. */
  failures?: number;
  orderly?: boolean;
  /** Not in order: how long the first try of each message takes, in milliseconds. */
  hangMs?: number;
}

/** A push consumer of ours that keeps what it was handed. */
export class OurConsumer {
  readonly messages: MessageExt[] = [];
  private readonly consumer: DefaultMQPushConsumer;
  private readonly topic: string;
  /**
   * Of its own, so that a broadcasting consumer doesn't go on where one of the same group was in an earlier run: offsets
   * beyond the end of the new topic would be moved to its end, past what was sent until then.
   */
  private readonly offsets = temporaryDirectory('offsets');

  private constructor(options: OurConsumerOptions) {
    const { topic, expression = '*', failures = 0, orderly = false, hangMs = 0, ...rest } = options;
    this.topic = topic;
    this.consumer = new DefaultMQPushConsumer({
      consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
      localOffsetStoreDir: this.offsets,
      ...PATIENT,
      ...rest,
    });
    this.consumer.subscribe(topic, expression);
    if (orderly) {
      this.consumer.onMessageOrderly((messages) => {
        this.messages.push(...messages);
        const [message] = messages;
        if (message?.tags === 'fail' && message.reconsumeTimes < failures)
          return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
        return ConsumeOrderlyStatus.SUCCESS;
      });
      return;
    }
    this.consumer.onMessage(async (messages, context) => {
      this.messages.push(...messages);
      context.delayLevelWhenNextConsume = 1;
      if (hangMs > 0 && messages[0]?.reconsumeTimes === 0) await setTimeout(hangMs);
      const failed = messages.some((message) => message.reconsumeTimes < failures);
      return failed ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    });
  }

  static async start(options: OurConsumerOptions): Promise<OurConsumer> {
    const consumer = new OurConsumer(options);
    await consumer.consumer.start();
    return consumer;
  }

  /** Its bodies as text, sorted. */
  get bodies(): string[] {
    return this.messages.map((message) => message.body.toString()).toSorted();
  }

  /** Waits until at least that many messages have come. */
  async received(count: number, timeoutMs = PATIENCE_MS): Promise<readonly MessageExt[]> {
    const enough = () => this.messages.length >= count;
    await until(`our consumer has ${count} messages`, enough, timeoutMs, () => this.bodies.slice(0, 50));
    return this.messages;
  }

  /** How many queues of its topic it has been given. */
  get queues(): number {
    return this.consumer.assignment().filter((queue) => queue.topic === this.topic).length;
  }

  async stop(): Promise<void> {
    await this.consumer.shutdown();
    removeDirectory(this.offsets);
  }
}

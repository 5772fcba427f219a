import { ConsumeOrderlyStatus } from '@nest-rocketmq/client';
import { systemClock } from '@nest-rocketmq/runtime';
import { drain } from '../lifecycle/drain-progress.ts';
import { ConsumeMode } from '../listener/consume-mode.ts';
import { TO_DEAD_LETTERS } from '../listener/outcome.ts';
import { rejection } from '../listener/rejection.ts';
import type { Consumer } from '../module/client-factory.ts';
import type { RocketMQConnection } from '../module/connection.ts';
import { MessageDispatch, type DispatchParts } from './message-dispatch.ts';

const DEFAULT_CONCURRENCY = 20;
/** RocketMQ's own number of retries, which -1 stands for. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** The consumer of one group of a server: its patterns' topics, its settings, its end. */
export class GroupConsumer {
  readonly group: string;
  readonly consumer: Consumer;
  readonly #connection: RocketMQConnection;
  readonly #dispatch: MessageDispatch;

  constructor(
    connection: RocketMQConnection,
    parts: Pick<DispatchParts, 'consumerGroup' | 'routes' | 'within'>,
  ) {
    const { consumer: settings } = connection.options;
    const times = settings.maxReconsumeTimes ?? -1;
    const maxReconsumeTimes = times < 0 ? DEFAULT_MAX_RECONSUME_TIMES : times;
    const delayLevel = settings.delayLevelWhenNextConsume ?? 0;
    this.group = parts.consumerGroup;
    this.#connection = connection;
    this.#dispatch = new MessageDispatch({ ...parts, connection, maxReconsumeTimes, delayLevel });
    this.consumer = connection.consumer({
      group: this.group,
      concurrency: settings.concurrency ?? DEFAULT_CONCURRENCY,
      consumeMessageBatchMaxSize: 1,
      maxReconsumeTimes,
      ...(settings.suspendCurrentQueueTime !== undefined && {
        suspendCurrentQueueTimeMillis: settings.suspendCurrentQueueTime,
      }),
      messageModel: settings.messageModel,
      consumeFromWhere: settings.consumeFromWhere,
      consumeTimestamp: settings.consumeTimestamp,
      pullBatchSize: settings.pullBatchSize,
      clientRebalance: settings.clientRebalance,
      popInvisibleTime: settings.popInvisibleTime,
      consumeTimeout: settings.consumeTimeout,
      enableMsgTrace: settings.enableMsgTrace,
      customizedTraceTopic: settings.customizedTraceTopic,
    });
    for (const [topic, selector] of parts.routes.subscription()) this.consumer.subscribe(topic, selector);
    this.#listen(settings.consumeMode === ConsumeMode.ORDERLY);
  }

  start(): Promise<void> {
    return this.consumer.start();
  }

  /** Stops pulling, and lets running handlers end within the option `shutdown.drain`. */
  stop(): Promise<void> {
    const { options, logger } = this.#connection;
    const drainMs = options.shutdown.drain;
    return drain(
      { group: this.group, drainMs, running: () => this.#dispatch.running },
      () => this.consumer.shutdown({ drainMs }),
      { clock: systemClock, logger },
    );
  }

  #listen(orderly: boolean): void {
    if (!orderly) {
      this.consumer.onMessage(async ([message], context) => {
        const failed = message && (await this.#dispatch.handle(message));
        if (failed?.delayLevel === TO_DEAD_LETTERS) context.reject(0, rejection(failed));
        else if (failed) context.retry(0, failed.delayLevel);
      });
      return;
    }
    this.consumer.onMessageOrderly(async ([message], context) => {
      const failed = message && (await this.#dispatch.handle(message));
      if (failed && failed.delayLevel !== TO_DEAD_LETTERS) {
        if (failed.delayMs !== undefined) context.suspendCurrentQueueTimeMillis = failed.delayMs;
        return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
      }
      if (failed) context.reject(0, rejection(failed));
      return ConsumeOrderlyStatus.SUCCESS;
    });
  }
}

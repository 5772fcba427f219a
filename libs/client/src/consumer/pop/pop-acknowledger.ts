import { AckMessage, ChangeMessageInvisibleTime } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../../errors.ts';
import type { ConsumerGroup } from '../consumer-group.ts';
import type { PoppedMessage } from './popped-message.ts';

/**
 * Tells the broker what became of popped messages (`DefaultMQPushConsumerImpl.ackAsync`, `changePopInvisibleTimeAsync`).
 * What it doesn't hear it takes for not consumed.
 */
export class PopAcknowledger {
  readonly #group: ConsumerGroup;

  constructor(group: ConsumerGroup) {
    this.#group = group;
  }

  /** Has a message never come again. Never rejects: one whose acknowledgement failed comes again. */
  async ack(popped: PoppedMessage): Promise<void> {
    try {
      await this.#group.instance.call(await this.#address(popped), AckMessage, this.#fields(popped));
    } catch (error) {
      this.#warn(`Message ${popped.message.msgId} could not be acknowledged, it comes again`, error);
    }
  }

  /** Has a message come again in `delayMs`. Never rejects: when it fails, it comes when its time is over. */
  async retryIn(popped: PoppedMessage, delayMs: number): Promise<void> {
    try {
      const header = { ...this.#fields(popped), invisibleTime: delayMs, suspend: false };
      await this.#group.instance.call(await this.#address(popped), ChangeMessageInvisibleTime, header);
    } catch (error) {
      this.#warn(
        `When message ${popped.message.msgId} comes again could not be changed, it comes when its time is over`,
        error,
      );
    }
  }

  #fields({ topic, info, receipt, queueOffset }: PoppedMessage): {
    consumerGroup: string;
    topic: string;
    queueId: number;
    offset: number;
    extraInfo: string;
    bname: string;
  } {
    const { queueId, brokerName: bname } = info;
    return {
      consumerGroup: this.#group.group,
      topic,
      queueId,
      offset: queueOffset,
      extraInfo: receipt,
      bname,
    };
  }

  async #address({ info, message }: PoppedMessage): Promise<string> {
    const { routes } = this.#group.instance;
    const known = routes.brokerAddress(info.brokerName);
    if (known !== undefined) return known;
    await routes.refresh(message.topic);
    const learnt = routes.brokerAddress(info.brokerName);
    if (learnt !== undefined) return learnt;
    throw new RocketMQError('NO_BROKER', `The broker ${info.brokerName} has no address now`, {
      responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
    });
  }

  #warn(text: string, error: unknown): void {
    this.#group.instance.settings.logger.warn(text, error);
  }
}

import {
  ConsumerSendMsgBack,
  MessageConst,
  MessageSysFlag,
  MixAll,
  retryTopic,
} from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { ReceivedMessage } from '../message/received-message.ts';
import { PropertiesText } from '../message/properties-text.ts';
import { MessageSender } from '../producer/message-sender.ts';
import { defaultSendSettings } from '../producer/send-options.ts';
import type { Redelivery } from './consumer-types.ts';
import type { PushGroup } from './push-group.ts';

/** What is to be known of a consumer to give messages back for it. */
export type ReturningGroup = Pick<PushGroup, 'instance' | 'group'> & {
  readonly settings: Pick<PushGroup['settings'], 'maxReconsumeTimes'>;
};

const SEND_BACK_TIMEOUT_MS = 5000;
/** How often a message is delivered again when the consumer says nothing else. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** Of the system flag, only how the body is compressed is true of the message that is sent anew. */
const COMPRESSION_BITS = MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_TYPE_MASK;

/** Properties that would make a resent message something else than a message to be consumed again. */
const NOT_RESENT = new Set<string>([
  MessageConst.PROPERTY_TRANSACTION_PREPARED,
  MessageConst.PROPERTY_DELAY_TIME_LEVEL,
  MessageConst.PROPERTY_TIMER_DELAY_SEC,
  MessageConst.PROPERTY_TIMER_DELAY_MS,
  MessageConst.PROPERTY_TIMER_DELIVER_MS,
]);

/**
 * Gives messages that were not consumed back to the broker, which delivers them again later or puts them to the dead
 * letters (`DefaultMQPushConsumerImpl.sendMessageBack`).
 */
export class MessageReturner {
  readonly #group: ReturningGroup;
  readonly #sender: MessageSender;

  constructor(group: ReturningGroup) {
    this.#group = group;
    this.#sender = new MessageSender(group.instance, MixAll.CLIENT_INNER_PRODUCER_GROUP, defaultSendSettings);
  }

  /** How often a message is delivered again before it goes to the dead letters. */
  get maxReconsumeTimes(): number {
    const { maxReconsumeTimes } = this.#group.settings;
    return maxReconsumeTimes < 0 ? DEFAULT_MAX_RECONSUME_TIMES : maxReconsumeTimes;
  }

  /**
   * Gives one message back: by its place in the broker's log, or, when that fails or it gets new properties, by
   * sending it to the retry topic.
   * @returns false when neither worked: the message has to be consumed again from here
   */
  async giveBack(message: ReceivedMessage, redelivery: Redelivery): Promise<boolean> {
    const { logger } = this.#group.instance.settings;
    if (!redelivery.properties) {
      try {
        await this.#sendBack(message, redelivery.delayLevel);
        return true;
      } catch (error) {
        logger.warn(
          `Message ${message.msgId} could not be sent back, it is sent to the retry topic instead`,
          error,
        );
      }
    }
    try {
      await this.#resend(message, redelivery);
      return true;
    } catch (error) {
      logger.warn(
        `Message ${message.msgId} could not be sent to the retry topic, it is consumed again from here`,
        error,
      );
      return false;
    }
  }

  /**
   * Puts one message to the dead letters by sending it to the retry topic as one that was tried too often: the one way
   * that also works for a message whose place in its queue is kept (`ConsumeMessageOrderlyService.sendMessageBack`).
   * @returns false when that failed
   */
  reject(message: ReceivedMessage, properties: Readonly<Record<string, string>>): Promise<boolean> {
    return this.giveBack(message, { delayLevel: -1, properties });
  }

  async #sendBack(message: ReceivedMessage, delayLevel: number): Promise<void> {
    const { instance, group } = this.#group;
    const header = {
      offset: message.commitLogOffset,
      group,
      delayLevel,
      originMsgId: message.offsetMsgId,
      originTopic: message.storedTopic,
      unitMode: false,
      maxReconsumeTimes: this.maxReconsumeTimes,
      bname: message.brokerName,
    };
    // The broker that stored it may have another address by now: its name counts.
    const address = instance.routes.brokerAddress(message.brokerName) ?? message.storeHost;
    await instance.call(address, ConsumerSendMsgBack, header, { timeoutMs: SEND_BACK_TIMEOUT_MS });
  }

  async #resend(message: ReceivedMessage, redelivery: Redelivery): Promise<void> {
    const times = message.reconsumeTimes + 1;
    // Above its maximum the broker puts it to the dead letters.
    const max = redelivery.delayLevel < 0 ? message.reconsumeTimes : this.maxReconsumeTimes;
    const properties = new PropertiesText();
    for (const [name, value] of this.#resentProperties(message, redelivery)) properties.add(name, value);
    const topic = retryTopic(this.#group.group);
    const again = {
      topic,
      body: message.record.body,
      properties,
      msgId: message.msgId,
      sysFlag: message.sysFlag & COMPRESSION_BITS,
      flag: message.flag,
      batch: false,
      reconsumeTimes: times,
      maxReconsumeTimes: max,
    };
    // A young group's retry topic has no route yet, but is at the broker the message is from, with a queue 0 at least.
    const queue = { topic, brokerName: message.brokerName, queueId: 0 };
    const result = await this.#sender.send(again, { queue }).catch(() => this.#sender.send(again));
    if (result.sendStatus === 'SEND_OK') return;
    throw new RocketMQError('REMOTE', `The retry topic answered ${result.sendStatus}`);
  }

  #resentProperties(message: ReceivedMessage, redelivery: Redelivery): Map<string, string> {
    const properties = new Map<string, string>();
    for (const [name, value] of message.record.properties)
      if (!NOT_RESENT.has(name)) properties.set(name, value);
    for (const [name, value] of Object.entries(redelivery.properties ?? {})) properties.set(name, value);
    properties.set(MessageConst.PROPERTY_RETRY_TOPIC, message.storedTopic);
    if (!properties.has(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID)) {
      properties.set(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID, message.offsetMsgId);
    }
    if (redelivery.delayLevel >= 0) {
      const level = redelivery.delayLevel > 0 ? redelivery.delayLevel : 3 + message.reconsumeTimes;
      properties.set(MessageConst.PROPERTY_DELAY_TIME_LEVEL, String(level));
    }
    return properties;
  }
}

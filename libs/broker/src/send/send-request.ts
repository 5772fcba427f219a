import { HeaderError, RequestCode, type HeaderView } from '@nest-rocketmq/protocol';
import type { SendTarget } from './send-admission.ts';
import { LONG_SEND_KEYS, SHORT_SEND_KEYS, type SendKeys } from './send-keys.ts';

/** What Java's producer asks for, for senders that say nothing. */
const DEFAULT_QUEUE_NUMS = 4;

/** The header of a send, read out of a view of it. One object serves all sends: its fields hold until the next one. */
export class SendRequest implements SendTarget {
  topic = '';
  queueId = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  flag = 0;
  reconsumeTimes = 0;
  batch = false;
  #header: HeaderView | undefined;
  #keys: SendKeys = SHORT_SEND_KEYS;

  /** @throws HeaderError when topic, queueId, sysFlag, bornTimestamp or flag is missing, or a number is none */
  read(header: HeaderView): void {
    const keys = header.code === RequestCode.SEND_MESSAGE ? LONG_SEND_KEYS : SHORT_SEND_KEYS;
    this.#header = header;
    this.#keys = keys;
    this.topic = header.get(keys.topic) ?? missing(keys.topic);
    this.queueId = header.int(keys.queueId) ?? missing(keys.queueId);
    this.sysFlag = header.int(keys.sysFlag) ?? missing(keys.sysFlag);
    this.bornTimestamp = header.long(keys.bornTimestamp) ?? missing(keys.bornTimestamp);
    this.flag = header.int(keys.flag) ?? missing(keys.flag);
    this.reconsumeTimes = header.int(keys.reconsumeTimes) ?? 0;
    this.batch = header.bool(keys.batch) === true || header.code === RequestCode.SEND_BATCH_MESSAGE;
  }

  defaultTopic(): string {
    return this.#header?.get(this.#keys.defaultTopic) ?? '';
  }

  defaultTopicQueueNums(): number {
    return this.#header?.int(this.#keys.defaultTopicQueueNums) ?? DEFAULT_QUEUE_NUMS;
  }

  unitMode(): boolean {
    return this.#header?.bool(this.#keys.unitMode) === true;
  }

  /** How often a message may be tried again, when the sender decides that. */
  maxReconsumeTimes(): number | undefined {
    return this.#header?.int(this.#keys.maxReconsumeTimes);
  }

  /** Writes the property string's bytes to the beginning of `target`. @returns their number; 0 when there is none */
  copyProperties(target: Buffer): number {
    return Math.max(0, this.#header?.copyTo(this.#keys.properties, target, 0) ?? 0);
  }
}

function missing(key: string): never {
  throw new HeaderError(key, 'missing');
}

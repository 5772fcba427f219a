import { encodeHost, encodeProperties } from '@nest-rocketmq/protocol';
import { AppendMessage } from '@nest-rocketmq/store';
import type { Random } from './random.ts';

const HOST = encodeHost('10.1.2.3', 10911);

/** Makes the messages of a run, no two alike. */
export class MessageMaker {
  /** The number of the next body. */
  number = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  message(topic: string, queueId: number, key: string, now: number): AppendMessage {
    const message = new AppendMessage();
    message.topic = topic;
    message.queueId = queueId;
    message.bornTimestamp = now;
    message.bornHost = message.storeHost = HOST;
    return message.content(Buffer.alloc(0), this.#properties(key));
  }

  #properties(key: string): Buffer {
    const properties = new Map([['TAGS', `t${this.#random.below(3)}`]]);
    if (key !== '') properties.set('UNIQ_KEY', key);
    // No checksum of RocketMQ's records covers properties: what is lost in the middle of them can be told from nothing.
    if (this.#random.chance(10)) properties.set('long', 'p'.repeat(this.#random.below(450)));
    return encodeProperties(properties);
  }

  /** Bodies hold zeros, and what looks like the head of a record. */
  body(): Buffer {
    const size = this.#random.chance(10) ? this.#random.below(3600) : this.#random.below(300);
    const body = Buffer.alloc(12 + size, this.#random.pick([0, 0x78, 0xda]));
    body.writeUInt32BE(this.number++, 0);
    if (this.#random.chance(20)) body.writeUInt32BE(0xdaa320a7, 4);
    return body;
  }
}

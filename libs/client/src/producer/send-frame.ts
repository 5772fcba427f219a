import { MQVersion, RequestCode, SerializeType } from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { MessageQueue } from '../message/message.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { SendSettings } from './send-options.ts';

/** Bytes before a frame's header: its length, then the header's length with the serialisation in the top byte. */
const PREFIX_BYTES = 8;

/**
 * A queue to send to, with the part of the header that is the same for all its messages already in bytes: a send
 * (310, 320) then writes the rest of its header and its body straight into the connection's buffer.
 */
export class SendTarget {
  readonly queue: MessageQueue;
  readonly #single: Buffer;
  readonly #batch: Buffer;

  constructor(queue: MessageQueue, group: string, settings: SendSettings) {
    this.queue = queue;
    this.#single = template(RequestCode.SEND_MESSAGE_V2, false, queue, group, settings);
    this.#batch = template(RequestCode.SEND_BATCH_MESSAGE, true, queue, group, settings);
  }

  get brokerName(): string {
    return this.queue.brokerName;
  }

  /** Writes the whole frame of a send into what the connection writes at the end of this tick. */
  write(
    connection: Connection,
    message: OutgoingMessage,
    bornTimestamp: number,
    opaque: number,
    oneway: boolean,
  ): void {
    const head = message.batch ? this.#batch : this.#single;
    const { properties, body } = message;
    const max = message.maxReconsumeTimes;
    // Decimal numbers never need escaping, and the properties are escaped already.
    const rest =
      `${message.sysFlag}","g":"${bornTimestamp}","h":"${message.flag}","j":"${message.reconsumeTimes}` +
      `${max === undefined ? '' : `","l":"${max}`}","i":"${properties.text}"},"flag":${oneway ? 2 : 0},"opaque":${opaque}}`;
    const restBytes = properties.ascii ? rest.length : Buffer.byteLength(rest);
    const headerBytes = head.length + restBytes;
    const size = PREFIX_BYTES + headerBytes + body.length;
    const start = connection.reserve(size);
    const out = connection.out;
    out.writeInt32BE(size - 4, start);
    out.writeInt32BE((SerializeType.JSON << 24) | headerBytes, start + 4);
    let at = start + PREFIX_BYTES;
    out.set(head, at);
    at += head.length;
    out.write(rest, at, restBytes, properties.ascii ? 'latin1' : 'utf8');
    out.set(body, at + restBytes);
  }
}

/** The header up to the value of its first field that differs from message to message: `f`, the system flag. */
function template(
  code: number,
  batch: boolean,
  queue: MessageQueue,
  group: string,
  settings: SendSettings,
): Buffer {
  const fixed = {
    a: group,
    b: queue.topic,
    c: settings.createTopicKey,
    d: String(settings.defaultTopicQueueNums),
    e: String(queue.queueId),
    k: 'false',
    m: String(batch),
    n: queue.brokerName,
  };
  const fields = JSON.stringify(fixed).slice(0, -1);
  return Buffer.from(
    `{"code":${code},"language":"OTHER","serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT},` +
      `"extFields":${fields},"f":"`,
  );
}

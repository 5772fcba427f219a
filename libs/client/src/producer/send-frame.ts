import {
  encodeCommand,
  MQVersion,
  RemotingCommand,
  RequestCode,
  SerializeType,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { RequestHook } from '../instance/request-hook.ts';
import type { MessageQueue } from '../message/message.ts';
import { withNamespace } from '../namespace/namespace.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { SendSettings } from './send-options.ts';

/** Bytes before a frame's header: its length, then the header's length with the serialisation in the top byte. */
const PREFIX_BYTES = 8;

/**
 * A queue to send to, with the part of the header that is the same for all its messages already in bytes: a send
 * (310, 320) then writes the rest of its header and its body straight into the connection's buffer.
 */
export class SendTarget {
  /** As the application knows it: without the namespace. */
  readonly queue: MessageQueue;
  readonly #single: Buffer;
  readonly #batch: Buffer;
  /** Made when it is needed: few targets are replied to. */
  #reply: Buffer | undefined;
  readonly #fixed: FixedFields;
  readonly #hook: RequestHook | undefined;

  /** @param hook completes requests before they are sent: then a send costs a request like any other */
  constructor(queue: MessageQueue, group: string, settings: SendSettings, hook?: RequestHook) {
    this.queue = queue;
    this.#hook = hook;
    this.#fixed = fixedFields(queue, group, settings);
    this.#single = template(RequestCode.SEND_MESSAGE_V2, false, this.#fixed);
    this.#batch = template(RequestCode.SEND_BATCH_MESSAGE, true, this.#fixed);
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
    if (this.#hook !== undefined) {
      connection.write(encodeCommand(this.#request(this.#hook, message, bornTimestamp, opaque, oneway)));
      return;
    }
    const head = message.batch ? this.#batch : message.reply ? this.#replyHead() : this.#single;
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

  #replyHead(): Buffer {
    return (this.#reply ??= template(RequestCode.SEND_REPLY_MESSAGE_V2, false, this.#fixed));
  }

  #request(
    hook: RequestHook,
    message: OutgoingMessage,
    bornTimestamp: number,
    opaque: number,
    oneway: boolean,
  ): RemotingCommand {
    const { body, maxReconsumeTimes: max } = message;
    const fields = new Map<string, string>(Object.entries(this.#fixed));
    fields.set('m', String(message.batch));
    fields.set('f', String(message.sysFlag));
    fields.set('g', String(bornTimestamp));
    fields.set('h', String(message.flag));
    // The text is escaped for a header that is written by hand.
    fields.set('i', JSON.parse(`"${message.properties.text}"`) as string);
    fields.set('j', String(message.reconsumeTimes));
    if (max !== undefined) fields.set('l', String(max));
    const single = message.reply ? RequestCode.SEND_REPLY_MESSAGE_V2 : RequestCode.SEND_MESSAGE_V2;
    const request = RemotingCommand.request(
      message.batch ? RequestCode.SEND_BATCH_MESSAGE : single,
      fields,
      Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    );
    request.opaque = opaque;
    if (oneway) request.markOneway();
    hook(request);
    return request;
  }
}

/** The fields that are the same for all messages to a queue. */
type FixedFields = Readonly<Record<'a' | 'b' | 'c' | 'd' | 'e' | 'k' | 'n', string>>;

function fixedFields(queue: MessageQueue, group: string, settings: SendSettings): FixedFields {
  return {
    a: group,
    b: withNamespace(settings.namespace, queue.topic),
    c: settings.createTopicKey,
    d: String(settings.defaultTopicQueueNums),
    e: String(queue.queueId),
    k: 'false',
    n: queue.brokerName,
  };
}

/** The header up to the value of its first field that differs from message to message: `f`, the system flag. */
function template(code: number, batch: boolean, fixed: FixedFields): Buffer {
  const fields = JSON.stringify({ ...fixed, m: String(batch) }).slice(0, -1);
  return Buffer.from(
    `{"code":${code},"language":"OTHER","serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT},` +
      `"extFields":${fields},"f":"`,
  );
}

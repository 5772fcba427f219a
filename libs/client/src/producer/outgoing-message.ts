import { createUniqueId, encodeBatch, MessageConst, MessageSysFlag, MixAll } from '@nest-rocketmq/protocol';
import { compress, compressionFlag } from '../message/compression.ts';
import type { Message } from '../message/message.ts';
import { isTimed } from '../message/timed.ts';
import {
  checkPropertiesSize,
  forEachProperty,
  propertiesText,
  PropertiesText,
  refuseSeparators,
} from '../message/properties-text.ts';
import { illegal } from '../message/validators.ts';
import { withNamespace } from '../namespace/namespace.ts';
import { REPLY_MESSAGE_FLAG } from './request-reply-message.ts';
import type { SendSettings } from './send-options.ts';

/** What goes over the wire for one send, ready before its first try and the same for all of them. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly body: Uint8Array;
  readonly properties: PropertiesText;
  /** The id of the message; of a batch, all of them joined by commas. */
  readonly msgId: string;
  readonly sysFlag: number;
  readonly flag: number;
  readonly batch: boolean;
  /** A reply goes by a code of its own, to the client that asked. */
  readonly reply?: boolean;
  /** For a message that goes to a retry topic: how often it was consumed, and how often it may be. */
  readonly reconsumeTimes: number;
  readonly maxReconsumeTimes: number | undefined;
}

/** Makes a message ready to be sent; a promise only where its body is compressed in the thread pool. */
export function outgoingMessage(
  message: Message,
  settings: SendSettings,
): OutgoingMessage | Promise<OutgoingMessage> {
  const system = message.systemProperties;
  const msgId = system?.[MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX] ?? createUniqueId();
  const properties = propertiesText(message, msgId);
  if (settings.namespace !== '') properties.add(MessageConst.PROPERTY_INSTANCE_ID, settings.namespace);
  const reply = system?.[MessageConst.PROPERTY_MESSAGE_TYPE] === REPLY_MESSAGE_FLAG;
  const prepared = system?.[MessageConst.PROPERTY_TRANSACTION_PREPARED] === 'true';
  const sysFlag = prepared ? MessageSysFlag.TRANSACTION_PREPARED_TYPE : 0;
  const build = (body: Uint8Array, bodyFlag: number): OutgoingMessage => ({
    topic: withNamespace(settings.namespace, message.topic),
    body,
    properties,
    msgId,
    sysFlag: sysFlag | bodyFlag,
    flag: message.flag ?? 0,
    batch: false,
    reply,
    reconsumeTimes: 0,
    maxReconsumeTimes: undefined,
  });
  if (message.body.length < settings.compressMsgBodyOverHowmuch) return build(message.body, 0);
  const flag = compressionFlag(settings.compressType);
  const compressed = compress(message.body, settings.compressType, settings.compressLevel);
  if (compressed instanceof Promise) return compressed.then((body) => build(body, flag));
  return build(compressed, flag);
}

/**
 * Makes a batch of messages ready to be sent as one: never compressed, stored by the broker as so many messages.
 * @throws RocketMQError `INVALID_ARGUMENT` when the messages can't be in one batch (`MessageBatch`, `Validators`)
 */
export function outgoingBatch(
  messages: readonly Message[],
  { maxMessageSize, namespace }: Pick<SendSettings, 'maxMessageSize' | 'namespace'>,
): OutgoingMessage {
  const [first] = messages;
  if (!first) throw illegal('A batch has at least one message');
  if (first.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX))
    throw illegal('A batch can not be sent to a retry topic');
  const waits = first.waitStoreMsgOK ?? true;
  const ids: string[] = [];
  const parts = messages.map((message) => {
    if (message.topic !== first.topic) throw illegal('The messages of a batch all have the same topic');
    if ((message.waitStoreMsgOK ?? true) !== waits)
      throw illegal('The messages of a batch all have the same waitStoreMsgOK');
    if (message.delayLevel || isTimed(message)) {
      throw illegal('A delayed message can not be in a batch');
    }
    const properties = new Map<string, string>();
    forEachProperty(message, (name, value) => {
      refuseSeparators(name);
      refuseSeparators(value);
      properties.set(name, value);
    });
    const id = createUniqueId();
    ids.push(id);
    properties.set('UNIQ_KEY', id);
    let bytes = 0;
    for (const [name, value] of properties) bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
    checkPropertiesSize(bytes);
    return { flag: message.flag ?? 0, body: message.body, properties };
  });
  const body = encodeBatch(parts);
  if (body.length > maxMessageSize) {
    throw illegal(
      `The batch has ${body.length} bytes: the limit (maxMessageSize) is ${maxMessageSize}. Split it into smaller ones`,
    );
  }
  const properties = new PropertiesText();
  properties.add('WAIT', String(waits));
  properties.add('UNIQ_KEY', createUniqueId());
  if (namespace !== '') properties.add(MessageConst.PROPERTY_INSTANCE_ID, namespace);
  return {
    topic: withNamespace(namespace, first.topic),
    body,
    properties,
    msgId: ids.join(','),
    sysFlag: 0,
    flag: 0,
    batch: true,
    reconsumeTimes: 0,
    maxReconsumeTimes: undefined,
  };
}

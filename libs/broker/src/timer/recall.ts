import { encodeRecallHandle, MessageConst, MixAll } from '@nest-rocketmq/protocol';

/**
 * The handle with which a message that was sent into the timer topic can be taken back (SendMessageProcessor
 * .attachRecallHandle); undefined for all others. Its time is one within the message's slot.
 */
export function recallHandleOf(
  properties: ReadonlyMap<string, string>,
  brokerName: string,
): string | undefined {
  const outTime = properties.get(MessageConst.PROPERTY_TIMER_OUT_MS);
  const topic = properties.get(MessageConst.PROPERTY_REAL_TOPIC);
  const messageId = properties.get(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
  if (outTime === undefined || topic === undefined || messageId === undefined) return undefined;
  if (topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX)) return undefined;
  return encodeRecallHandle({ topic, brokerName, timestamp: String(Number(outTime) + 1), messageId });
}

/** What takes a message back: the key of the message, by which it is found in its slot (TimerMessageStore.buildDeleteKey). */
export function deleteKeyOf(topic: string, messageId: string, appendTopic: boolean): string {
  return appendTopic ? `${topic}+${messageId}` : messageId;
}

import { MixAll } from '../codes/mix-all.ts';

const SEPARATOR_V1 = '_';
const SEPARATOR_V2 = '+';

/** Where a revived message is: the topic itself, or its retry topic under one of the two names (ExtraInfoUtil.getRetry). */
export const PopRetry = { NORMAL: '0', V1: '1', V2: '2' } as const;

/** `%RETRY%group_topic`: where what was popped and not acknowledged comes again (KeyBuilder). */
export function popRetryTopicV1(topic: string, group: string): string {
  return MixAll.RETRY_GROUP_TOPIC_PREFIX + group + SEPARATOR_V1 + topic;
}

/** `%RETRY%group+topic`, which `enableRetryTopicV2` turns on: it tells group and topic apart. */
export function popRetryTopicV2(topic: string, group: string): string {
  return MixAll.RETRY_GROUP_TOPIC_PREFIX + group + SEPARATOR_V2 + topic;
}

/** The marker of a topic that is popped. */
export function popRetryOf(topic: string): string {
  if (!topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX)) return PopRetry.NORMAL;
  return topic.includes(SEPARATOR_V2) ? PopRetry.V2 : PopRetry.V1;
}

/** The topic that a marker stands for; undefined for an unknown marker. */
export function popTopicOf(topic: string, group: string, retry: string): string | undefined {
  switch (retry) {
    case PopRetry.NORMAL:
      return topic;
    case PopRetry.V1:
      return popRetryTopicV1(topic, group);
    case PopRetry.V2:
      return popRetryTopicV2(topic, group);
    default:
      return undefined;
  }
}

/** The topic whose messages a POP retry topic of `group` holds; any other topic stays as it is. */
export function popNormalTopic(topic: string, group: string): string {
  for (const prefix of [popRetryTopicV2('', group), popRetryTopicV1('', group)]) {
    if (topic.startsWith(prefix)) return topic.slice(prefix.length);
  }
  return topic;
}

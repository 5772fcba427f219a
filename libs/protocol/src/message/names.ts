import { MixAll } from '../codes/mix-all.ts';

/** The longest name of an ordinary topic. */
export const MAX_TOPIC_LENGTH = 127;
/** The longest name of a retry or dead letter topic. */
export const MAX_RETRY_OR_DLQ_TOPIC_LENGTH = 255;
/** The longest name of a group: its retry topics' names are made of it. */
export const MAX_GROUP_LENGTH = 120;

const ALLOWED = /^[%|a-zA-Z0-9_-]+$/;

const SYSTEM_TOPICS: ReadonlySet<string> = new Set([
  MixAll.DEFAULT_TOPIC,
  MixAll.SCHEDULE_TOPIC,
  MixAll.BENCHMARK_TOPIC,
  MixAll.TRANS_HALF_TOPIC,
  MixAll.TRACE_TOPIC,
  MixAll.TRANS_OP_HALF_TOPIC,
  MixAll.TRANS_CHECK_MAX_TIME_TOPIC,
  MixAll.SELF_TEST_TOPIC,
  MixAll.OFFSET_MOVED_EVENT,
  MixAll.ROCKSDB_OFFSET_TOPIC,
]);

const NOT_FOR_SENDING: ReadonlySet<string> = new Set([
  MixAll.SCHEDULE_TOPIC,
  MixAll.TRANS_HALF_TOPIC,
  MixAll.TRANS_OP_HALF_TOPIC,
  MixAll.TRANS_CHECK_MAX_TIME_TOPIC,
  MixAll.SELF_TEST_TOPIC,
  MixAll.OFFSET_MOVED_EVENT,
]);

const PREDEFINED_GROUPS: ReadonlySet<string> = new Set([
  MixAll.DEFAULT_CONSUMER_GROUP,
  MixAll.DEFAULT_PRODUCER_GROUP,
  MixAll.TOOLS_CONSUMER_GROUP,
  MixAll.SCHEDULE_CONSUMER_GROUP,
  MixAll.FILTERSRV_CONSUMER_GROUP,
  MixAll.MONITOR_CONSUMER_GROUP,
  MixAll.CLIENT_INNER_PRODUCER_GROUP,
  MixAll.SELF_TEST_PRODUCER_GROUP,
  MixAll.SELF_TEST_CONSUMER_GROUP,
  MixAll.ONS_HTTP_PROXY_GROUP,
  MixAll.CID_ONSAPI_PERMISSION_GROUP,
  MixAll.CID_ONSAPI_OWNER_GROUP,
  MixAll.CID_ONSAPI_PULL_GROUP,
  MixAll.CID_SYS_RMQ_TRANS,
]);

/**
 * What is wrong with the name of a topic, by the rules of RocketMQ's `TopicValidator`; undefined when nothing is.
 * The text does not repeat the name where it holds other characters than allowed, so it is safe to log and send.
 */
export function validateTopic(name: string): string | undefined {
  if (isBlank(name)) return 'The specified topic is blank.';
  const limit = isRetryOrDlqTopic(name) ? MAX_RETRY_OR_DLQ_TOPIC_LENGTH : MAX_TOPIC_LENGTH;
  return validate('topic', name, limit);
}

/** What is wrong with the name of a group; undefined when nothing is. */
export function validateGroup(name: string): string | undefined {
  if (isBlank(name)) return 'The specified group is blank.';
  return validate('group', name, MAX_GROUP_LENGTH);
}

/** A name from plain JavaScript, or of an environment variable that is not set, may be missing altogether. */
function isBlank(name: string | null | undefined): boolean {
  return (name ?? '').trim() === '';
}

function validate(what: string, name: string, limit: number): string | undefined {
  if (name.length > limit) return `The specified ${what} is longer than ${what} max length ${limit}.`;
  if (!ALLOWED.test(name))
    return `The specified ${what} contains illegal characters, allowing only ${ALLOWED.source}`;
  return undefined;
}

/** Whether the topic is a group's retry or dead letter topic. */
export function isRetryOrDlqTopic(name: string): boolean {
  return name.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX) || name.startsWith(MixAll.DLQ_GROUP_TOPIC_PREFIX);
}

/** Whether RocketMQ itself owns the topic. Names of clusters and brokers are system topics too; a broker knows those. */
export function isSystemTopic(name: string): boolean {
  return SYSTEM_TOPICS.has(name) || name.startsWith(MixAll.SYSTEM_TOPIC_PREFIX);
}

/** Whether clients may not send to the topic. */
export function isNotAllowedSendTopic(name: string): boolean {
  return NOT_FOR_SENDING.has(name);
}

/** Whether RocketMQ itself owns the group. */
export function isSystemGroup(name: string): boolean {
  return PREDEFINED_GROUPS.has(name) || name.startsWith(MixAll.CID_RMQ_SYS_PREFIX);
}

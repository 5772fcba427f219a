/** The topics every broker has, and the rules about names that belong to RocketMQ itself (TopicValidator). */
export const SystemTopic = {
  AUTO_CREATE_TOPIC_KEY: 'TBW102',
  SELF_TEST: 'SELF_TEST_TOPIC',
  BENCHMARK: 'BenchmarkTest',
  OFFSET_MOVED_EVENT: 'OFFSET_MOVED_EVENT',
  SCHEDULE: 'SCHEDULE_TOPIC_XXXX',
  TRACE: 'RMQ_SYS_TRACE_TOPIC',
  TRANS_HALF: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TRANS_OP_HALF: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TRANS_CHECK_MAX_TIME: 'TRANS_CHECK_MAX_TIME_TOPIC',
  TIMER: 'rmq_sys_wheel_timer',
} as const;

const SYSTEM_PREFIX = 'rmq_sys_';
const REPLY_POSTFIX = 'REPLY_TOPIC';

const ALWAYS_SYSTEM: ReadonlySet<string> = new Set([
  SystemTopic.AUTO_CREATE_TOPIC_KEY,
  SystemTopic.SCHEDULE,
  SystemTopic.BENCHMARK,
  SystemTopic.TRANS_HALF,
  SystemTopic.TRACE,
  SystemTopic.TRANS_OP_HALF,
  SystemTopic.TRANS_CHECK_MAX_TIME,
  SystemTopic.SELF_TEST,
  SystemTopic.OFFSET_MOVED_EVENT,
]);

const NOT_ALLOWED_SEND: ReadonlySet<string> = new Set([
  SystemTopic.SCHEDULE,
  SystemTopic.TRANS_HALF,
  SystemTopic.TRANS_OP_HALF,
  SystemTopic.TRANS_CHECK_MAX_TIME,
  SystemTopic.SELF_TEST,
  SystemTopic.OFFSET_MOVED_EVENT,
]);

/** Whether a topic is RocketMQ's own on any broker: a well-known name, or one that begins with `rmq_sys_`. */
export function isWellKnownSystemTopic(topic: string): boolean {
  return ALWAYS_SYSTEM.has(topic) || topic.startsWith(SYSTEM_PREFIX);
}

/** Whether clients may never send to this topic (answered NO_PERMISSION 16). */
export function isNotAllowedSendTopic(topic: string): boolean {
  return NOT_ALLOWED_SEND.has(topic);
}

/** The topic that replies of request-reply go through when the requester's channel is not on this broker. */
export function replyTopic(clusterName: string): string {
  return `${clusterName}_${REPLY_POSTFIX}`;
}

/** The topic that keeps the acknowledgements of POP consumers. */
export function reviveTopic(clusterName: string): string {
  return `${SYSTEM_PREFIX}REVIVE_LOG_${clusterName}`;
}

/** The topic whose route carries the members of this broker's group. */
export function syncBrokerMemberTopic(brokerName: string): string {
  return `${SYSTEM_PREFIX}SYNC_BROKER_MEMBER_${brokerName}`;
}

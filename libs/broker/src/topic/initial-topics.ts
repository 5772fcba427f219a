import { PermName, type TopicConfig } from '@nest-rocketmq/protocol';
import type { TopicManagerConfig } from './topic-config-manager.ts';
import { replyTopic, reviveTopic, syncBrokerMemberTopic, SystemTopic } from './system-topics.ts';

const READ_WRITE = PermName.READ | PermName.WRITE;
const DEFAULT_QUEUES = 16;
const SCHEDULE_QUEUES = 18;
const BENCHMARK_QUEUES = 1024;

/** A topic with Java's defaults: as many queues to read as to write, no attributes. */
export function defaultTopicConfig(
  topicName: string,
  queueNums = DEFAULT_QUEUES,
  perm: number = READ_WRITE,
): TopicConfig {
  return {
    topicName,
    readQueueNums: queueNums,
    writeQueueNums: queueNums,
    perm,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(),
  };
}

/** The topics a broker has before any client came (TopicConfigManager.init). */
export function initialTopics(config: TopicManagerConfig): TopicConfig[] {
  const inherited = (enabled: boolean): number =>
    enabled ? PermName.INHERIT | READ_WRITE : PermName.INHERIT;
  const topics = [
    defaultTopicConfig(SystemTopic.SELF_TEST, 1),
    defaultTopicConfig(SystemTopic.BENCHMARK, BENCHMARK_QUEUES),
    defaultTopicConfig(config.brokerClusterName, DEFAULT_QUEUES, inherited(config.clusterTopicEnable)),
    defaultTopicConfig(config.brokerName, 1, inherited(config.brokerTopicEnable)),
    defaultTopicConfig(SystemTopic.OFFSET_MOVED_EVENT, 1),
    defaultTopicConfig(SystemTopic.SCHEDULE, SCHEDULE_QUEUES),
    defaultTopicConfig(replyTopic(config.brokerClusterName), 1),
    defaultTopicConfig(reviveTopic(config.brokerClusterName), config.reviveQueueNum),
    defaultTopicConfig(syncBrokerMemberTopic(config.brokerName), 1, PermName.INHERIT),
    defaultTopicConfig(SystemTopic.TRANS_HALF, 1),
    defaultTopicConfig(SystemTopic.TRANS_OP_HALF, 1),
  ];
  if (config.autoCreateTopicEnable) {
    topics.push(
      defaultTopicConfig(SystemTopic.AUTO_CREATE_TOPIC_KEY, config.defaultTopicQueueNums, inherited(true)),
    );
  }
  if (config.traceTopicEnable) topics.push(defaultTopicConfig(config.msgTraceTopicName, 1));
  if (config.timerWheelEnable) topics.push(defaultTopicConfig(SystemTopic.TIMER, 1));
  return topics;
}

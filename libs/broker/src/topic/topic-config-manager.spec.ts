import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { PermName, type TopicConfig } from '@nest-rocketmq/protocol';
import { brokerConfig, type BrokerConfig } from '../config/broker-config.ts';
import { MemoryConfigFile } from '../config/testing/memory-config-file.ts';
import { defaultTopicConfig } from './initial-topics.ts';
import { TopicConfigManager } from './topic-config-manager.ts';

const READ_WRITE = PermName.READ | PermName.WRITE;
const APACHE = `{
	"dataVersion":{"counter":3,"timestamp":1700000000000},
	"topicConfigTable":{
		"Old":{"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"Old","topicSysFlag":0,"writeQueueNums":4},
		"New":{"attributes":{"message.type":"FIFO"},"order":true,"perm":4,"readQueueNums":2,"topicFilterType":"MULTI_TAG","topicName":"New","topicSysFlag":1,"writeQueueNums":1}
	}
}`;

describe('TopicConfigManager', () => {
  let clock: ManualClock;
  let file: MemoryConfigFile;
  let topics: TopicConfigManager;
  const create = (config: Partial<BrokerConfig> = {}): TopicConfigManager => {
    const overrides = { brokerName: 'broker-a', brokerClusterName: 'cluster', ...config };
    return new TopicConfigManager(brokerConfig({ overrides }), file, { clock });
  };

  beforeEach(() => {
    clock = new ManualClock();
    file = new MemoryConfigFile();
    topics = create();
  });

  it('begins with the topics of RocketMQ', () => {
    const queuesAndPerms = [...topics.topics.values()].map(
      (t) => `${t.topicName} ${t.writeQueueNums} ${t.perm}`,
    );
    expect(queuesAndPerms.sort()).toEqual(
      [
        'SELF_TEST_TOPIC 1 6',
        'TBW102 8 7',
        'BenchmarkTest 1024 6',
        'cluster 16 7',
        'broker-a 1 7',
        'OFFSET_MOVED_EVENT 1 6',
        'SCHEDULE_TOPIC_XXXX 18 6',
        'cluster_REPLY_TOPIC 1 6',
        'rmq_sys_REVIVE_LOG_cluster 8 6',
        'rmq_sys_SYNC_BROKER_MEMBER_broker-a 1 1',
        'RMQ_SYS_TRANS_HALF_TOPIC 1 6',
        'RMQ_SYS_TRANS_OP_HALF_TOPIC 1 6',
        'rmq_sys_wheel_timer 1 6',
      ].sort(),
    );
  });

  it('leaves out what is switched off', () => {
    topics = create({
      autoCreateTopicEnable: false,
      clusterTopicEnable: false,
      brokerTopicEnable: false,
      timerWheelEnable: false,
      traceTopicEnable: true,
    });
    expect(topics.select('TBW102')).toBeUndefined();
    expect(topics.select('rmq_sys_wheel_timer')).toBeUndefined();
    expect(topics.select('cluster')?.perm).toBe(PermName.INHERIT);
    expect(topics.select('broker-a')?.perm).toBe(PermName.INHERIT);
    expect(topics.select('RMQ_SYS_TRACE_TOPIC')?.writeQueueNums).toBe(1);
  });

  it.each([
    'TBW102',
    'cluster',
    'broker-a',
    'cluster_REPLY_TOPIC',
    'rmq_sys_anything',
    'TRANS_CHECK_MAX_TIME_TOPIC',
  ])('calls %s a system topic', (topic) => expect(topics.isSystemTopic(topic)).toBe(true));

  it('calls a topic of the user none', () => {
    expect(topics.isSystemTopic('order')).toBe(false);
    topics.updateTopic(defaultTopicConfig('order'));
    expect(topics.isSystemTopic('order')).toBe(false);
  });

  describe('creation with the first message', () => {
    it('takes the smaller number of queues, and the permission without inherit', () => {
      expect(topics.createTopicInSendMessage('order', 'TBW102', 4)).toMatchObject({
        topicName: 'order',
        readQueueNums: 4,
        writeQueueNums: 4,
        perm: READ_WRITE,
      });
      expect(topics.createTopicInSendMessage('pay', 'TBW102', 100)?.writeQueueNums).toBe(8);
      expect(topics.createTopicInSendMessage('none', 'TBW102', -1)?.writeQueueNums).toBe(0);
    });

    it('gives the topic that exists as it is', () => {
      topics.updateTopic(defaultTopicConfig('order', 2, 4));
      const { dataVersion } = topics;
      expect(topics.createTopicInSendMessage('order', 'TBW102', 4)?.perm).toBe(4);
      expect(topics.dataVersion).toEqual(dataVersion);
    });

    it('needs a default topic that exists and can be inherited', () => {
      expect(topics.createTopicInSendMessage('order', 'nothing', 4)).toBeUndefined();
      expect(topics.createTopicInSendMessage('order', 'BenchmarkTest', 4)).toBeUndefined();
      expect(topics.createTopicInSendMessage('order', 'cluster', 4, 1)).toMatchObject({
        perm: 6,
        topicSysFlag: 1,
      });
    });

    it('creates nothing through TBW102 when that is switched off, even when the file has TBW102', () => {
      file.persist({ topicConfigTable: new Map([['TBW102', defaultTopicConfig('TBW102', 8, 7)]]) });
      topics = create({ autoCreateTopicEnable: false });
      topics.load();
      expect(topics.createTopicInSendMessage('order', 'TBW102', 4)).toBeUndefined();
      expect(topics.select('TBW102')?.perm).toBe(READ_WRITE);
    });
  });

  it('creates retry topics once, and follows a change of their order', () => {
    const created = topics.createTopicInSendBack('%RETRY%g', 1, READ_WRITE);
    expect(created).toMatchObject({ readQueueNums: 1, writeQueueNums: 1, perm: 6, order: false });
    expect(topics.createTopicInSendBack('%RETRY%g', 5, 2)).toBe(created);
    expect(topics.createTopicInSendBack('%RETRY%g', 5, 2, 0, true)).toMatchObject({
      writeQueueNums: 1,
      order: true,
    });
  });

  it('raises the version and tells listeners with each change', () => {
    const seen: [string, TopicConfig | undefined][] = [];
    topics.onChange((name, topic) => seen.push([name, topic]));
    const before = topics.dataVersion;
    clock.advance(5);
    topics.updateTopic(defaultTopicConfig('order', 1));
    topics.updateTopicSysFlag('order', 1);
    topics.updateTopicSysFlag('order', 1);
    topics.markOrdered(['order', 'unknown']);
    topics.markOrdered(['order']);
    expect(topics.deleteTopic('order')).toBe(true);
    expect(topics.deleteTopic('order')).toBe(false);
    expect(seen.map(([name, topic]) => [name, topic?.topicSysFlag, topic?.order])).toEqual([
      ['order', 0, false],
      ['order', 1, false],
      ['order', 1, true],
      ['order', undefined, undefined],
    ]);
    expect(topics.dataVersion).toEqual({
      stateVersion: 0,
      counter: before.counter + 4,
      timestamp: clock.now(),
    });
  });

  describe('persistence', () => {
    it('writes once for many changes and not at all for none', () => {
      topics.flush();
      expect(file.writes).toBe(0);
      for (let i = 0; i < 50; i++) topics.updateTopic(defaultTopicConfig(`t${i}`));
      topics.flush();
      topics.flush();
      expect(file.writes).toBe(1);
    });

    it('finds again what it wrote', () => {
      topics.updateTopic({
        ...defaultTopicConfig('order', 3),
        attributes: new Map([['message.type', 'FIFO']]),
      });
      topics.flush();
      const again = create();
      again.load();
      expect(again.select('order')).toEqual(topics.select('order'));
      expect(again.dataVersion).toEqual(topics.dataVersion);
      expect(again.topics.size).toBe(topics.topics.size);
    });

    it('reads the files of 4.9 and 5.x', () => {
      file = new MemoryConfigFile(APACHE);
      topics = create();
      topics.load();
      expect(topics.select('Old')).toMatchObject({ perm: 6, readQueueNums: 4, attributes: new Map() });
      expect(topics.select('New')).toEqual({
        topicName: 'New',
        readQueueNums: 2,
        writeQueueNums: 1,
        perm: 4,
        topicFilterType: 'MULTI_TAG',
        topicSysFlag: 1,
        order: true,
        attributes: new Map([['message.type', 'FIFO']]),
      });
      expect(topics.dataVersion).toEqual({ stateVersion: 0, counter: 3, timestamp: 1_700_000_000_000 });
      expect(topics.select('SCHEDULE_TOPIC_XXXX')).toBeDefined();
    });

    it('writes what Java reads', () => {
      topics.updateTopic(defaultTopicConfig('order', 3));
      topics.flush();
      expect(file.text).toContain(
        '"order":{"attributes":{},"order":false,"perm":6,"readQueueNums":3,"topicFilterType":"SINGLE_TAG",' +
          '"topicName":"order","topicSysFlag":0,"writeQueueNums":3}',
      );
      expect(file.text).toMatch(
        /^\{"dataVersion":\{"counter":1,"stateVersion":0,"timestamp":\d+\},"topicConfigTable":\{/,
      );
    });
  });
});

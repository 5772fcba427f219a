import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { defaultSubscriptionGroupConfig } from '@nest-rocketmq/protocol';
import { MemoryConfigFile } from '../config/testing/memory-config-file.ts';
import {
  SubscriptionGroupManager,
  type SubscriptionGroupManagerConfig,
} from './subscription-group-manager.ts';

const APACHE = `{
	"dataVersion":{"counter":2,"stateVersion":0,"timestamp":1700000000000},
	"forbiddenTable":{"g":{"t":4}},
	"subscriptionGroupTable":{
		"g":{"brokerId":0,"consumeBroadcastEnable":false,"consumeEnable":true,"consumeFromMinEnable":true,"groupName":"g",
			"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":3,"retryQueueNums":2,"whichBrokerWhenConsumeSlowly":1},
		"e":{"groupName":"e","groupRetryPolicy":{"type":"EXPONENTIAL","exponentialRetryPolicy":{"initial":5000}},
			"subscriptionDataSet":[{"topic":"t","expressionType":"TAG","expression":"*","version":1}]}
	}
}`;

describe('SubscriptionGroupManager', () => {
  let clock: ManualClock;
  let file: MemoryConfigFile;
  let groups: SubscriptionGroupManager;
  const create = (config: Partial<SubscriptionGroupManagerConfig> = {}): SubscriptionGroupManager =>
    new SubscriptionGroupManager(
      { autoCreateSubscriptionGroup: true, enableCreateSysGroup: true, ...config },
      file,
      { clock },
    );

  beforeEach(() => {
    clock = new ManualClock();
    file = new MemoryConfigFile();
    groups = create();
  });

  it('begins with the groups of RocketMQ', () => {
    expect([...groups.groups.keys()]).toEqual([
      'TOOLS_CONSUMER',
      'FILTERSRV_CONSUMER',
      'SELF_TEST_C_GROUP',
      'CID_ONS-HTTP-PROXY',
      'CID_ONSAPI_PULL',
      'CID_ONSAPI_PERMISSION',
      'CID_ONSAPI_OWNER',
      'CID_RMQ_SYS_TRANS',
    ]);
  });

  it('creates an unknown group with the defaults', () => {
    const before = groups.dataVersion;
    expect(groups.find('g')).toMatchObject({
      groupName: 'g',
      consumeEnable: true,
      retryMaxTimes: 16,
      retryQueueNums: 1,
    });
    expect(groups.dataVersion.counter).toBe(before.counter + 1);
    groups.find('g');
    expect(groups.dataVersion.counter).toBe(before.counter + 1);
  });

  it.each(['', '../x', 'a b', 'x'.repeat(256), 'a\u0000'])('creates none named %j', (name) => {
    expect(groups.find(name)).toBeUndefined();
    expect(groups.select(name)).toBeUndefined();
  });

  it('creates only its own groups when creation is switched off', () => {
    groups = create({ autoCreateSubscriptionGroup: false });
    expect(groups.find('g')).toBeUndefined();
    expect(groups.find('CID_RMQ_SYS_x')).toBeDefined();
    groups = create({ autoCreateSubscriptionGroup: false, enableCreateSysGroup: false });
    expect(groups.find('CID_RMQ_SYS_y')).toBeUndefined();
    expect(groups.find('TOOLS_CONSUMER')).toBeDefined();
  });

  it('updates, disables and deletes', () => {
    groups.update({ ...defaultSubscriptionGroupConfig('g'), retryMaxTimes: 3 });
    groups.disableConsume('g');
    expect(groups.select('g')).toMatchObject({ retryMaxTimes: 3, consumeEnable: false });
    expect(groups.delete('g')).toBe(true);
    expect(groups.delete('g')).toBe(false);
    expect(groups.select('g')).toBeUndefined();
  });

  it('keeps what a group may not read until the group is deleted', () => {
    groups.find('g');
    groups.updateForbidden('g', 't', 4);
    groups.updateForbidden('g', 'u', 1);
    groups.updateForbidden('g', 'u', 0);
    expect([groups.forbidden('g', 't'), groups.forbidden('g', 'u'), groups.forbidden('h', 't')]).toEqual([
      4, 0, 0,
    ]);
    expect(groups.wrapper().forbiddenTable).toEqual(new Map([['g', new Map([['t', 4]])]]));
    groups.delete('g');
    expect(groups.forbidden('g', 't')).toBe(0);
  });

  it('writes once for many changes, and finds them again', () => {
    groups.find('a');
    groups.find('b');
    groups.updateForbidden('a', 't', 4);
    groups.flush();
    groups.flush();
    expect(file.writes).toBe(1);
    const again = create({ autoCreateSubscriptionGroup: false });
    again.load();
    expect(again.find('a')).toEqual(groups.find('a'));
    expect(again.wrapper()).toEqual(groups.wrapper());
  });

  it('reads the files of 4.9 and 5.x and loses nothing of theirs', () => {
    file = new MemoryConfigFile(APACHE);
    groups = create();
    groups.load();
    expect(groups.select('g')).toMatchObject({
      consumeBroadcastEnable: false,
      retryMaxTimes: 3,
      retryQueueNums: 2,
    });
    expect(groups.forbidden('g', 't')).toBe(4);
    expect(groups.dataVersion).toEqual({ stateVersion: 0, counter: 2, timestamp: 1_700_000_000_000 });
    groups.find('other');
    groups.flush();
    expect(file.text).toContain(
      '"groupRetryPolicy":{"exponentialRetryPolicy":{"initial":5000},"type":"EXPONENTIAL"}',
    );
    expect(file.text).toContain(
      '"subscriptionDataSet":[{"expression":"*","expressionType":"TAG","topic":"t","version":1}]',
    );
  });
});

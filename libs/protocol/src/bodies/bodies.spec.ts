import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MQVersion } from '../codes/mq-version.ts';
import {
  ClusterInfo,
  compareQueues,
  ConsumeStats,
  decodeCompressedRegisterBrokerBody,
  defaultSubscriptionGroupConfig,
  encodeCompressedRegisterBrokerBody,
  GetConsumerStatusBody,
  HeartbeatData,
  KVTable,
  LockBatchRequestBody,
  queueKey,
  RegisterBrokerBody,
  ResetOffsetBody,
  sameDataVersion,
  SubscriptionGroupConfig,
  TopicConfig,
  TopicRouteData,
} from './index.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

describe('a route', () => {
  const route = {
    queueDatas: [{ brokerName: 'b', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }],
    brokerDatas: [
      {
        cluster: 'c',
        brokerName: 'b',
        brokerAddrs: new Map([
          [0, '1.1.1.1:10911'],
          [1, '1.1.1.2:10911'],
        ]),
      },
    ],
    filterServerTable: new Map(),
  };

  it.each([
    ['unknown peers', undefined, '{0:"1.1.1.1:10911",1:"1.1.1.2:10911"}'],
    ['4.9.3', { version: MQVersion.V4_9_3 }, '{0:"1.1.1.1:10911",1:"1.1.1.2:10911"}'],
    ['4.9.4', { version: MQVersion.V4_9_4 }, '{"0":"1.1.1.1:10911","1":"1.1.1.2:10911"}'],
    ['who asks for it', { version: 0, standardJson: true }, '{"0":"1.1.1.1:10911","1":"1.1.1.2:10911"}'],
  ])('has the form %s expect', (_who, peer, addresses) => {
    const body = TopicRouteData.encode(route, peer);
    expect(body.toString()).toContain(`"brokerAddrs":${addresses}`);
    expect(TopicRouteData.decode(body)).toEqual(route);
  });

  it('is the only body with a standard form', () => {
    const info = {
      brokerAddrTable: new Map([['b', route.brokerDatas[0] ?? never()]]),
      clusterAddrTable: new Map([['c', ['b']]]),
    };
    const body = ClusterInfo.encode(info, { version: MQVersion.CURRENT, standardJson: true });
    expect(body.toString()).toContain('{0:"1.1.1.1:10911"');
    expect(ClusterInfo.decode(body)).toEqual(info);
  });
});

function never(): never {
  throw new Error('unreachable');
}

describe('maps keyed by queues', () => {
  it('are read in both ways they are written', () => {
    const value = { offsetTable: [{ queue, value: 7 }] };
    expect(ResetOffsetBody.encode(value).toString()).toBe(
      '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:7}}',
    );
    expect(
      ResetOffsetBody.decode(Buffer.from('{"offsetTable":{{"topic":"T","queueId":0,"brokerName":"b"}:7}}')),
    ).toEqual(value);
    expect(
      ResetOffsetBody.decode(
        Buffer.from('{"offsetTable":{"{\\"brokerName\\":\\"b\\",\\"queueId\\":0,\\"topic\\":\\"T\\"}":7}}'),
      ),
    ).toEqual(value);
  });

  it('may refer to each other', () => {
    const body =
      '{"messageQueueTable":{{"brokerName":"b","queueId":0,"topic":"T"}:7},"consumerTable":{"cid":{"$ref":"$.messageQueueTable"}}}';
    const value = [{ queue, value: 7 }];
    expect(GetConsumerStatusBody.decode(Buffer.from(body))).toEqual({
      messageQueueTable: value,
      consumerTable: new Map([['cid', value]]),
    });
  });

  it.each(['{"offsetTable":{"x":1}}', '{"offsetTable":[1]}', '{"offsetTable":{{"topic":"T"}:"x"}}'])(
    'refuse %s',
    (body) => {
      expect(() => ResetOffsetBody.decode(Buffer.from(body))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL' }),
      );
    },
  );
});

describe('what a writer leaves out', () => {
  it("has RocketMQ's defaults", () => {
    expect(SubscriptionGroupConfig.decode(Buffer.from('{"groupName":"G"}'))).toEqual(
      defaultSubscriptionGroupConfig('G'),
    );
    expect(defaultSubscriptionGroupConfig('G')).toMatchObject({
      retryMaxTimes: 16,
      retryQueueNums: 1,
      consumeEnable: true,
      consumeTimeoutMinute: 15,
    });
    expect(TopicConfig.decode(Buffer.from('{"topicName":"T"}'))).toMatchObject({
      readQueueNums: 16,
      perm: 6,
      attributes: new Map(),
    });
    expect(HeartbeatData.decode(Buffer.from('{"clientID":"c","producerDataSet":null}'))).toEqual({
      clientID: 'c',
      producerDataSet: [],
      consumerDataSet: [],
      heartbeatFingerprint: 0,
      withoutSub: false,
    });
  });

  it('keeps policies of newer versions as they are', () => {
    const body = '{"groupName":"G","groupRetryPolicy":{"type":"EXPONENTIAL"}}';
    expect(
      SubscriptionGroupConfig.encode(SubscriptionGroupConfig.decode(Buffer.from(body))).toString(),
    ).toContain('"groupRetryPolicy":{"type":"EXPONENTIAL"}');
  });
});

describe('bodies of the wrong shape', () => {
  it.each([
    [HeartbeatData, '[]', /the body is not an object/],
    [
      HeartbeatData,
      '{"consumerDataSet":[{"subscriptionDataSet":[{"codeSet":["x"]}]}]}',
      /consumerDataSet\[0\]\.subscriptionDataSet\[0\]\.codeSet\[0\] is not a number/,
    ],
    [HeartbeatData, '{"producerDataSet":{}}', /producerDataSet is not a list/],
    [LockBatchRequestBody, '{"consumerGroup":{}}', /consumerGroup is not a text/],
    [LockBatchRequestBody, '{"onlyThisBroker":"maybe"}', /onlyThisBroker is not a boolean/],
    [KVTable, 'nothing', /JSON/],
    [TopicRouteData, '{"brokerDatas":[{"brokerAddrs":{"x":"a"}}]}', /not an integer/],
  ])('are refused, saying what is wrong (%#)', (codec, body, message) => {
    expect(() => codec.decode(Buffer.from(body))).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL',
        message: expect.stringMatching(message) as unknown as string,
      }),
    );
  });

  it('are refused when larger than a client has reason to send', () => {
    expect(() => HeartbeatData.decode(Buffer.alloc(1024 * 1024 + 1, 0x20))).toThrow(/more than the 1048576/);
  });
});

it('doubles have a fraction', () => {
  const stats = {
    consumeTps: 0,
    offsetTable: [{ queue, value: { brokerOffset: 1, consumerOffset: 2, pullOffset: 3, lastTimestamp: 4 } }],
  };
  expect(ConsumeStats.encode(stats).toString()).toContain('"consumeTps":0.0');
  expect(ConsumeStats.decode(ConsumeStats.encode(stats))).toEqual(stats);
});

it('queues are compared and keyed by all three parts', () => {
  const others = [
    { ...queue, queueId: 1 },
    { ...queue, brokerName: 'c' },
    { ...queue, topic: 'U' },
  ];
  for (const other of others) {
    expect([compareQueues(queue, other), compareQueues(other, queue)].map(Math.sign)).toEqual([-1, 1]);
    expect(queueKey(other)).not.toBe(queueKey(queue));
  }
  expect(compareQueues(queue, { ...queue })).toBe(0);
});

it('data versions are the same when all three numbers are', () => {
  const version = { timestamp: 1, counter: 2, stateVersion: 3 };
  expect(sameDataVersion(version, { ...version })).toBe(true);
  for (const key of ['timestamp', 'counter', 'stateVersion'] as const)
    expect(sameDataVersion(version, { ...version, [key]: 9 })).toBe(false);
});

describe('a registration', () => {
  const config = {
    topicName: 'T',
    readQueueNums: 4,
    writeQueueNums: 8,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map([['message.type', 'FIFO, or else']]),
  };
  const body = {
    topicConfigSerializeWrapper: {
      topicConfigTable: new Map([['T', config]]),
      dataVersion: { timestamp: 1_700_000_000_000, counter: 3, stateVersion: 1 },
    },
    filterServerList: ['f'],
  };

  it('is read back as written, plain and compressed', () => {
    expect(RegisterBrokerBody.decode(RegisterBrokerBody.encode(body))).toEqual(body);
    expect(
      decodeCompressedRegisterBrokerBody(encodeCompressedRegisterBrokerBody(body, MQVersion.CURRENT)),
    ).toEqual(body);
  });

  it('has no attributes for 4.9 in its compressed form', () => {
    const { topicConfigSerializeWrapper: wrapper } = decodeCompressedRegisterBrokerBody(
      encodeCompressedRegisterBrokerBody(body, MQVersion.V4_9_8),
    );
    expect(wrapper.topicConfigTable.get('T')).toEqual({ ...config, attributes: new Map() });
  });

  it.each([
    ['no zlib', Buffer.from('plain')],
    ['a bomb', deflateSync(Buffer.alloc(17 * 1024 * 1024))],
    ['nothing', deflateSync(Buffer.alloc(0))],
    ['a length below 0', deflateSync(Buffer.from('ffffffff', 'hex'))],
    ['a length beyond the end', deflateSync(Buffer.from('0000ffff', 'hex'))],
    ['a topic that is none', deflateSync(Buffer.from('000000027b7d00000001000000025420', 'hex'))],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(() => decodeCompressedRegisterBrokerBody(bytes)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL' }),
    );
  });
});

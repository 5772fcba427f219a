import { readFileSync } from 'node:fs';
import {
  encodeBatch,
  encodeCommand,
  encodeProperties,
  HeartbeatData,
  PullMessage,
  RemotingCommand,
  RequestCode,
  SendMessageV2,
  SerializeType,
} from '@nest-rocketmq/protocol';

/** Fields that commands have in common; what one does not know it passes over. */
const FIELDS: Record<string, string> = {
  topic: 'T',
  group: 'G',
  consumerGroup: 'G',
  producerGroup: 'PG',
  groupName: 'G',
  clientID: 'c@1',
  queueId: '0',
  offset: '0',
  commitOffset: '3',
  timestamp: '1700000000000',
  key: 'k',
  maxNum: '32',
  beginTimestamp: '0',
  endTimestamp: '1900000000000',
  brokerName: 'broker-a',
  brokerAddr: '127.0.0.1:10911',
  clusterName: 'DefaultCluster',
  haServerAddr: '127.0.0.1:10912',
  brokerId: '0',
  namespace: 'N',
  value: 'v',
};

function request(code: number, fields: ReadonlyMap<string, string>, body?: Uint8Array): Buffer[] {
  return [SerializeType.JSON, SerializeType.ROCKETMQ].map((serializeType) => {
    const command = RemotingCommand.request(
      code,
      new Map(fields),
      body === undefined ? undefined : Buffer.from(body),
    );
    command.serializeType = serializeType;
    command.opaque = 7;
    return encodeCommand(command);
  });
}

const heartbeat = HeartbeatData.encode({
  clientID: 'c@1',
  producerDataSet: [{ groupName: 'PG' }],
  consumerDataSet: [],
  heartbeatFingerprint: 0,
  withoutSub: false,
});

function send(code: number, body: Uint8Array, batch: boolean): Buffer[] {
  const fields = SendMessageV2.request.encode({
    producerGroup: 'PG',
    topic: 'T',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 1,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_000,
    flag: 0,
    batch,
    properties: encodeProperties(
      new Map([
        ['TAGS', 'a'],
        ['KEYS', 'k'],
      ]),
    ).toString(),
  });
  return request(code, fields, body);
}

const pull = PullMessage.request.encode({
  consumerGroup: 'G',
  topic: 'T',
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: 0,
  commitOffset: 0,
  suspendTimeoutMillis: 0,
  subscription: 'a || b',
  subVersion: 0,
});

/** A request of every command, in both forms of the header, its fields those that most commands have. */
export const REQUESTS: readonly Buffer[] = [
  ...[...new Set(Object.values(RequestCode))].flatMap((code) =>
    request(code, new Map(Object.entries(FIELDS)), Buffer.from('{"a":[1,"b"]}')),
  ),
  ...request(RequestCode.HEART_BEAT, new Map(), heartbeat),
  ...send(RequestCode.SEND_MESSAGE_V2, Buffer.from('a body'), false),
  ...send(
    RequestCode.SEND_BATCH_MESSAGE,
    encodeBatch([1, 2, 3].map((i) => ({ body: Buffer.from(`m${i}`), properties: new Map([['KEYS', 'k']]) }))),
    true,
  ),
  ...request(RequestCode.PULL_MESSAGE, pull),
  ...request(RequestCode.LITE_PULL_MESSAGE, pull),
];

/** What RocketMQ's own classes wrote. */
export const RECORDED: readonly Buffer[] = Object.values(
  JSON.parse(readFileSync(new URL('../interop/golden/command.json', import.meta.url), 'utf8')) as Record<
    string,
    { hex: string }
  >,
).map(({ hex }) => Buffer.from(hex, 'hex'));

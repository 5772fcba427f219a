import { describe, expect, it } from '@jest/globals';
import { RequestCode } from '../codes/request-code.ts';
import { HeaderError } from '../remoting/header-error.ts';
import type { Command, HeaderCodec } from './header-codec.ts';
import * as commands from './index.ts';

// The protocol's tables, written down once more: `*` is required, `:b` a boolean, `=x` a field with few values.
const SEND =
  '*producerGroup *topic *defaultTopic *defaultTopicQueueNums *queueId *sysFlag *bornTimestamp *flag properties reconsumeTimes unitMode:b maxReconsumeTimes batch:b bname';
const SEND_V2 = 'a *b c d *e *f *g *h i j k:b l m:b n';
const SENT = '*msgId *queueId *queueOffset transactionId batchUniqId recallHandle MSG_REGION TRACE_ON';
const PULL =
  '*consumerGroup *topic *queueId *queueOffset *maxMsgNums *sysFlag commitOffset suspendTimeoutMillis subscription subVersion expressionType maxMsgBytes requestSource proxyFrowardClientId bname';
const PULLED =
  '*suggestWhichBrokerId *nextBeginOffset *minOffset *maxOffset offsetDelta topicSysFlag groupSysFlag forbiddenType';
const POPPED = 'popTime invisibleTime reviveQid restNum startOffsetInfo msgOffsetInfo orderCountInfo';
const RESET = '*group *topic queueId offset *timestamp *isForce:b';

const table: [name: keyof typeof commands, code: number, request?: string, response?: string][] = [
  ['SendMessage', 10, SEND, SENT],
  ['SendMessageV2', 310, SEND_V2, SENT],
  ['SendBatchMessage', 320, SEND_V2, SENT],
  ['SendReplyMessage', 324, SEND, SENT],
  ['SendReplyMessageV2', 325, SEND_V2, SENT],
  [
    'PushReplyMessageToClient',
    326,
    '*producerGroup *topic *defaultTopic *defaultTopicQueueNums *queueId *sysFlag *bornTimestamp *flag properties reconsumeTimes unitMode:b *bornHost *storeHost *storeTimestamp',
  ],
  ['HeartBeat', 34, '', 'IS_SUPPORT_HEART_BEAT_V2:b IS_SUB_CHANGE:b'],
  ['UnregisterClient', 35, '*clientID producerGroup consumerGroup bname'],
  [
    'EndTransaction',
    37,
    'topic *producerGroup *tranStateTableOffset *commitLogOffset *commitOrRollback fromTransactionCheck:b *msgId transactionId bname',
  ],
  [
    'CheckTransactionState',
    39,
    'topic *tranStateTableOffset *commitLogOffset msgId transactionId offsetMsgId bname',
    '*producerGroup *tranStateTableOffset *commitLogOffset *commitOrRollback',
  ],
  ['RecallMessage', 370, 'producerGroup *topic *recallHandle bname', '*msgId'],
  ['PullMessage', 11, PULL, PULLED],
  ['LitePullMessage', 361, PULL, PULLED],
  ['QueryConsumerOffset', 14, '*consumerGroup *topic *queueId setZeroIfNotFound:b bname', '*offset'],
  ['UpdateConsumerOffset', 15, '*consumerGroup *topic *queueId *commitOffset bname'],
  ['SearchOffsetByTimestamp', 29, '*topic *queueId *timestamp boundaryType=UPPER bname', '*offset'],
  ['GetMaxOffset', 30, '*topic *queueId committed:b bname', '*offset'],
  ['GetMinOffset', 31, '*topic *queueId bname', '*offset'],
  ['GetEarliestMsgStoretime', 32, '*topic *queueId bname', '*timestamp'],
  ['ResumeCheckHalfMessage', 323, 'topic msgId'],
  ['ViewMessageById', 33, 'topic *offset bname'],
  [
    'QueryMessage',
    12,
    '*topic *key *maxNum *beginTimestamp *endTimestamp indexType lastKey _UNIQUE_KEY_QUERY:b bname',
    '*indexLastUpdateTimestamp *indexLastUpdatePhyoffset',
  ],
  ['GetConsumerListByGroup', 38, '*consumerGroup bname'],
  ['NotifyConsumerIdsChanged', 40, '*consumerGroup'],
  ['LockBatchMq', 41],
  ['UnlockBatchMq', 42],
  ['CheckClientConfig', 46],
  ['ResetConsumerClientOffset', 220, RESET],
  ['InvokeBrokerToResetOffset', 222, RESET],
  ['GetConsumerStatusFromClient', 221, '*topic *group clientAddr'],
  ['InvokeBrokerToGetConsumerStatus', 223, '*topic *group clientAddr'],
  ['GetConsumerRunningInfo', 307, '*consumerGroup *clientId jstackEnable:b'],
  ['ConsumeMessageDirectly', 309, '*consumerGroup clientId msgId brokerName topic topicSysFlag groupSysFlag'],
  [
    'ConsumerSendMsgBack',
    36,
    '*offset *group *delayLevel originMsgId originTopic unitMode:b maxReconsumeTimes bname',
  ],
  ['GetRouteInfoByTopic', 105, '*topic acceptStandardJsonOnly:b'],
  [
    'RegisterBroker',
    103,
    '*brokerName *brokerAddr *clusterName *haServerAddr *brokerId heartbeatTimeoutMillis enableActingMaster:b compressed:b bodyCrc32',
    'haServerAddr masterAddr',
  ],
  ['UnregisterBroker', 104, '*brokerName *brokerAddr *clusterName *brokerId'],
  [
    'BrokerHeartbeat',
    904,
    '*clusterName *brokerAddr *brokerName brokerId epoch maxOffset confirmOffset heartbeatTimeoutMills electionPriority',
  ],
  ['QueryDataVersion', 322, '*brokerName *brokerAddr *clusterName *brokerId', '*changed:b'],
  ['GetBrokerMemberGroup', 901, '*clusterName *brokerName'],
  ['NotifyMinBrokerIdChange', 905, 'minBrokerId brokerName minBrokerAddr offlineBrokerAddr haBrokerAddr'],
  ['RegisterTopicInNamesrv', 217, '*topic'],
  ['PutKvConfig', 100, '*namespace *key *value'],
  ['GetKvConfig', 101, '*namespace *key', 'value'],
  ['DeleteKvConfig', 102, '*namespace *key'],
  ['GetKvListByNamespace', 219, '*namespace'],
  ['GetBrokerClusterInfo', 106],
  ['GetAllTopicListFromNameserver', 206],
  ['WipeWritePermOfBroker', 205, '*brokerName', '*wipeTopicCount'],
  ['AddWritePermOfBroker', 327, '*brokerName', '*addTopicCount'],
  ['DeleteTopicInNamesrv', 216, '*topic clusterName'],
  ['GetTopicsByCluster', 224, '*cluster'],
  ['GetSystemTopicListFromNs', 304],
  ['GetUnitTopicList', 311],
  ['GetHasUnitSubTopicList', 312],
  ['GetHasUnitSubUnunitTopicList', 313],
  ['UpdateNamesrvConfig', 318],
  ['GetNamesrvConfig', 319],
  [
    'UpdateAndCreateTopic',
    17,
    '*topic *defaultTopic *readQueueNums *writeQueueNums *perm *topicFilterType topicSysFlag *order:b attributes force:b',
  ],
  ['DeleteTopicInBroker', 215, '*topic bname'],
  ['GetTopicConfig', 351, '*topic lo:b'],
  ['GetAllTopicConfig', 21, 'topicSeq dataVersion maxTopicNum', 'totalTopicNum'],
  ['GetTopicStatsInfo', 202, '*topic'],
  ['UpdateAndCreateSubscriptionGroup', 200],
  ['DeleteSubscriptionGroup', 207, '*groupName cleanOffset:b'],
  ['GetAllSubscriptionGroupConfig', 201, 'groupSeq dataVersion maxGroupNum', 'totalGroupNum'],
  ['GetSubscriptionGroupConfig', 352, '*group'],
  ['GetConsumerConnectionList', 203, '*consumerGroup'],
  ['GetProducerConnectionList', 204, '*producerGroup'],
  ['GetConsumeStats', 208, '*consumerGroup topic topicList'],
  ['QueryTopicConsumeByWho', 300, '*topic'],
  ['QueryTopicsByConsumer', 343, '*group'],
  ['GetAllConsumerOffset', 43],
  [
    'PopMessage',
    200050,
    '*consumerGroup *topic *queueId *maxMsgNums *invisibleTime *pollTime *bornTime *initMode expType exp order:b attemptId bname',
    POPPED,
  ],
  ['PeekMessage', 200052, '*topic *queueId *maxMsgNums *consumerGroup bname', POPPED],
  [
    'Notification',
    200054,
    '*consumerGroup *topic *queueId *pollTime *bornTime order:b attemptId expType exp bname',
    '*hasMsg:b pollingFull:b',
  ],
  ['PollingInfo', 200055, '*consumerGroup *topic *queueId bname', '*pollingNum'],
  ['AckMessage', 200051, '*consumerGroup *topic *queueId *extraInfo *offset bname'],
  ['BatchAckMessage', 200151],
  [
    'ChangeMessageInvisibleTime',
    200053,
    '*consumerGroup *topic *queueId *extraInfo *offset *invisibleTime suspend:b bname',
    'popTime invisibleTime reviveQid',
  ],
  ['QueryAssignment', 400],
  ['SetMessageRequestMode', 401],
  ['GetAllMessageRequestMode', 402],
  ['GetBrokerRuntimeInfo', 28],
  ['GetBrokerConfig', 26, '', '*version'],
  ['UpdateBrokerConfig', 25],
  [
    'UpdateAndCreateAclConfig',
    50,
    '*accessKey secretKey whiteRemoteAddress admin:b defaultTopicPerm defaultGroupPerm topicPerms groupPerms',
  ],
  ['DeleteAclConfig', 51, '*accessKey'],
  ['GetBrokerClusterAclInfo', 52, '', '*version allAclFileVersion *brokerName *brokerAddr *clusterName'],
  ['UpdateGlobalWhiteAddrsConfig', 53, '*globalWhiteAddrs aclFileFullPath'],
];

interface Row {
  key: string;
  required: boolean;
  value: string;
}

function rows(grammar: string): Row[] {
  return grammar
    .split(' ')
    .filter((token) => token !== '')
    .map((token) => {
      const [, star, key = '', boolean, value] = /^(\*?)(\w+)(:b)?(?:=(\w+))?$/.exec(token) ?? [];
      return { key, required: star === '*', value: value ?? (boolean === undefined ? '7' : 'true') };
    });
}

const fieldsOf = (list: Row[]) => new Map(list.map(({ key, value }) => [key, value]));

/** What a codec does otherwise than its grammar says. */
function deviations(codec: HeaderCodec<unknown>, grammar: string): string[] {
  const all = rows(grammar);
  const found: string[] = [];
  const full = codec.encode(codec.decode(fieldsOf(all)));
  for (const { key, value } of all)
    if (full.get(key) !== value) found.push(`${key} comes back as ${full.get(key)}`);
  if (full.size !== all.length) found.push(`${[...full.keys()].join(' ')} are written`);
  const required = all.filter((row) => row.required);
  // What is absent may have a default, which is then written; nothing else may appear.
  for (const key of codec.encode(codec.decode(fieldsOf(required))).keys())
    if (!full.has(key)) found.push(`${key} appears`);
  for (const { key } of required) {
    const missing = refusal(codec, fieldsOf(required.filter((row) => row.key !== key)));
    if (missing?.field !== key || missing.responseCode !== 1) found.push(`a missing ${key} is not refused`);
  }
  return found;
}

function refusal(codec: HeaderCodec<unknown>, fields: Map<string, string>): HeaderError | undefined {
  try {
    codec.decode(fields);
    return undefined;
  } catch (error) {
    if (error instanceof HeaderError) return error;
    throw error;
  }
}

const byName = new Map<string, Command<unknown, unknown>>(
  Object.entries(commands) as [string, Command<unknown, unknown>][],
);

describe.each(table)('%s', (name, code, request = '', response = '') => {
  const command = byName.get(name);
  if (command === undefined) throw new Error(`no command ${name}`);

  it(`has the code ${code} and its name`, () => {
    expect([command.code, command.name]).toEqual([code, name]);
  });

  it('reads back the request it writes, and says which required field is missing', () => {
    expect(deviations(command.request, request)).toEqual([]);
  });

  it('reads back the answer it writes, and says which required field is missing', () => {
    expect(deviations(command.response, response)).toEqual([]);
  });
});

it('every command is in the table above', () => {
  expect(Object.keys(commands).sort()).toEqual(table.map(([name]) => name).sort());
  const codes: number[] = table.map(([, code]) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(Object.values(RequestCode)).toContain(code);
});

describe('field types', () => {
  const pull = {
    consumerGroup: 'g',
    topic: 't',
    queueId: '3',
    queueOffset: '4294967296',
    maxMsgNums: '32',
    sysFlag: '0',
  };
  const decode = (fields: Record<string, string>) =>
    commands.PullMessage.request.decode(new Map(Object.entries(fields)));

  it("gives numbers, and RocketMQ's defaults for what brokers let be absent", () => {
    expect(decode(pull)).toEqual({
      consumerGroup: 'g',
      topic: 't',
      queueId: 3,
      queueOffset: 2 ** 32,
      maxMsgNums: 32,
      sysFlag: 0,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subVersion: 0,
    });
  });

  it.each([
    ['queueId', 'x'],
    ['queueId', ''],
    ['queueId', '1.0'],
    ['queueId', '2147483648'],
    ['queueId', ' 1'],
    ['queueOffset', '9223372036854775808'],
    ['queueOffset', '-9223372036854775809'],
    ['queueOffset', '1e3'],
  ])('refuses %s of %j', (field, value) => {
    expect(() => decode({ ...pull, [field]: value })).toThrow(
      expect.objectContaining({ field, code: 'PROTOCOL' }),
    );
  });

  it('writes 64-bit integers without exponent and within their range', () => {
    const write = (commitOffset: number) =>
      commands.UpdateConsumerOffset.request
        .encode({ consumerGroup: '', topic: '', queueId: -1, commitOffset })
        .get('commitOffset');
    expect([write(2 ** 53), write(2 ** 63), write(-(2 ** 63)), write(-0), write(1e15)]).toEqual([
      '9007199254740992',
      '9223372036854775807',
      '-9223372036854775808',
      '0',
      '1000000000000000',
    ]);
    expect(decode({ ...pull, queueOffset: '9223372036854775807' }).queueOffset).toBe(2 ** 63);
  });

  it('refuses a value that is none of the few a field has', () => {
    const fields = new Map(
      Object.entries({ topic: 't', queueId: '0', timestamp: '1', boundaryType: 'MIDDLE' }),
    );
    expect(() => commands.SearchOffsetByTimestamp.request.decode(fields)).toThrow(
      /boundaryType.*LOWER, UPPER/,
    );
  });

  it('maps the short keys of a send to the names of the long ones', () => {
    const fields = new Map(
      Object.entries({ b: 'topic', e: '1', f: '0', g: '5', h: '0', i: 'p', m: 'true', n: 'broker' }),
    );
    expect(commands.SendMessageV2.request.decode(fields)).toEqual({
      producerGroup: '',
      topic: 'topic',
      defaultTopic: '',
      defaultTopicQueueNums: 0,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: 5,
      flag: 0,
      properties: 'p',
      batch: true,
      brokerName: 'broker',
    });
  });
});

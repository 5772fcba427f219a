import {
  decodeRecords,
  javaHashCode,
  PermName,
  RequestCode,
  ResponseCode,
  SerializeType,
  PullMessage,
  RemotingCommand,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { subscription, TestBroker } from '../../test/test-broker.ts';

const FROM_HEARTBEAT = { sysFlag: 2, subscription: undefined };

describe('a pull', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.start();
    for (let i = 0; i < 5; i++)
      await broker.send('T', `m${i}`, { properties: { TAGS: i % 2 === 0 ? 'even' : 'odd' } });
  });

  afterAll(() => broker.remove());

  it('gets no more messages than asked for, and at least one', async () => {
    expect(
      decodeRecords((await broker.pull('CG', 'T', 0, 1, { maxMsgNums: 2 })).body).map((r) => r.queueOffset),
    ).toEqual([1, 2]);
    expect(decodeRecords((await broker.pull('CG', 'T', 0, 1, { maxMsgNums: 0 })).body)).toHaveLength(1);
    expect(decodeRecords((await broker.pull('CG', 'T', 0, 0, { maxMsgBytes: 1 })).body)).toHaveLength(1);
  });

  it('case 24: pull offset > max: code 21 with nextBeginOffset = max', async () => {
    const past = await broker.pull('CG', 'T', 0, 9);
    expect([past.code, past.extFields.get('nextBeginOffset'), past.remark]).toEqual([
      ResponseCode.PULL_OFFSET_MOVED,
      '5',
      'OFFSET_OVERFLOW_BADLY',
    ]);
  });

  it('case 25: pull offset < min: code 21 with nextBeginOffset = min', async () => {
    const before = await broker.pull('CG', 'T', 0, -1);
    expect([before.code, before.extFields.get('nextBeginOffset')]).toEqual([
      ResponseCode.PULL_OFFSET_MOVED,
      '0',
    ]);
  });

  it('finds nothing yet at the end of a queue, and is told to begin with an empty one at 0', async () => {
    const end = await broker.pull('CG', 'T', 0, 5);
    expect([end.code, end.extFields.get('nextBeginOffset')]).toEqual([ResponseCode.PULL_NOT_FOUND, '5']);
    expect((await broker.pull('CG', 'T', 3, 0)).code).toBe(ResponseCode.PULL_NOT_FOUND);
    expect((await broker.pull('CG', 'T', 3, 1)).code).toBe(ResponseCode.PULL_OFFSET_MOVED);
  });

  it('filters by the hash of the tags', async () => {
    const answer = await broker.pull('CG', 'T', 0, 0, { subscription: 'odd || other' });
    expect(decodeRecords(answer.body).map((record) => record.property('TAGS'))).toEqual(['odd', 'odd']);
    const none = await broker.pull('CG', 'T', 0, 0, { subscription: 'other' });
    expect([none.code, none.extFields.get('nextBeginOffset')]).toEqual([
      ResponseCode.PULL_RETRY_IMMEDIATELY,
      '5',
    ]);
  });

  it('is answered in the binary header too', async () => {
    const fields = PullMessage.request.encode({
      consumerGroup: 'CG',
      topic: 'T',
      queueId: 0,
      queueOffset: 0,
      maxMsgNums: 1,
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subVersion: 0,
      subscription: '*',
    });
    const request = RemotingCommand.request(RequestCode.LITE_PULL_MESSAGE, fields);
    request.serializeType = SerializeType.ROCKETMQ;
    const answer = await broker.client.invoke(broker.address, request, 5000);
    expect([answer.serializeType, answer.remark, decodeRecords(answer.body).length]).toEqual([
      SerializeType.ROCKETMQ,
      'FOUND',
      1,
    ]);
  });

  it('commits the offset it carries', async () => {
    await broker.pull('Committing', 'T', 0, 0, { sysFlag: 5, commitOffset: 3 });
    const answer = await broker.ask(RequestCode.QUERY_CONSUMER_OFFSET, {
      consumerGroup: 'Committing',
      topic: 'T',
      queueId: '0',
    });
    expect(answer.extFields.get('offset')).toBe('3');
  });

  it('uses the subscription of the heartbeat', async () => {
    expect((await broker.pull('Beating', 'T', 0, 0, FROM_HEARTBEAT)).code).toBe(
      ResponseCode.SUBSCRIPTION_NOT_EXIST,
    );
    await broker.heartBeat('c1', [
      { groupName: 'Beating', subscriptionDataSet: [subscription('T', 7, [javaHashCode('even')])] },
    ]);
    const answer = await broker.pull('Beating', 'T', 0, 0, { ...FROM_HEARTBEAT, subVersion: 7 });
    expect(decodeRecords(answer.body).map((record) => record.queueOffset)).toEqual([0, 2, 4]);
    expect((await broker.pull('Beating', 'T', 0, 0, { ...FROM_HEARTBEAT, subVersion: 8 })).code).toBe(
      ResponseCode.SUBSCRIPTION_NOT_LATEST,
    );
    await broker.send('T2', 'x');
    expect((await broker.pull('Beating', 'T2', 0, 0, FROM_HEARTBEAT)).code).toBe(
      ResponseCode.SUBSCRIPTION_NOT_EXIST,
    );
  });

  it.each([
    ['an illegal group', { consumerGroup: '../../x' }, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST],
    ['an unknown topic', { topic: 'nowhere' }, ResponseCode.TOPIC_NOT_EXIST],
    ['an illegal topic', { topic: '../x' }, ResponseCode.TOPIC_NOT_EXIST],
    ['a negative queue', { queueId: -1 }, ResponseCode.INVALID_PARAMETER],
    ['a queue too high', { queueId: 4 }, ResponseCode.INVALID_PARAMETER],
    ['a broken expression', { subscription: '||' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
    ['an SQL expression', { subscription: 'a > 1', expressionType: 'SQL92' }, ResponseCode.SYSTEM_ERROR],
  ])('is refused for %s', async (_, options, code) => {
    const answer = await broker.pull('CG', 'T', 0, 0, options);
    expect(answer.code).toBe(code);
    expect(answer.extFields.has('nextBeginOffset')).toBe(false);
  });

  it('is refused when the group is disabled or the topic may not be read', async () => {
    await broker.ask(
      RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
      {},
      Buffer.from('{"groupName":"Off","consumeEnable":false}'),
    );
    const group = await broker.pull('Off', 'T', 0, 0);
    expect([group.code, group.extFields.get('forbiddenType')]).toEqual([ResponseCode.NO_PERMISSION, '2']);
    await broker.ask(RequestCode.UPDATE_AND_CREATE_TOPIC, {
      topic: 'W',
      defaultTopic: 'TBW102',
      readQueueNums: '1',
      writeQueueNums: '1',
      perm: String(PermName.WRITE),
      topicFilterType: 'SINGLE_TAG',
      order: 'false',
    });
    const topic = await broker.pull('CG', 'W', 0, 0);
    expect([topic.code, topic.extFields.get('forbiddenType')]).toEqual([ResponseCode.NO_PERMISSION, '3']);
  });
});

describe('a pull that may wait', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
    await broker.send('T', 'first', { properties: { TAGS: 'a' } });
  });

  afterEach(() => broker.remove());

  const WAIT = { sysFlag: 6 };

  /** A request that the broker has taken: the next answer on the connection comes after it. */
  async function held(pull: Promise<RemotingCommand>): Promise<Promise<RemotingCommand>[]> {
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    return [pull];
  }

  it('case 23: pull at max offset with suspend 15 s: answered on arrival', async () => {
    const [pull] = await held(broker.pull('CG', 'T', 0, 1, WAIT));
    await broker.send('T', 'second');
    const answer = await pull;
    expect(answer?.code).toBe(ResponseCode.SUCCESS);
    expect(decodeRecords(answer?.body ?? Buffer.alloc(0)).map((record) => record.body.toString())).toEqual([
      'second',
    ]);
  });

  it('gets all messages of the tick that wakes it', async () => {
    const [pull] = await held(broker.pull('CG', 'T', 0, 1, WAIT));
    const sends = ['a', 'b', 'c'].map((body) => broker.send('T', body));
    await Promise.all(sends);
    expect(decodeRecords((await pull)?.body ?? Buffer.alloc(0))).toHaveLength(3);
  });

  it('sleeps through messages that do not match', async () => {
    const [pull] = await held(broker.pull('CG', 'T', 0, 1, { ...WAIT, subscription: 'wanted' }));
    await broker.send('T', 'other', { properties: { TAGS: 'other' } });
    await broker.send('T', 'wanted', { properties: { TAGS: 'wanted' } });
    const records = decodeRecords((await pull)?.body ?? Buffer.alloc(0));
    expect(records.map((record) => record.queueOffset)).toEqual([2]);
  });

  it('case 23: pull at max offset with suspend 15 s: PULL_NOT_FOUND at the scan after its time is over', async () => {
    let answered = false;
    const [pull] = await held(broker.pull('CG', 'T', 0, 1, WAIT).finally(() => (answered = true)));
    await clock.advanceAsync(14_000);
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    expect(answered).toBe(false);
    await clock.advanceAsync(6_000);
    expect((await pull)?.code).toBe(ResponseCode.PULL_NOT_FOUND);
  });

  it('waits at a queue that has no message yet', async () => {
    const [pull] = await held(broker.pull('CG', 'T', 2, 0, WAIT));
    await broker.send('T', 'x', { queueId: 2 });
    expect((await pull)?.code).toBe(ResponseCode.SUCCESS);
  });
});

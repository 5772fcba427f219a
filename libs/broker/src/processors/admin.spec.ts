import {
  decodeOffsetMessageId,
  decodeRecords,
  parseJson,
  RequestCode,
  ResponseCode,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { TestBroker } from '../../test/test-broker.ts';

describe('the administration', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await TestBroker.start();
  });

  afterEach(() => broker.remove());

  const createTopic = (topic: string, fields: Record<string, string> = {}): Promise<RemotingCommand> =>
    broker.ask(RequestCode.UPDATE_AND_CREATE_TOPIC, {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: '2',
      writeQueueNums: '2',
      perm: '6',
      topicFilterType: 'SINGLE_TAG',
      order: 'false',
      ...fields,
    });
  const body = (answer: RemotingCommand): unknown => parseJson(answer.body);

  it('creates, changes, shows and deletes a topic', async () => {
    expect((await createTopic('T', { attributes: '+message.type=FIFO' })).code).toBe(ResponseCode.SUCCESS);
    expect((await createTopic('T', { perm: '4', attributes: '-message.type' })).code).toBe(
      ResponseCode.SUCCESS,
    );
    const config = body(await broker.ask(RequestCode.GET_TOPIC_CONFIG, { topic: 'T' }));
    expect(Object.fromEntries(config as Map<string, unknown>)).toMatchObject({
      perm: 4,
      readQueueNums: 2,
      attributes: new Map(),
    });
    expect((await broker.ask(RequestCode.GET_ALL_TOPIC_CONFIG)).body.toString()).toContain('"T":{');

    expect((await broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, { topic: 'T' })).code).toBe(
      ResponseCode.SUCCESS,
    );
    expect((await broker.ask(RequestCode.GET_TOPIC_CONFIG, { topic: 'T' })).code).toBe(
      ResponseCode.TOPIC_NOT_EXIST,
    );
  });

  it.each([
    ['../x', {}, ResponseCode.INVALID_PARAMETER],
    ['TBW102', {}, ResponseCode.INVALID_PARAMETER],
    ['rmq_sys_mine', {}, ResponseCode.INVALID_PARAMETER],
    ['T', { perm: '9' }, ResponseCode.INVALID_PARAMETER],
    ['T', { readQueueNums: '-1' }, ResponseCode.INVALID_PARAMETER],
    ['T', { readQueueNums: '2147483647' }, ResponseCode.INVALID_PARAMETER],
    ['T', { attributes: '+queue.type=BatchCQ' }, ResponseCode.SYSTEM_ERROR],
    ['T', { attributes: '+__proto__=x' }, ResponseCode.SYSTEM_ERROR],
    ['T', { attributes: '+message.type=MIXED' }, ResponseCode.INVALID_PARAMETER],
  ])('does not create %s with %j', async (topic, fields, code) => {
    expect((await createTopic(topic, fields)).code).toBe(code);
  });

  it('case 42: starts a topic that was deleted anew, and forgets its offsets', async () => {
    await broker.send('T', 'x');
    await broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, {
      consumerGroup: 'CG',
      topic: 'T',
      queueId: '0',
      commitOffset: '1',
    });
    await broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, { topic: 'T' });
    expect((await broker.ask(RequestCode.GET_ALL_CONSUMER_OFFSET)).body.toString()).not.toContain('T@CG');
    expect((await broker.send('T', 'y')).extFields.get('queueOffset')).toBe('0');
    expect(
      decodeRecords((await broker.pull('CG', 'T', 0, 0)).body).map((record) => record.body.toString()),
    ).toEqual(['y']);
  });

  it('creates, shows and deletes a group', async () => {
    const group = Buffer.from('{"groupName":"G","retryMaxTimes":3}');
    expect((await broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, {}, group)).code).toBe(
      ResponseCode.SUCCESS,
    );
    const shown = body(await broker.ask(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, { group: 'G' })) as Map<
      string,
      unknown
    >;
    expect([shown.get('retryMaxTimes'), shown.get('retryQueueNums')]).toEqual([3, 1]);
    const bad = Buffer.from('{"groupName":"../G"}');
    expect((await broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, {}, bad)).code).toBe(
      ResponseCode.INVALID_PARAMETER,
    );

    await broker.send('T', 'x');
    await broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, {
      consumerGroup: 'G',
      topic: 'T',
      queueId: '0',
      commitOffset: '1',
    });
    await broker.ask(RequestCode.DELETE_SUBSCRIPTIONGROUP, { groupName: 'G', cleanOffset: 'true' });
    expect((await broker.ask(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG)).body.toString()).not.toContain(
      '"G"',
    );
    expect((await broker.ask(RequestCode.GET_ALL_CONSUMER_OFFSET)).body.toString()).not.toContain('T@G');
  });

  it('shows how far topics and groups are', async () => {
    for (let i = 0; i < 3; i++) await broker.send('T', 'x', { defaultTopicQueueNums: 1 });
    await broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, {
      consumerGroup: 'CG',
      topic: 'T',
      queueId: '0',
      commitOffset: '1',
    });
    const stats = (await broker.ask(RequestCode.GET_TOPIC_STATS_INFO, { topic: 'T' })).body.toString();
    expect(stats).toMatch(
      /\{"brokerName":"broker-a","queueId":0,"topic":"T"\}:\{"lastUpdateTimestamp":\d{13},"maxOffset":3,"minOffset":0\}/,
    );
    expect((await broker.ask(RequestCode.GET_TOPIC_STATS_INFO, { topic: 'X' })).code).toBe(
      ResponseCode.TOPIC_NOT_EXIST,
    );
    const consumed = (
      await broker.ask(RequestCode.GET_CONSUME_STATS, { consumerGroup: 'CG' })
    ).body.toString();
    expect(consumed).toContain('"brokerOffset":3,"consumerOffset":1');
    const who = body(await broker.ask(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, { topic: 'T' })) as Map<
      string,
      unknown
    >;
    expect(who.get('groupList')).toEqual(['CG']);
  });

  it('finds messages by id and by key', async () => {
    const sent = await broker.send('T', 'hello', { properties: { KEYS: 'k1 k2', UNIQ_KEY: 'ABC' } });
    const { offset } = decodeOffsetMessageId(sent.extFields.get('msgId') ?? '');
    const viewed = await broker.ask(RequestCode.VIEW_MESSAGE_BY_ID, { offset: String(offset) });
    expect(decodeRecords(viewed.body)[0]?.body.toString()).toBe('hello');
    expect((await broker.ask(RequestCode.VIEW_MESSAGE_BY_ID, { offset: '12345' })).code).toBe(
      ResponseCode.SYSTEM_ERROR,
    );

    const query = (key: string, unique = false): Promise<RemotingCommand> =>
      broker.ask(RequestCode.QUERY_MESSAGE, {
        topic: 'T',
        key,
        maxNum: '10',
        beginTimestamp: '0',
        endTimestamp: String(Number.MAX_SAFE_INTEGER),
        ...(unique && { _UNIQUE_KEY_QUERY: 'true' }),
      });
    expect(decodeRecords((await query('k2')).body).map((record) => record.body.toString())).toEqual([
      'hello',
    ]);
    expect(decodeRecords((await query('ABC', true)).body)).toHaveLength(1);
    expect((await query('k3')).code).toBe(ResponseCode.QUERY_NOT_FOUND);
  });

  it('shows configuration and runtime numbers as the tools read them', async () => {
    await broker.send('T', 'x');
    const config = await broker.ask(RequestCode.GET_BROKER_CONFIG);
    expect(config.body.toString()).toContain('brokerName=broker-a');
    expect(config.extFields.get('version')).toContain('"counter"');
    const info = body(await broker.ask(RequestCode.GET_BROKER_RUNTIME_INFO)) as Map<
      string,
      Map<string, string>
    >;
    const table = info.get('table');
    for (const key of [
      'putTps',
      'getTransferedTps',
      'getTransferredTps',
      'getFoundTps',
      'getMissTps',
      'getTotalTps',
    ]) {
      expect(table?.get(key)).toMatch(/^[\d.e-]+ [\d.e-]+ [\d.e-]+$/);
    }
    const numbers = [
      'msgPutTotalTodayNow',
      'pageCacheLockTimeMills',
      'earliestMessageTimeStamp',
      'commitLogDiskRatio',
      'commitLogMaxOffset',
      'sendThreadPoolQueueSize',
      'pullThreadPoolQueueHeadWaitTimeMills',
      'bootTimestamp',
      'timerReadBehind',
    ];
    for (const key of numbers) expect([key, Number.isFinite(Number(table?.get(key)))]).toEqual([key, true]);
    expect(table?.get('msgPutTotalTodayNow')).toBe('1');
    expect(table?.get('brokerVersionDesc')).toMatch(/^V5_/);
  });

  it('gives a queue to one client at a time', async () => {
    await createTopic('T');
    const mq = (queueId: number): object => ({ topic: 'T', brokerName: 'broker-a', queueId });
    const lock = async (
      clientId: string,
      queues: number[],
      code: number = RequestCode.LOCK_BATCH_MQ,
    ): Promise<unknown> => {
      const request = { clientId, consumerGroup: 'CG', mqSet: queues.map(mq) };
      const answer = await broker.ask(code, {}, Buffer.from(JSON.stringify(request)));
      return answer.body.length > 0 ? JSON.parse(answer.body.toString()) : answer.code;
    };
    expect(await lock('a', [0])).toEqual({ lockOKMQSet: [mq(0)] });
    expect(await lock('b', [0, 1])).toEqual({ lockOKMQSet: [mq(1)] });
    expect(await lock('b', [0], RequestCode.UNLOCK_BATCH_MQ)).toBe(ResponseCode.SUCCESS);
    expect(await lock('b', [0])).toEqual({ lockOKMQSet: [] });
    await lock('a', [0], RequestCode.UNLOCK_BATCH_MQ);
    expect(await lock('b', [0])).toEqual({ lockOKMQSet: [mq(0)] });
  });

  it('says which subscriptions it can serve', async () => {
    const check = async (expressionType: string): Promise<number> => {
      const request = {
        clientId: 'c',
        group: 'CG',
        subscriptionData: { topic: 'T', subString: 'a', expressionType },
      };
      return (await broker.ask(RequestCode.CHECK_CLIENT_CONFIG, {}, Buffer.from(JSON.stringify(request))))
        .code;
    };
    expect(await check('TAG')).toBe(ResponseCode.SUCCESS);
    expect(await check('SQL92')).toBe(ResponseCode.SYSTEM_ERROR);
  });
});

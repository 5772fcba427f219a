import {
  ConsumeMessageDirectlyResult,
  decodeRecord,
  decodeRecords,
  GetConsumerStatusBody,
  javaHashCode,
  RemotingCommand,
  RequestCode,
  ResetOffsetBody,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { subscription, TestBroker } from '../../test/test-broker.ts';

const consumer = { groupName: 'CG', subscriptionDataSet: [subscription('T')] };

async function fill(broker: TestBroker, count = 3): Promise<RemotingCommand[]> {
  const answers: RemotingCommand[] = [];
  for (let i = 0; i < count; i++) answers.push(await broker.send('T', `m${i}`));
  return answers;
}

function reset(broker: TestBroker, fields: Record<string, string> = {}): Promise<RemotingCommand> {
  return broker.ask(RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, {
    topic: 'T',
    group: 'CG',
    timestamp: '0',
    isForce: 'true',
    ...fields,
  });
}

async function committed(broker: TestBroker, queueId = '0'): Promise<string | undefined> {
  const fields = { consumerGroup: 'CG', topic: 'T', queueId };
  return (await broker.ask(RequestCode.QUERY_CONSUMER_OFFSET, fields)).get('offset');
}

function commit(broker: TestBroker, commitOffset: string, queueId = '0'): Promise<RemotingCommand> {
  const fields = { consumerGroup: 'CG', topic: 'T', queueId, commitOffset };
  return broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, fields);
}

describe('resetting offsets at the broker', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await TestBroker.start();
    await fill(broker);
    await broker.heartBeat('c1', [consumer]);
  });

  afterEach(() => broker.remove());

  it('case 27: resetOffsetByTime for an offline group works; the next pull gets 21', async () => {
    await commit(broker, '3');
    const answer = await reset(broker);
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    const { offsetTable } = ResetOffsetBody.decode(answer.body);
    expect(offsetTable).toHaveLength(4);
    expect(offsetTable[0]).toEqual({
      queue: { topic: 'T', brokerName: 'broker-a', queueId: 0 },
      value: 0,
    });
    expect(await committed(broker)).toBe('0');
    // What a consumer says of before is passed over until it has heard.
    await commit(broker, '3');
    expect(await committed(broker)).toBe('0');
    const pull = await broker.pull('CG', 'T', 0, 3);
    expect([pull.code, pull.get('nextBeginOffset')]).toEqual([ResponseCode.PULL_OFFSET_MOVED, '0']);
    expect((await broker.pull('CG', 'T', 0, 0)).code).toBe(ResponseCode.SUCCESS);
  });

  it('answers a pull that is held, so that an idle group hears of it at once', async () => {
    const held = broker.pull('CG', 'T', 0, 3, { sysFlag: 2 | 4 });
    await reset(broker, { queueId: '0', offset: '1' });
    const pull = await held;
    expect([pull.code, pull.get('nextBeginOffset')]).toEqual([ResponseCode.PULL_OFFSET_MOVED, '1']);
  });

  it('goes to the end with time -1, to an offset where one is given', async () => {
    expect(
      ResetOffsetBody.decode((await reset(broker, { timestamp: '-1' })).body).offsetTable[0]?.value,
    ).toBe(3);
    const one = ResetOffsetBody.decode((await reset(broker, { queueId: '0', offset: '2' })).body);
    expect(one.offsetTable.map(({ value }) => value)).toEqual([2]);
  });

  it.each([
    ['a topic that is unknown', { topic: 'unknown' }, ResponseCode.TOPIC_NOT_EXIST],
    ['a group that is unknown', { group: 'unknown' }, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST],
    ['an offset outside of the queue', { queueId: '0', offset: '9' }, ResponseCode.SYSTEM_ERROR],
    ['a queue that is not there', { queueId: '4' }, ResponseCode.SYSTEM_ERROR],
  ])('refuses %s', async (_name, fields, code) => {
    expect((await reset(broker, fields)).code).toBe(code);
  });
});

describe('resetting offsets at the members (useServerSideResetOffset=false)', () => {
  let broker: TestBroker;
  let heard: RemotingCommand[];

  beforeEach(async () => {
    broker = await TestBroker.start({ useServerSideResetOffset: false });
    await fill(broker);
    heard = [];
    broker.client.register(RequestCode.RESET_CONSUMER_CLIENT_OFFSET, (request) => {
      heard.push(request);
      return undefined;
    });
  });

  afterEach(() => broker.remove());

  const queues = ['0', '1', '2', '3'];

  it('tells every member of the group (220)', async () => {
    await broker.heartBeat('c1', [consumer]);
    for (const queueId of queues) await commit(broker, '2', queueId);
    const answer = await reset(broker);
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    await committed(broker);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.isOneway).toBe(true);
    expect(heard[0]?.get('group')).toBe('CG');
    const expected = ResetOffsetBody.decode(answer.body).offsetTable;
    expect(ResetOffsetBody.decode(heard[0]?.body ?? Buffer.alloc(0)).offsetTable).toEqual(expected);
    expect(expected.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
    expect(await committed(broker)).toBe('2');
  });

  it('only goes back without force', async () => {
    await broker.heartBeat('c1', [consumer]);
    for (const queueId of queues) await commit(broker, '2', queueId);
    const answer = await reset(broker, { timestamp: '-1', isForce: 'false' });
    expect(ResetOffsetBody.decode(answer.body).offsetTable.map(({ value }) => value)).toEqual([2, 0, 0, 0]);
  });

  it('sends the list form when a C++ admin asks', async () => {
    await broker.heartBeat('c1', [consumer]);
    for (const queueId of queues) await commit(broker, '2', queueId);
    const fields = new Map(Object.entries({ topic: 'T', group: 'CG', timestamp: '0', isForce: 'true' }));
    const request = RemotingCommand.request(RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, fields);
    request.language = 'CPP';
    expect((await broker.client.invoke(broker.address, request, 5000)).code).toBe(ResponseCode.SUCCESS);
    await committed(broker);
    expect(JSON.parse(heard[0]?.body.toString() ?? '')).toEqual({
      offsetTable: [0, 1, 2, 3].map((queueId) => ({
        topic: 'T',
        brokerName: 'broker-a',
        queueId,
        offset: 0,
      })),
    });
  });

  it('says that nobody is online', async () => {
    for (const queueId of queues) await commit(broker, '2', queueId);
    const answer = await reset(broker);
    expect(answer.code).toBe(ResponseCode.CONSUMER_NOT_ONLINE);
    expect(answer.remark).toContain('Consumer not online');
  });
});

describe('what is asked of consumers', () => {
  let broker: TestBroker;
  let member: RemotingClient;

  beforeEach(async () => {
    broker = await TestBroker.start();
    member = new RemotingClient();
  });

  afterEach(async () => {
    await member.close();
    await broker.remove();
  });

  it('is their offsets (223): of all members, or of the one named', async () => {
    const value = [{ queue: { topic: 'T', brokerName: 'broker-a', queueId: 0 }, value: 7 }];
    member.register(RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT, (request) =>
      RemotingCommand.response(
        request,
        0,
        undefined,
        undefined,
        GetConsumerStatusBody.encode({ messageQueueTable: value, consumerTable: new Map() }),
      ),
    );
    await broker.heartBeat('c1', [consumer], member);
    const other = new RemotingClient();
    await broker.heartBeat('c2', [consumer], other);
    const ask = async (
      fields: Record<string, string> = {},
    ): Promise<GetConsumerStatusBody['consumerTable']> => {
      const all = { topic: 'T', group: 'CG', ...fields };
      const answer = await broker.ask(RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, all);
      return GetConsumerStatusBody.decode(answer.body).consumerTable;
    };
    // c2 doesn't know the question and is left out.
    expect(await ask()).toEqual(new Map([['c1', value]]));
    expect(await ask({ clientAddr: 'c1' })).toEqual(new Map([['c1', value]]));
    expect(await ask({ clientAddr: 'c2' })).toEqual(new Map());
    await other.close();
    const offline = await broker.ask(223, { topic: 'T', group: 'nobody' });
    expect(offline.code).toBe(ResponseCode.CONSUMER_NOT_ONLINE);
  });

  it('is what they do (307): the answer comes as the consumer gave it', async () => {
    member.register(RequestCode.GET_CONSUMER_RUNNING_INFO, (request) =>
      RemotingCommand.response(
        request,
        0,
        undefined,
        new Map(),
        Buffer.from(request.get('jstackEnable') ?? ''),
      ),
    );
    await broker.heartBeat('c1', [consumer], member);
    const fields = { consumerGroup: 'CG', clientId: 'c1', jstackEnable: 'true' };
    const answer = await broker.ask(RequestCode.GET_CONSUMER_RUNNING_INFO, fields);
    expect([answer.code, answer.body.toString()]).toEqual([0, 'true']);
    const unknown = await broker.ask(RequestCode.GET_CONSUMER_RUNNING_INFO, { ...fields, clientId: 'c9' });
    expect([unknown.code, unknown.remark]).toEqual([1, 'The Consumer <CG> <c9> not online']);
  });

  it('is to consume a message (309): it gets the stored record', async () => {
    const [sent] = await fill(broker, 1);
    member.register(RequestCode.CONSUME_MESSAGE_DIRECTLY, (request) => {
      const record = decodeRecord(request.body, 0);
      const remark = `${record?.body.toString()} ${request.get('brokerName')} ${request.get('topicSysFlag')}`;
      const result = {
        order: false,
        autoCommit: true,
        consumeResult: 'CR_SUCCESS',
        remark,
        spentTimeMills: 1,
      };
      return RemotingCommand.response(
        request,
        0,
        undefined,
        undefined,
        ConsumeMessageDirectlyResult.encode(result),
      );
    });
    await broker.heartBeat('c1', [consumer], member);
    const fields = { consumerGroup: 'CG', clientId: 'c1', topic: 'T', msgId: sent?.get('msgId') ?? '' };
    const answer = await broker.ask(RequestCode.CONSUME_MESSAGE_DIRECTLY, fields);
    expect(ConsumeMessageDirectlyResult.decode(answer.body).remark).toBe('m0 broker-a 0');
    const missing = await broker.ask(309, { ...fields, msgId: `${fields.msgId.slice(0, -2)}01` });
    expect([missing.code, missing.remark]).toEqual([1, expect.stringContaining('can not find message')]);
    const bad = await broker.ask(309, { ...fields, msgId: 'x' });
    expect(bad.code).toBe(1);
  });
});

describe('finding messages', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await TestBroker.start();
  });

  afterEach(() => broker.remove());

  const query = (key: string, maxNum: string): Promise<RemotingCommand> =>
    broker.ask(RequestCode.QUERY_MESSAGE, {
      topic: 'T',
      key,
      maxNum,
      beginTimestamp: '0',
      endTimestamp: String(Date.now() + 60_000),
    });

  it('case 6: a put with 65 KEYS hits: QUERY_MESSAGE returns no more than 64', async () => {
    for (let i = 0; i < 65; i++) await broker.send('T', `m${i}`, { properties: { KEYS: 'k' } });
    expect(decodeRecords((await query('k', '100')).body)).toHaveLength(64);
  });

  it('case 7: two keys with the same Java hash ("Aa" / "BB"): the server returns both', async () => {
    await broker.send('T', 'one', { properties: { KEYS: 'Aa' } });
    await broker.send('T', 'two', { properties: { KEYS: 'BB' } });
    // The index knows the hash of topic#key.
    expect(javaHashCode('T#Aa')).toBe(javaHashCode('T#BB'));
    const bodies = decodeRecords((await query('Aa', '32')).body).map((record) => record.body.toString());
    expect(bodies.sort((a, b) => a.localeCompare(b))).toEqual(['one', 'two']);
  });
});

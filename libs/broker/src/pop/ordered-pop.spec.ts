import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { PopClient, type Popped } from '../../test/pop-client.ts';
import { TestBroker } from '../../test/test-broker.ts';

const ORDERED = { order: true, queueId: 0, maxMsgNums: 2 };

describe('an ordered pop', () => {
  let clock: ManualClock;
  let broker: TestBroker;
  let client: PopClient;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
    client = new PopClient(broker, 'G', () => clock.now());
    for (let i = 0; i < 4; i++) await broker.send('T', `m${i}`);
  });

  afterEach(() => broker.remove());

  async function pop(options = {}): Promise<Popped[]> {
    return (await client.pop('T', { ...ORDERED, ...options })).messages;
  }

  const bodies = (messages: readonly Popped[]): string[] => messages.map((message) => message.body);

  it('gives nothing more of the queue until all before is acknowledged', async () => {
    const first = await client.pop('T', ORDERED);
    expect([first.header.reviveQid, first.header.orderCountInfo]).toEqual([999, '0 0 0']);
    expect(bodies(first.messages)).toEqual(['m0', 'm1']);
    const [m0, m1] = first.messages as [Popped, Popped];
    expect(await pop()).toEqual([]);
    await client.ack(m0);
    expect(await pop()).toEqual([]);
    const waits = client.pop('T', { ...ORDERED, pollTime: 10_000 });
    await client.ack(m1);
    expect(bodies((await waits).messages)).toEqual(['m2', 'm3']);
  });

  it('gives the same messages again when their time is over, and counts', async () => {
    const [m0] = await pop();
    await client.ack(m0 as Popped);
    const waits = client.pop('T', { ...ORDERED, pollTime: 60_000 });
    await clock.advanceAsync(10_500, 100);
    const again = await waits;
    expect(bodies(again.messages)).toEqual(['m1', 'm2']);
    expect(again.header.orderCountInfo).toBe('0 qo0%1 1;0 0 0');
  });

  it('lets an attempt have its messages once more', async () => {
    expect(bodies(await pop({ attemptId: 'x' }))).toEqual(['m0', 'm1']);
    expect(await pop({ attemptId: 'y' })).toEqual([]);
    expect(bodies(await pop({ attemptId: 'x' }))).toEqual(['m0', 'm1']);
  });

  it('refuses what was not handed out, and ignores what somebody else has by now', async () => {
    const [m0] = (await pop()) as [Popped, Popped];
    const foreign = { ...m0, record: { queueId: 0, queueOffset: 3 } as Popped['record'] };
    expect((await client.ack(foreign)).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    await clock.advanceAsync(11_000, 500);
    await pop();
    expect((await client.ack(m0)).code).toBe(0);
    await clock.advanceAsync(11_000, 500);
    expect(bodies(await pop())).toEqual(['m0', 'm1']);
  });

  it('comes again at the time that was changed', async () => {
    const [m0, m1] = (await pop()) as [Popped, Popped];
    await client.ack(m1);
    expect((await client.change(m0, 1000)).code).toBe(0);
    expect(await pop()).toEqual([]);
    await clock.advanceAsync(1100, 100);
    expect(bodies(await pop())).toEqual(['m0', 'm1']);
  });

  it('keeps its order over a restart, in consumerOrderInfo.json', async () => {
    const [m0] = (await pop()) as [Popped, Popped];
    await client.ack(m0);
    const { directory } = broker;
    await broker.stop();
    const path = join(directory, 'store', 'config', 'consumerOrderInfo.json');
    expect(readFileSync(path, 'utf8').replace(/\s/g, '')).toContain(
      `{"table":{"T@G":{0:{"cm":1,"i":10000,"l":${clock.now()},"o":[0,1],"popTime":${clock.now()}}}}}`,
    );
    broker = await TestBroker.start({}, { clock }, directory);
    client = new PopClient(broker, 'G', () => clock.now());
    expect(await pop()).toEqual([]);
    await clock.advanceAsync(10_500, 100);
    expect(bodies(await pop())).toEqual(['m1', 'm2']);
  });

  it('reads the order that RocketMQ 5.5.0 has written', async () => {
    const { directory } = broker;
    await broker.stop();
    const path = join(directory, 'store', 'config', 'consumerOrderInfo.json');
    const entry = `{"cm":1,"i":60000,"l":${clock.now()},"o":[0,1,2],"oc":{0:1,1:1},"ot":{1:${clock.now() + 5000}},"popTime":${clock.now()}}`;
    writeFileSync(
      path,
      `{"orderInfoCount":1,"orderedConsumptionLevel":"QUEUE","table":{"T@G":{0:${entry}}}}`,
    );
    broker = await TestBroker.start({}, { clock }, directory);
    client = new PopClient(broker, 'G', () => clock.now());
    expect(await pop()).toEqual([]);
    await clock.advanceAsync(60_000, 1000);
    const again = await client.pop('T', ORDERED);
    expect(again.header.orderCountInfo).toBe('0 qo0%0 2;0 qo0%1 2;0 0 2');
  });
});

describe('how groups get messages', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await TestBroker.start();
    await broker.send('T', 'x');
    await broker.heartBeat('c1', [{ groupName: 'G' }]);
  });

  afterEach(() => broker.remove());

  async function set(mode: object): Promise<number> {
    const body = Buffer.from(JSON.stringify({ topic: 'T', consumerGroup: 'G', mode: 'POP', ...mode }));
    return (await broker.ask(RequestCode.SET_MESSAGE_REQUEST_MODE, {}, body)).code;
  }

  async function assigned(asked: object = {}): Promise<unknown> {
    const body = {
      topic: 'T',
      consumerGroup: 'G',
      clientId: 'c1',
      strategyName: 'AVG',
      messageModel: 'CLUSTERING',
    };
    const text = Buffer.from(JSON.stringify({ ...body, ...asked }));
    const answer = await broker.ask(RequestCode.QUERY_ASSIGNMENT, {}, text);
    const list: unknown = JSON.parse(answer.body.toString());
    return (
      list as { messageQueueAssignments?: { messageQueue: { queueId: number }; mode: string }[] }
    ).messageQueueAssignments?.map(({ messageQueue, mode }) => `${mode} ${messageQueue.queueId}`);
  }

  it('is by pulling until it is set', async () => {
    expect(await assigned()).toEqual(['PULL 0', 'PULL 1', 'PULL 2', 'PULL 3']);
    expect(await set({})).toBe(0);
    expect(await assigned()).toEqual(['POP -1']);
    expect(await set({ mode: 'PULL' })).toBe(0);
    expect(await assigned()).toHaveLength(4);
  });

  it('is unknown without clients, queues or a known strategy', async () => {
    expect(await assigned({ consumerGroup: 'Nobody' })).toBeUndefined();
    expect(await assigned({ topic: 'Nowhere' })).toBeUndefined();
    expect(await assigned({ strategyName: 'CONFIG' })).toBeUndefined();
  });

  it('is shared among the clients', async () => {
    await broker.heartBeat('c2', [{ groupName: 'G' }], broker.client);
    expect(await assigned({ clientId: 'stranger' })).toEqual([]);
    expect(
      await assigned({ strategyName: 'AVG_BY_CIRCLE', clientId: 'c2', messageModel: 'BROADCASTING' }),
    ).toHaveLength(4);
  });

  it('is refused for retry topics, unknown topics and other modes', async () => {
    expect(await set({ topic: '%RETRY%G' })).toBe(ResponseCode.NO_PERMISSION);
    expect(await set({ topic: 'Nowhere' })).toBe(ResponseCode.TOPIC_NOT_EXIST);
    expect(await set({ consumerGroup: '../x' })).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    expect(await set({ mode: 'PUSH' })).toBe(ResponseCode.INVALID_PARAMETER);
  });

  it('is kept in messageRequestMode.json', async () => {
    await set({ popShareQueueNum: 2 });
    const { directory } = broker;
    await broker.stop();
    const path = join(directory, 'store', 'config', 'messageRequestMode.json');
    expect(readFileSync(path, 'utf8').replace(/\s/g, '')).toBe(
      '{"messageRequestModeMap":{"T":{"G":{"consumerGroup":"G","mode":"POP","popShareQueueNum":2,"topic":"T"}}}}',
    );
    broker = await TestBroker.start({}, {}, directory);
    const answer = await broker.ask(RequestCode.GET_ALL_MESSAGE_REQUEST_MODE);
    expect(answer.body.toString()).toContain('"popShareQueueNum":2');
  });
});

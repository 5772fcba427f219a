import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageConst, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { PopClient, type PopAnswer, type Popped } from '../../test/pop-client.ts';
import { TestBroker, type SendOptions } from '../../test/test-broker.ts';

const bodies = (answer: PopAnswer): string[] => answer.messages.map((message) => message.body).sort();

describe('a message that is popped', () => {
  let clock: ManualClock;
  let broker: TestBroker;
  let client: PopClient;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
    client = new PopClient(broker, 'G', () => clock.now());
  });

  afterEach(() => broker.remove());

  async function send(count: number, topic = 'T', options: SendOptions = {}): Promise<void> {
    for (let i = 0; i < count; i++) await broker.send(topic, `m${i}`, options);
  }

  async function popOne(topic = 'T'): Promise<Popped> {
    const { messages } = await client.pop(topic);
    expect(messages).toHaveLength(1);
    return messages[0] as Popped;
  }

  it('is not seen by others, and never again once it is acknowledged', async () => {
    await send(3);
    const first = await client.pop('T', { maxMsgNums: 2 });
    expect(bodies(first)).toEqual(['m0', 'm1']);
    expect(first.header).toMatchObject({ restNum: 1, invisibleTime: 10_000, popTime: clock.now() });
    expect(bodies(await client.pop('T'))).toEqual(['m2']);
    expect((await client.pop('T')).code).toBe(ResponseCode.POLLING_TIMEOUT);
    for (const message of first.messages) expect((await client.ack(message)).code).toBe(0);
    await clock.advanceAsync(20_000, 100);
    expect(bodies(await client.pop('T'))).toEqual(['m2']);
  });

  it('comes again when its time is over, with one more try, under its own topic', async () => {
    await send(1, 'T', { properties: { TAGS: 'a', KEYS: 'k' } });
    const first = await popOne();
    expect(first.record.reconsumeTimes).toBe(0);
    await clock.advanceAsync(9_000, 100);
    expect((await client.pop('T')).messages).toEqual([]);
    await clock.advanceAsync(6_000, 100);
    const again = await popOne();
    const { topic, reconsumeTimes } = again.record;
    expect([topic, reconsumeTimes, again.record.property('TAGS'), again.record.property('KEYS')]).toEqual([
      'T',
      1,
      'a',
      'k',
    ]);
    expect(again.record.properties.get(MessageConst.PROPERTY_FIRST_POP_TIME)).toBe(
      first.receipt.split(' ')[1],
    );
    expect(again.topic).toBe('%RETRY%G_T');
    expect((await client.ack(again)).code).toBe(0);
    await clock.advanceAsync(20_000, 100);
    expect((await client.pop('T')).messages).toEqual([]);
  });

  it('goes to the dead letters after the last try of its group', async () => {
    await broker.ask(
      RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
      {},
      Buffer.from('{"groupName":"G","retryMaxTimes":1,"consumeEnable":true}'),
    );
    await send(1);
    await popOne();
    await clock.advanceAsync(15_000, 100);
    await popOne();
    await clock.advanceAsync(15_000, 100);
    expect((await client.pop('T')).messages).toEqual([]);
    const dead = new PopClient(broker, 'Reader', () => clock.now());
    await broker.ask(RequestCode.UPDATE_AND_CREATE_TOPIC, {
      topic: '%DLQ%G',
      defaultTopic: 'TBW102',
      readQueueNums: '1',
      writeQueueNums: '1',
      perm: '6',
      topicFilterType: 'SINGLE_TAG',
      order: 'false',
    });
    const [letter] = (await dead.pop('%DLQ%G')).messages;
    expect(letter?.body).toBe('m0');
    expect(letter?.record.properties.get(MessageConst.PROPERTY_DLQ_ORIGIN_TOPIC)).toBe('T');
  });

  it('comes again at the time that was changed, under the new receipt', async () => {
    await send(1);
    const message = await popOne();
    const answer = await client.change(message, 30_000);
    expect(answer.code).toBe(0);
    expect(answer.extFields.get('invisibleTime')).toBe('30000');
    await clock.advanceAsync(25_000, 100);
    expect((await client.pop('T')).messages).toEqual([]);
    await clock.advanceAsync(10_000, 100);
    expect((await popOne()).record.reconsumeTimes).toBe(1);
  });

  it('comes again when its time is changed in the millisecond it was popped in', async () => {
    await send(1);
    expect((await client.change(await popOne(), 9_000)).code).toBe(0);
    await clock.advanceAsync(20_000, 100);
    expect((await popOne()).record.reconsumeTimes).toBe(1);
  });

  it('is acknowledged under the receipt of its changed time', async () => {
    await send(1);
    const message = await popOne();
    const changed = await client.change(message, 5_000);
    const [, , , reviveQid, retry, name, queue, offset] = message.receipt.split(' ');
    const popTime = changed.extFields.get('popTime');
    const receipt = [offset, popTime, 5_000, reviveQid, retry, name, queue, offset].join(' ');
    expect((await client.ack({ ...message, receipt })).code).toBe(0);
    await clock.advanceAsync(20_000, 100);
    expect((await client.pop('T')).messages).toEqual([]);
  });

  it('may be acknowledged in a batch, which leaves out the others', async () => {
    await send(3);
    const { header } = await client.pop('T', { queueId: 0 });
    const ack = {
      b: [0, 2],
      c: 'G',
      it: 10_000,
      pt: header.popTime,
      q: 0,
      r: '0',
      rq: header.reviveQid,
      so: 0,
      t: 'T',
    };
    expect((await client.batchAck([ack])).code).toBe(0);
    await clock.advanceAsync(15_000, 100);
    expect(bodies(await client.pop('T'))).toEqual(['m1']);
    expect((await client.batchAck([])).code).toBe(ResponseCode.NO_MESSAGE);
  });

  it('goes with its topic, from the retry topic too', async () => {
    await send(1);
    await popOne();
    await clock.advanceAsync(15_000, 100);
    const topics = async (): Promise<string> =>
      (await broker.ask(RequestCode.GET_ALL_TOPIC_CONFIG)).body.toString();
    expect(await topics()).toContain('%RETRY%G_T');
    expect((await broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, { topic: 'T' })).code).toBe(0);
    expect(await topics()).not.toContain('%RETRY%G_T');
    expect((await client.pop('T')).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
  });

  it('is acknowledged by a receipt alone that nothing can break out of', async () => {
    await send(1);
    const message = await popOne();
    const part = (index: number, text: string): string =>
      message.receipt
        .split(' ')
        .map((each, i) => (i === index ? text : each))
        .join(' ');
    const code = async (receipt: string): Promise<number> => (await client.ack({ ...message, receipt })).code;
    expect(await code(part(3, '8'))).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await code(part(5, 'b\u0002REAL_TOPIC\u0001T'))).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await code(part(1, 'x'))).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await code(part(1, String(clock.now() + 9 * 86_400_000)))).toBe(ResponseCode.MESSAGE_ILLEGAL);
    const strange = new PopClient(broker, 'G\u0002REAL_TOPIC\u0001T', () => clock.now());
    expect((await strange.ack(message)).code).toBe(ResponseCode.INVALID_PARAMETER);
    const far = { ...message, record: { queueId: 0, queueOffset: 9 } as Popped['record'] };
    expect((await client.ack(far)).code).toBe(ResponseCode.NO_MESSAGE);
    expect((await client.change(far, 1000)).code).toBe(ResponseCode.NO_MESSAGE);
    expect((await client.ack({ ...message, topic: 'Nowhere' })).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
  });

  it('is neither lost nor forgotten over a restart', async () => {
    await send(3);
    const { messages } = await client.pop('T');
    await client.ack(messages[0] as Popped);
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start({}, { clock }, directory);
    client = new PopClient(broker, 'G', () => clock.now());
    expect((await client.pop('T')).messages).toEqual([]);
    await clock.advanceAsync(15_000, 100);
    expect(bodies(await client.pop('T'))).toEqual(['m1', 'm2']);
  });

  it('comes again after kill -9, and what was acknowledged does not once the offset is saved', async () => {
    await send(4);
    const { messages } = await client.pop('T');
    await client.ack(messages[0] as Popped);
    // Offsets are saved every 5 s.
    await clock.advanceAsync(6_000, 100);
    await client.ack(messages[1] as Popped);
    const copy = mkdtempSync(join(tmpdir(), 'broker-'));
    cpSync(broker.directory, copy, { recursive: true });
    const revived = await TestBroker.start({}, { clock }, copy);
    try {
      const after = new PopClient(revived, 'G', () => clock.now());
      expect((await after.pop('T')).messages).toEqual([]);
      await clock.advanceAsync(10_000, 100);
      expect(bodies(await after.pop('T'))).toEqual(['m2', 'm3']);
    } finally {
      await revived.stop();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('is not skipped after kill -9 right behind the pop', async () => {
    await send(2);
    await client.pop('T');
    const copy = mkdtempSync(join(tmpdir(), 'broker-'));
    cpSync(broker.directory, copy, { recursive: true });
    const revived = await TestBroker.start({}, { clock }, copy);
    try {
      const after = new PopClient(revived, 'G', () => clock.now());
      const now = bodies(await after.pop('T'));
      await clock.advanceAsync(15_000, 100);
      const later = bodies(await after.pop('T'));
      expect([...new Set([...now, ...later])]).toEqual(['m0', 'm1']);
    } finally {
      await revived.stop();
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

describe('a pop', () => {
  let broker: TestBroker;
  let client: PopClient;

  beforeAll(async () => {
    broker = await TestBroker.start();
    client = new PopClient(broker, 'G');
    await broker.send('Known', 'x');
  });

  afterAll(() => broker.remove());

  it.each([
    ['comes too late', { bornTime: Date.now() - 2000 }, ResponseCode.POLLING_TIMEOUT],
    ['asks for more than 32 messages', { maxMsgNums: 33 }, ResponseCode.INVALID_PARAMETER],
    [
      'hides messages longer than timers last',
      { invisibleTime: 4 * 86_400_000 },
      ResponseCode.INVALID_PARAMETER,
    ],
    ['hides messages for less than no time', { invisibleTime: -1 }, ResponseCode.INVALID_PARAMETER],
    ['names a queue too high', { queueId: 99 }, ResponseCode.INVALID_PARAMETER],
    ['names an illegal group', { consumerGroup: '../x' }, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST],
    ['filters by a broken expression', { exp: '||', expType: 'TAG' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
    ['filters by broken SQL', { exp: 'a >', expType: 'SQL92' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
  ])('is refused when it %s', async (_what, options, code) => {
    expect((await client.pop('Known', options)).code).toBe(code);
  });

  it('is refused for an unknown topic', async () => {
    expect((await client.pop('Unknown')).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
  });

  it('filters by tags and by SQL92, and passes over the rest', async () => {
    for (const tag of ['a', 'b', 'a']) await broker.send('Tags', tag, { properties: { TAGS: tag } });
    expect(bodies(await client.pop('Tags', { exp: 'b', expType: 'TAG' }))).toEqual(['b']);
    expect((await client.pop('Tags')).code).toBe(ResponseCode.POLLING_TIMEOUT);
    for (const n of ['1', '2']) await broker.send('Sql', n, { properties: { n } });
    expect(bodies(await client.pop('Sql', { exp: 'n > 1', expType: 'SQL92' }))).toEqual(['2']);
  });

  it('waits for a message of any queue, or of its own', async () => {
    await broker.send('Held', 'first', { queueId: 0 });
    await client.pop('Held');
    const any = client.pop('Held', { pollTime: 10_000 });
    await waiting('Held', -1);
    await broker.send('Held', 'any', { queueId: 3 });
    expect(bodies(await any)).toEqual(['any']);
    const own = client.pop('Held', { pollTime: 10_000, queueId: 2 });
    await waiting('Held', 2);
    await broker.send('Held', 'other', { queueId: 1 });
    await broker.send('Held', 'own', { queueId: 2 });
    expect(bodies(await own)).toEqual(['own']);
  });

  it('is answered at the end of its time', async () => {
    await broker.send('Ends', 'x');
    await client.pop('Ends');
    const answer = await client.pop('Ends', { pollTime: 300 });
    expect([answer.code, answer.messages]).toEqual([ResponseCode.POLLING_TIMEOUT, []]);
  });

  it('starts at the newest message where it asks for that', async () => {
    const young = await client.pop('Known', { initMode: 1, consumerGroup: 'Newest' });
    // A young queue is consumed from its beginning.
    expect(bodies(young)).toEqual(['x']);
  });

  it('can be announced, and looked ahead at', async () => {
    await broker.send('Peek', 'x');
    const peeked = await broker.ask(RequestCode.PEEK_MESSAGE, {
      topic: 'Peek',
      queueId: '-1',
      maxMsgNums: '8',
      consumerGroup: 'G',
    });
    expect([peeked.code, peeked.extFields.get('restNum')]).toEqual([0, '1']);
    const ask = (): ReturnType<TestBroker['ask']> =>
      broker.ask(RequestCode.NOTIFICATION, {
        topic: 'Peek',
        queueId: '-1',
        consumerGroup: 'G',
        pollTime: '3000',
        bornTime: String(Date.now()),
      });
    expect((await ask()).extFields.get('hasMsg')).toBe('true');
    await client.pop('Peek');
    const later = ask();
    await broker.send('Peek', 'y');
    expect((await later).extFields.get('hasMsg')).toBe('true');
  });

  async function waiting(topic: string, queueId: number): Promise<void> {
    const fields = { topic, queueId: String(queueId), consumerGroup: 'G' };
    while ((await broker.ask(RequestCode.POLLING_INFO, fields)).extFields.get('pollingNum') !== '1');
  }
});

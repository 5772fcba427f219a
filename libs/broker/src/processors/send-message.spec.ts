import {
  decodeRecords,
  encodeBatch,
  encodeProperties,
  PermName,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  SendMessage,
  SerializeType,
  type MessageRecord,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { nodeFileSystem, type FileSystem } from '@nest-rocketmq/store';
import type { BrokerConfig } from '../config/broker-config.ts';
import { TestBroker } from '../../test/test-broker.ts';

describe('a send', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.start();
  });

  afterAll(() => broker.remove());

  async function stored(topic: string, queueId = 0): Promise<MessageRecord[]> {
    return decodeRecords((await broker.pull('CG', topic, queueId, 0)).body);
  }

  async function perm(topic: string, perm: number): Promise<void> {
    const answer = await broker.ask(RequestCode.UPDATE_AND_CREATE_TOPIC, {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: '4',
      writeQueueNums: '4',
      perm: String(perm),
      topicFilterType: 'SINGLE_TAG',
      order: 'false',
    });
    expect(answer.code).toBe(ResponseCode.SUCCESS);
  }

  it('is answered with where the message is, and the trace fields', async () => {
    const answer = await broker.send('Answer', 'x', { properties: { UNIQ_KEY: '7F000001' } });
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    expect(Object.fromEntries(answer.extFields)).toEqual({
      msgId: expect.stringMatching(/^7F000001[0-9A-F]{24}$/) as string,
      queueId: '0',
      queueOffset: '0',
      transactionId: '7F000001',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    });
  });

  it('is answered the same in the binary header', async () => {
    const request = RemotingCommand.request(
      RequestCode.SEND_MESSAGE,
      SendMessage.request.encode({
        producerGroup: 'PG',
        topic: 'Binary',
        defaultTopic: 'TBW102',
        defaultTopicQueueNums: 4,
        queueId: 1,
        sysFlag: 0,
        bornTimestamp: 1,
        flag: 7,
        properties: encodeProperties(new Map([['UNIQ_KEY', 'U']])).toString(),
      }),
      Buffer.from('body'),
    );
    request.serializeType = SerializeType.ROCKETMQ;
    const answer = await broker.client.invoke(broker.address, request, 5000);
    expect(answer.serializeType).toBe(SerializeType.ROCKETMQ);
    expect(Object.fromEntries(answer.extFields)).toMatchObject({
      queueId: '1',
      queueOffset: '0',
      transactionId: 'U',
    });
    expect((await stored('Binary', 1)).map((record) => [record.flag, record.body.toString()])).toEqual([
      [7, 'body'],
    ]);
  });

  it('case 13: creates an unknown topic after TBW102, with no more queues than the sender wants', async () => {
    await broker.send('Created', 'x', { defaultTopicQueueNums: 3 });
    const answer = await broker.ask(RequestCode.GET_TOPIC_CONFIG, { topic: 'Created' });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      readQueueNums: 3,
      writeQueueNums: 3,
      perm: 6,
    });
  });

  it('keeps the properties in their order and adds its own', async () => {
    await broker.send('Properties', 'x', {
      properties: { KEYS: 'a b', WAIT: 'true', colour: 'blau 🟦', UNIQ_KEY: 'U1' },
    });
    const [record] = await stored('Properties');
    expect([...(record?.properties ?? [])]).toEqual([
      ['KEYS', 'a b'],
      ['WAIT', 'true'],
      ['colour', 'blau 🟦'],
      ['UNIQ_KEY', 'U1'],
      ['MSG_REGION', 'DefaultRegion'],
      ['TRACE_ON', 'true'],
      ['CLUSTER', 'DefaultCluster'],
    ]);
  });

  it('lets nobody else say what the broker says', async () => {
    await broker.send('Owned', 'x', {
      properties: { MSG_REGION: 'elsewhere', POP_CK: '1 2 3', CLUSTER: 'c', a: 'b' },
    });
    const properties = (await stored('Owned'))[0]?.properties;
    expect(properties?.get('MSG_REGION')).toBe('DefaultRegion');
    expect(properties?.get('CLUSTER')).toBe('DefaultCluster');
    expect(properties?.has('POP_CK')).toBe(false);
    expect(properties?.get('a')).toBe('b');
  });

  it('gives a message without an id one', async () => {
    const answer = await broker.send('NoId', 'x');
    expect(answer.extFields.get('transactionId')).toMatch(/^[0-9A-F]{32}$/);
    expect((await stored('NoId'))[0]?.property('UNIQ_KEY')).toBe(answer.extFields.get('transactionId'));
  });

  it('survives a transaction id that needs escaping', async () => {
    const answer = await broker.send('Escaped', 'x', { properties: { UNIQ_KEY: 'a"b\\é' } });
    expect(answer.extFields.get('transactionId')).toBe('a"b\\é');
  });

  it('spreads over the write queues when the queue is left open', async () => {
    const queues = new Set<string | undefined>();
    for (let i = 0; i < 40; i++)
      queues.add((await broker.send('Open', 'x', { queueId: -1 })).extFields.get('queueId'));
    expect(queues).toEqual(new Set(['0', '1', '2', '3']));
  });

  it('stores a batch as consecutive messages with their own properties', async () => {
    const body = encodeBatch([
      {
        body: Buffer.from('one'),
        properties: new Map([
          ['UNIQ_KEY', 'A'],
          ['TAGS', 't'],
        ]),
      },
      { body: Buffer.from('two'), properties: new Map([['UNIQ_KEY', 'B']]), flag: 5 },
    ]);
    const answer = await broker.send('Batch', body, { code: RequestCode.SEND_BATCH_MESSAGE, batch: true });
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    const records = await stored('Batch');
    expect(answer.extFields.get('msgId')).toBe(records.map((record) => record.offsetMsgId).join(','));
    expect(records.map((record) => [record.queueOffset, record.flag, record.body.toString()])).toEqual([
      [0, 0, 'one'],
      [1, 5, 'two'],
    ]);
    expect(records.map((record) => [...record.properties])).toEqual([
      [
        ['UNIQ_KEY', 'A'],
        ['TAGS', 't'],
      ],
      [['UNIQ_KEY', 'B']],
    ]);
  });

  it('takes one-way messages without an answer', async () => {
    const connection = await broker.client.connection(broker.address);
    const fields = SendMessage.request.encode({
      producerGroup: 'PG',
      topic: 'Oneway',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 1,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
    });
    const request = RemotingCommand.request(RequestCode.SEND_MESSAGE, fields, Buffer.from('x')).markOneway();
    connection.oneway(request);
    expect((await broker.send('Oneway', 'y')).extFields.get('queueOffset')).toBe('1');
  });

  describe('is refused', () => {
    it.each([
      ['../x', ResponseCode.INVALID_PARAMETER],
      ['', ResponseCode.INVALID_PARAMETER],
      ['a'.repeat(128), ResponseCode.INVALID_PARAMETER],
      ['with space', ResponseCode.INVALID_PARAMETER],
      ['SCHEDULE_TOPIC_XXXX', ResponseCode.NO_PERMISSION],
      ['RMQ_SYS_TRANS_HALF_TOPIC', ResponseCode.NO_PERMISSION],
      ['SELF_TEST_TOPIC', ResponseCode.NO_PERMISSION],
      ['OFFSET_MOVED_EVENT', ResponseCode.NO_PERMISSION],
    ])('for the topic %j with code %d', async (topic, code) => {
      expect((await broker.send(topic, 'x')).code).toBe(code);
    });

    it('when no template of that name exists', async () => {
      expect((await broker.send('Unknown', 'x', { defaultTopic: 'nowhere' })).code).toBe(
        ResponseCode.TOPIC_NOT_EXIST,
      );
    });

    it('when the queue does not exist', async () => {
      await broker.send('Queues', 'x');
      expect((await broker.send('Queues', 'x', { queueId: 4 })).code).toBe(ResponseCode.INVALID_PARAMETER);
    });

    it('when the topic may not be written', async () => {
      await perm('ReadOnly', PermName.READ);
      expect((await broker.send('ReadOnly', 'x')).code).toBe(ResponseCode.NO_PERMISSION);
    });

    it('case 44: when the body is empty or above 4 MiB', async () => {
      expect((await broker.send('Size', '')).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
      expect((await broker.send('Size', Buffer.alloc(4 * 1024 * 1024 + 1))).code).toBe(
        ResponseCode.MESSAGE_ILLEGAL,
      );
      expect((await broker.send('Size', Buffer.alloc(4 * 1024 * 1024))).code).toBe(ResponseCode.SUCCESS);
    });

    it("case 45: when the properties don't fit a record", async () => {
      const answer = await broker.send('Long', 'x', { properties: { a: 'x'.repeat(32_766) } });
      expect(answer.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    });

    it('when a field is missing or no number', async () => {
      const fields = { b: 'Answer', e: '0', f: '0', g: '1', h: '0' };
      expect((await broker.ask(RequestCode.SEND_MESSAGE_V2, fields, Buffer.from('x'))).code).toBe(
        ResponseCode.SUCCESS,
      );
      for (const key of Object.keys(fields)) {
        const { [key as 'b']: _, ...rest } = fields;
        expect((await broker.ask(RequestCode.SEND_MESSAGE_V2, rest, Buffer.from('x'))).code).toBe(
          ResponseCode.SYSTEM_ERROR,
        );
      }
      const answer = await broker.ask(
        RequestCode.SEND_MESSAGE_V2,
        { ...fields, e: 'zero' },
        Buffer.from('x'),
      );
      expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    });

    it('when the delay or the time is no number, or belongs to a batch', async () => {
      expect((await broker.send('Delay', 'x', { properties: { DELAY: 'x' } })).code).toBe(
        ResponseCode.SYSTEM_ERROR,
      );
      const timed = await broker.send('Delay', 'x', { properties: { TIMER_DELAY_SEC: 'x' } });
      expect(timed.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
      const body = encodeBatch([{ body: Buffer.from('one'), properties: new Map() }]);
      const batch = await broker.send('Delay', body, { batch: true, properties: { DELAY: '1' } });
      expect(batch.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    });

    it("when a batch can't be read", async () => {
      const answer = await broker.send('BadBatch', Buffer.alloc(30, 1), {
        code: RequestCode.SEND_BATCH_MESSAGE,
        batch: true,
      });
      expect(answer.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
      expect((await broker.send('%RETRY%CG', 'x', { batch: true })).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    });
  });
});

describe('a send, with other settings', () => {
  it('is refused before the time from which sends are accepted', async () => {
    const broker = await TestBroker.start({ startAcceptSendRequestTimeStamp: Date.now() + 3_600_000 });
    expect((await broker.send('T', 'x')).code).toBe(ResponseCode.SYSTEM_ERROR);
    await broker.remove();
  });

  it('does not create topics when that is off', async () => {
    const broker = await TestBroker.start({ autoCreateTopicEnable: false });
    expect((await broker.send('T', 'x')).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
    await broker.remove();
  });

  it('is answered under SYNC_FLUSH once it is flushed', async () => {
    const broker = await TestBroker.start({ flushDiskType: 'SYNC_FLUSH' });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => broker.send('T', `m${i}`)));
    expect(answers.map((answer) => Number(answer.extFields.get('queueOffset')))).toEqual(
      answers.map((_, i) => i),
    );
    expect((await broker.send('T', 'x', { properties: { WAIT: 'false' } })).code).toBe(ResponseCode.SUCCESS);
    await broker.remove();
  });

  it('case 8: is answered 10 under SYNC_FLUSH when the flush takes too long, and is stored all the same', async () => {
    const stuck: (() => void)[] = [];
    let slow = false;
    const fileSystem: FileSystem = Object.assign(Object.create(nodeFileSystem) as FileSystem, {
      fdatasync: (fd: number, done: (error: Error | null) => void) => {
        if (slow) stuck.push(() => nodeFileSystem.fdatasync(fd, done));
        else nodeFileSystem.fdatasync(fd, done);
      },
    });
    const clock = new ManualClock(Date.now());
    const broker = await TestBroker.start({ flushDiskType: 'SYNC_FLUSH' }, { fileSystem, clock });
    await broker.send('T', 'x');
    slow = true;
    const sent = broker.send('T', 'late');
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    await clock.advanceAsync(5_200, 100);
    const answer = await sent;
    expect([answer.code, answer.extFields.get('queueOffset')]).toEqual([
      ResponseCode.FLUSH_DISK_TIMEOUT,
      '1',
    ]);
    slow = false;
    for (const flush of stuck) flush();
    await broker.remove();
  });

  describe('of a turn whose write to the log took long', () => {
    const SENDS = 100;

    /** What becomes of sends that arrive together at a broker whose disk takes 250 ms for a write. */
    async function sendTogether(config: Partial<BrokerConfig>): Promise<RemotingCommand[]> {
      const clock = new ManualClock(Date.now());
      let slow = false;
      const fileSystem: FileSystem = Object.assign(Object.create(nodeFileSystem) as FileSystem, {
        write: (...args: Parameters<FileSystem['write']>) => {
          if (slow) clock.advance(250);
          return nodeFileSystem.write(...args);
        },
      });
      const broker = await TestBroker.start(config, { fileSystem, clock });
      await broker.send('T', 'x');
      slow = true;
      const answers = await Promise.all(Array.from({ length: SENDS }, (_, i) => broker.send('T', `m${i}`)));
      slow = false;
      expect((await broker.send('T', 'x')).code).toBe(ResponseCode.SUCCESS);
      const stored = answers.filter(({ code }) => code === ResponseCode.SUCCESS).length;
      const max = await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
      expect(Number(max.extFields.get('offset'))).toBe(stored + 2);
      await broker.remove();
      return answers;
    }

    it('case 28: is answered 2 with [TIMEOUT_CLEAN_QUEUE] once it has waited waitTimeMillsInSendQueue', async () => {
      const answers = await sendTogether({ waitTimeMillsInSendQueue: 200 });
      const refused = answers.findIndex(({ code }) => code !== ResponseCode.SUCCESS);
      expect(refused).toBeGreaterThan(0);
      for (const { code, remark } of answers.slice(refused)) {
        expect(code).toBe(ResponseCode.SYSTEM_BUSY);
        expect(remark).toMatch(
          /^\[TIMEOUT_CLEAN_QUEUE\]broker busy, start flow control for a while, period in queue: \d{3,}ms, size of queue: \d+$/,
        );
      }
    });

    it('is served as long as it has waited less, or that is off', async () => {
      for (const config of [{ waitTimeMillsInSendQueue: 5000 }, { brokerFastFailureEnable: false }]) {
        const answers = await sendTogether(config);
        expect(answers.map(({ code }) => code)).toEqual(answers.map(() => ResponseCode.SUCCESS));
      }
    });
  });
});

import { decodeRecords, RequestCode, ResponseCode, type MessageRecord } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../test/test-broker.ts';

describe('a message sent back', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    // Hours pass between two requests.
    broker = await TestBroker.start({ serverChannelMaxIdleTimeSeconds: 1_000_000 }, { clock });
  });

  afterEach(() => broker.remove());

  async function first(topic: string, offset = 0): Promise<MessageRecord | undefined> {
    const answer = await broker.pull('CG', topic, 0, offset);
    return answer.code === 0 ? decodeRecords(answer.body)[0] : undefined;
  }

  async function sendBack(
    record: MessageRecord | undefined,
    fields: Record<string, string> = {},
  ): Promise<number> {
    const answer = await broker.ask(RequestCode.CONSUMER_SEND_MSG_BACK, {
      offset: String(record?.physicalOffset),
      group: 'CG',
      delayLevel: '0',
      originMsgId: 'ignored',
      originTopic: 'T',
      ...fields,
    });
    return answer.code;
  }

  it('comes again after ten seconds, to the retry topic, as what it was', async () => {
    const sent = await broker.send('T', 'hello', {
      flag: 9,
      properties: { TAGS: 'a', KEYS: 'k', UNIQ_KEY: 'U' },
    });
    expect(await sendBack(await first('T'))).toBe(ResponseCode.SUCCESS);
    await clock.advanceAsync(9_000, 500);
    expect(await first('%RETRY%CG')).toBeUndefined();
    await clock.advanceAsync(3_000, 500);

    const record = await first('%RETRY%CG');
    expect([record?.body.toString(), record?.flag, record?.reconsumeTimes, record?.bornTimestamp]).toEqual([
      'hello',
      9,
      1,
      1_700_000_000_000,
    ]);
    expect(Object.fromEntries(record?.properties ?? [])).toMatchObject({
      TAGS: 'a',
      KEYS: 'k',
      UNIQ_KEY: 'U',
      RETRY_TOPIC: 'T',
      ORIGIN_MESSAGE_ID: sent.extFields.get('msgId'),
      WAIT: 'false',
      DELAY: '3',
      REAL_TOPIC: '%RETRY%CG',
      REAL_QID: '0',
    });
  });

  it('waits longer each time, and keeps its first id', async () => {
    const sent = await broker.send('T', 'x');
    await sendBack(await first('T'));
    await clock.advanceAsync(12_000, 500);
    await sendBack(await first('%RETRY%CG'));
    await clock.advanceAsync(29_000, 500);
    expect(await first('%RETRY%CG', 1)).toBeUndefined();
    await clock.advanceAsync(3_000, 500);
    const record = await first('%RETRY%CG', 1);
    expect([
      record?.reconsumeTimes,
      record?.property('DELAY'),
      record?.property('ORIGIN_MESSAGE_ID'),
    ]).toEqual([2, '4', sent.extFields.get('msgId')]);
  });

  it('case 15: consumer returns RECONSUME_LATER 17 times: again after 10 s, 30 s, ... 2 h; then %DLQ% with original ids', async () => {
    const sent = await broker.send('T', 'x', { properties: { UNIQ_KEY: 'U' } });
    const minutes = (n: number): number => n * 60_000;
    const delays = [10_000, 30_000, ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 60, 120].map(minutes)];
    let record = await first('T');
    for (const [retry, delay] of delays.entries()) {
      await sendBack(record);
      await clock.advanceAsync(delay - 1_000, delay - 1_000);
      expect([retry, (await first('%RETRY%CG', retry)) === undefined]).toEqual([retry, true]);
      await clock.advanceAsync(1_500, 500);
      record = await first('%RETRY%CG', retry);
      expect(record?.reconsumeTimes).toBe(retry + 1);
    }
    await sendBack(record);
    const dead = await first('%DLQ%CG');
    expect(dead?.reconsumeTimes).toBe(17);
    expect(Object.fromEntries(dead?.properties ?? [])).toMatchObject({
      UNIQ_KEY: 'U',
      RETRY_TOPIC: 'T',
      ORIGIN_MESSAGE_ID: sent.extFields.get('msgId'),
      DLQ_ORIGIN_TOPIC: 'T',
      DLQ_ORIGIN_MESSAGE_ID: 'U',
    });
  });

  it.each([
    ['its group allows no more', { maxReconsumeTimes: '0' }],
    ['the consumer gives up', { delayLevel: '-1' }],
  ])('goes to the dead-letter queue at once when %s', async (_, fields) => {
    const sent = await broker.send('T', 'x');
    expect(await sendBack(await first('T'), fields)).toBe(ResponseCode.SUCCESS);
    const record = await first('%DLQ%CG');
    expect(Object.fromEntries(record?.properties ?? [])).toMatchObject({
      RETRY_TOPIC: 'T',
      ORIGIN_MESSAGE_ID: sent.extFields.get('msgId'),
      DELAY: '0',
    });
    expect(record?.reconsumeTimes).toBe(1);
  });

  it('is dropped when the group wants no retries', async () => {
    await broker.ask(
      RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
      {},
      Buffer.from('{"groupName":"CG","retryQueueNums":0}'),
    );
    await broker.send('T', 'x');
    expect(await sendBack(await first('T'))).toBe(ResponseCode.SUCCESS);
    expect((await broker.ask(RequestCode.GET_TOPIC_CONFIG, { topic: '%RETRY%CG' })).code).toBe(
      ResponseCode.TOPIC_NOT_EXIST,
    );
  });

  it('is refused when there is no such message or group', async () => {
    await broker.send('T', 'x');
    const record = await first('T');
    expect(await sendBack(record, { offset: '7' })).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await sendBack(record, { offset: '-1' })).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await sendBack(record, { offset: '999999' })).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await sendBack(record, { group: '../../../../x' })).toBe(
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    );
  });

  describe('by an ordinary send to the retry topic', () => {
    const RETRY = { reconsumeTimes: 3, maxReconsumeTimes: 16, properties: { RETRY_TOPIC: 'T', DELAY: '1' } };

    it('is delayed like any other', async () => {
      expect((await broker.send('%RETRY%CG', 'x', RETRY)).code).toBe(ResponseCode.SUCCESS);
      await clock.advanceAsync(3_000, 500);
      expect((await first('%RETRY%CG'))?.reconsumeTimes).toBe(3);
    });

    it('becomes a dead letter when tried too often', async () => {
      await broker.send('%RETRY%CG', 'x', { ...RETRY, reconsumeTimes: 17 });
      const record = await first('%DLQ%CG');
      expect([record?.reconsumeTimes, record?.property('DELAY'), record?.property('RETRY_TOPIC')]).toEqual([
        17,
        '-1',
        'T',
      ]);
    });

    it('becomes a dead letter at once when the group holds queue locks', async () => {
      await broker.send('T', 'x');
      const lock = {
        clientId: 'c',
        consumerGroup: 'CG',
        mqSet: [{ topic: 'T', brokerName: 'broker-a', queueId: 0 }],
      };
      const answer = await broker.ask(RequestCode.LOCK_BATCH_MQ, {}, Buffer.from(JSON.stringify(lock)));
      expect(JSON.parse(answer.body.toString())).toEqual({ lockOKMQSet: lock.mqSet });
      await broker.send('%RETRY%CG', 'x', { ...RETRY, reconsumeTimes: 0 });
      expect(await first('%DLQ%CG')).toBeDefined();
    });

    it('is refused for a group with an illegal name', async () => {
      const answer = await broker.send('%RETRY%', 'x', RETRY);
      expect(answer.code).not.toBe(ResponseCode.SUCCESS);
    });
  });
});

import { decodeRecords, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { TestBroker } from '../test/test-broker.ts';

describe('a broker', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await TestBroker.start();
  });

  afterEach(() => broker.remove());

  it('stores what it is sent and hands it out again', async () => {
    const sent = await broker.send('T', 'hello', { properties: { KEYS: 'k', TAGS: 'a' } });
    expect(sent.code).toBe(ResponseCode.SUCCESS);
    expect(sent.extFields.get('queueOffset')).toBe('0');

    const pulled = await broker.pull('CG', 'T', 0, 0);
    expect(pulled.code).toBe(ResponseCode.SUCCESS);
    const [record] = decodeRecords(pulled.body);
    expect(record?.body.toString()).toBe('hello');
    expect(Object.fromEntries(record?.properties ?? [])).toMatchObject({
      KEYS: 'k',
      TAGS: 'a',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
      CLUSTER: 'DefaultCluster',
    });
    expect(record?.offsetMsgId).toBe(sent.extFields.get('msgId'));
    expect(record?.property('UNIQ_KEY')).toBe(sent.extFields.get('transactionId'));
    expect(Object.fromEntries(pulled.extFields)).toMatchObject({
      suggestWhichBrokerId: '0',
      nextBeginOffset: '1',
      minOffset: '0',
      maxOffset: '1',
    });
  });

  it('answers codes it does not know with 3', async () => {
    const answer = await broker.ask(9999);
    expect(answer.code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
    expect(answer.remark).toContain('request type 9999 not supported');
    expect((await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' })).code).toBe(0);
  });
});

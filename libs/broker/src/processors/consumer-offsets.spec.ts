import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestCode, ResponseCode, type RemotingCommand } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../test/test-broker.ts';

describe('the offsets of consumers and queues', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
  });

  afterEach(() => broker.remove());

  const offset = (answer: RemotingCommand): string | number => answer.extFields.get('offset') ?? answer.code;
  const query = async (fields: Record<string, string> = {}): Promise<string | number> =>
    offset(
      await broker.ask(RequestCode.QUERY_CONSUMER_OFFSET, {
        consumerGroup: 'CG',
        topic: 'T',
        queueId: '0',
        ...fields,
      }),
    );
  const update = async (fields: Record<string, string> = {}): Promise<number> =>
    (
      await broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, {
        consumerGroup: 'CG',
        topic: 'T',
        queueId: '0',
        commitOffset: '1',
        ...fields,
      })
    ).code;
  const ofQueue = async (code: number, fields: Record<string, string> = {}): Promise<string | number> =>
    offset(await broker.ask(code, { topic: 'T', queueId: '0', ...fields }));

  it('case 26: QUERY_CONSUMER_OFFSET for new group on young topic: 0 (not 22), unless it says otherwise', async () => {
    await broker.send('T', 'x');
    expect(await query()).toBe('0');
    expect(await query({ setZeroIfNotFound: 'false' })).toBe(ResponseCode.QUERY_NOT_FOUND);
    expect(await query({ queueId: '3' })).toBe(ResponseCode.QUERY_NOT_FOUND);
  });

  it('are what was committed', async () => {
    await broker.send('T', 'x');
    expect(await update()).toBe(ResponseCode.SUCCESS);
    expect(await query()).toBe('1');
  });

  it.each([
    ['an illegal group', { consumerGroup: '../x' }, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST],
    ['an unknown topic', { topic: '../x' }, ResponseCode.TOPIC_NOT_EXIST],
    ['a queue that does not exist', { queueId: '4' }, ResponseCode.INVALID_PARAMETER],
    ['a negative offset', { commitOffset: '-1' }, ResponseCode.INVALID_PARAMETER],
    ['no offset', { commitOffset: 'x' }, ResponseCode.SYSTEM_ERROR],
  ])('are not committed for %s', async (_, fields, code) => {
    await broker.send('T', 'x');
    expect(await update(fields)).toBe(code);
  });

  it('reach consumerOffset.json after five seconds', async () => {
    await broker.send('T', 'x');
    await update();
    const file = (): string =>
      readFileSync(join(broker.directory, 'store', 'config', 'consumerOffset.json'), 'utf8');
    expect(file).toThrow('ENOENT');
    await clock.advanceAsync(5_000);
    expect(file().replace(/\s/g, '')).toContain('"T@CG":{0:1}');
  });

  it('survive a restart', async () => {
    await broker.send('T', 'x');
    await update();
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start({}, { clock }, directory);
    expect(await query()).toBe('1');
    expect((await broker.pull('CG', 'T', 0, 0)).code).toBe(ResponseCode.SUCCESS);
  });

  it('of a queue are found by time', async () => {
    const begin = clock.now();
    for (let i = 0; i < 3; i++) {
      await broker.send('T', `m${i}`);
      clock.advance(1000);
    }
    expect(await ofQueue(RequestCode.GET_MIN_OFFSET)).toBe('0');
    expect(await ofQueue(RequestCode.GET_MAX_OFFSET)).toBe('3');
    expect(await ofQueue(RequestCode.GET_MAX_OFFSET, { topic: 'nowhere' })).toBe('0');
    expect(await ofQueue(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, { timestamp: String(begin + 500) })).toBe(
      '1',
    );
    expect(await ofQueue(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, { timestamp: String(begin + 90_000) })).toBe(
      '3',
    );
    const earliest = await broker.ask(RequestCode.GET_EARLIEST_MSG_STORETIME, { topic: 'T', queueId: '0' });
    expect(earliest.extFields.get('timestamp')).toBe(String(begin));
  });
});

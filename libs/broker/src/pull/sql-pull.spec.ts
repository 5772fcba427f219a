import {
  decodeRecords,
  RequestCode,
  ResponseCode,
  retryTopic,
  type RemotingCommand,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { subscription, TestBroker } from '../../test/test-broker.ts';

const WRONG = 'colour = ';
const NOT_SUPPORTED = 'The broker does not support consumer to filter message by SQL92';

function bodies(answer: RemotingCommand | undefined): string[] {
  return decodeRecords(answer?.body ?? Buffer.alloc(0)).map((record) => record.body.toString());
}

function sql(subString: string, subVersion = 1, topic = 'T') {
  return { ...subscription(topic, subVersion), subString, expressionType: 'SQL92' };
}

async function check(broker: TestBroker, subString: string): Promise<RemotingCommand> {
  const body = { clientId: 'c', group: 'CG', subscriptionData: sql(subString) };
  return broker.ask(RequestCode.CHECK_CLIENT_CONFIG, {}, Buffer.from(JSON.stringify(body)));
}

const carried = (expression: string) => ({ subscription: expression, expressionType: 'SQL92' });
const FROM_HEARTBEAT = { sysFlag: 2, subscription: undefined, expressionType: 'SQL92' };

describe('SQL92 where enablePropertyFilter is on', () => {
  let broker: TestBroker;
  const pull = (expression: string, queueId = 0): Promise<RemotingCommand> =>
    broker.pull('CG', 'T', queueId, 0, carried(expression));

  beforeAll(async () => {
    // A clock that stands still: a pull looks at properties for 10 ms at most, and a busy machine needs longer.
    broker = await TestBroker.start({ enablePropertyFilter: true }, { storeClock: new ManualClock() });
    await broker.send('T', 'none');
    await broker.send('T', 'text', { properties: { a: 'x' } });
    for (const a of ['4', '5', '6']) await broker.send('T', a, { properties: { a, TAGS: `t${a}` } });
  });

  afterAll(() => broker.remove());

  it('case 30: `a > 5` with a="x" is filtered out, others are still consumed', async () => {
    const answer = await pull('a > 5');
    expect([answer.code, answer.extFields.get('nextBeginOffset'), bodies(answer)]).toEqual([0, '5', ['6']]);
  });

  it('case 31: `a IS NULL` matches where a is missing', async () => {
    expect(bodies(await pull('a IS NULL'))).toEqual(['none']);
  });

  it("case 32: `NOT (a = 'x')` does not match where a is missing", async () => {
    expect(bodies(await pull("NOT (a = 'x')"))).toEqual(['4', '5', '6']);
  });

  it('case 33: of tags with equal hashes the broker passes both', async () => {
    for (const TAGS of ['Aa', 'BB', 'Ab']) await broker.send('T', TAGS, { queueId: 1, properties: { TAGS } });
    expect(bodies(await broker.pull('CG', 'T', 1, 0, { subscription: 'Aa' }))).toEqual(['Aa', 'BB']);
  });

  it('looks at system properties too', async () => {
    expect(bodies(await pull("TAGS IN ('t4', 't6') AND a BETWEEN 5 AND 9"))).toEqual(['6']);
  });

  it('says where to go on when nothing matches', async () => {
    const answer = await pull('a > 100');
    expect([answer.code, answer.remark, answer.extFields.get('nextBeginOffset')]).toEqual([
      ResponseCode.PULL_RETRY_IMMEDIATELY,
      'NO_MATCHED_MESSAGE',
      '5',
    ]);
  });

  it('a broken expression is answered 23, at the check and in a pull that carries it', async () => {
    const checked = await check(broker, WRONG);
    expect([checked.code, checked.remark]).toEqual([
      ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      expect.stringContaining('line 1, column 10'),
    ]);
    expect((await check(broker, 'a > 5')).code).toBe(ResponseCode.SUCCESS);
    const pulled = await pull(WRONG);
    expect([pulled.code, pulled.remark]).toEqual([
      ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      expect.stringMatching(/^parse the consumer's subscription failed: .*column 10/),
    ]);
    const unknown = await broker.pull('CG', 'T', 0, 0, { subscription: 'a', expressionType: 'XPATH' });
    expect(unknown.code).toBe(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  });

  it('uses the expression of the heartbeat, and the new one from the next heartbeat on', async () => {
    const from = (version: number) => ({ ...FROM_HEARTBEAT, subVersion: version });
    const beat = (expression: string, version: number): Promise<RemotingCommand> =>
      broker.heartBeat('c1', [{ groupName: 'Beat', subscriptionDataSet: [sql(expression, version)] }]);
    expect(await broker.pull('Beat', 'T', 0, 0, from(1))).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
      remark: "the consumer's group info not exist",
    });
    await beat('a = 4', 1);
    expect(bodies(await broker.pull('Beat', 'T', 0, 0, from(1)))).toEqual(['4']);
    expect(await broker.pull('Beat', 'T', 0, 0, from(2))).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_LATEST,
      remark: "the consumer's subscription not latest",
    });
    await beat('a = 5', 2);
    expect(bodies(await broker.pull('Beat', 'T', 0, 0, from(2)))).toEqual(['5']);
    await beat(WRONG, 3);
    expect(await broker.pull('Beat', 'T', 0, 0, from(3))).toMatchObject({
      code: ResponseCode.FILTER_DATA_NOT_EXIST,
      remark: "The broker's consumer filter data is not exist!Your expression may be wrong!",
    });
  });

  it('does not filter what comes again', async () => {
    const topic = retryTopic('Again');
    await broker.heartBeat('c2', [{ groupName: 'Again', subscriptionDataSet: [sql('a > 5')] }]);
    await broker.send(topic, 'retried', { properties: { a: '1', RETRY_TOPIC: 'T' } });
    expect(bodies(await broker.pull('Again', topic, 0, 0))).toEqual(['retried']);
  });
});

describe('SQL92 at a held pull', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({ enablePropertyFilter: true }, { clock });
    await broker.send('T', 'first');
  });

  afterEach(() => broker.remove());

  /** Pulls behind the last message; the broker has taken the pull when this is over. */
  async function held(expression: string): Promise<{ answer?: RemotingCommand; done: Promise<unknown> }> {
    const state: { answer?: RemotingCommand; done: Promise<unknown> } = { done: Promise.resolve() };
    state.done = broker
      .pull('CG', 'T', 0, 1, { sysFlag: 6, ...carried(expression) })
      .then((answer) => (state.answer = answer));
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    return state;
  }

  it('sleeps through messages that do not match, and is woken by the one that does', async () => {
    const pull = await held('a > 5');
    for (const a of ['4', 'x']) await broker.send('T', a, { properties: { a } });
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    expect(pull.answer).toBeUndefined();
    await broker.send('T', '6', { properties: { a: '6' } });
    await pull.done;
    expect([pull.answer?.code, bodies(pull.answer)]).toEqual([ResponseCode.SUCCESS, ['6']]);
  });

  it('wakes each of several pulls by its own expression', async () => {
    const [four, six] = [await held('a = 4'), await held('a = 6')];
    await broker.send('T', '6', { properties: { a: '6' } });
    await six.done;
    expect([bodies(six.answer), four.answer]).toEqual([['6'], undefined]);
    await broker.send('T', '4', { properties: { a: '4' } });
    await four.done;
    expect(bodies(four.answer)).toEqual(['4']);
  });

  it('is moved behind what does not match by the scan', async () => {
    const pull = await held('a > 5');
    await broker.send('T', '4', { properties: { a: '4' } });
    await clock.advanceAsync(5_000);
    await pull.done;
    expect([pull.answer?.code, pull.answer?.extFields.get('nextBeginOffset')]).toEqual([
      ResponseCode.PULL_RETRY_IMMEDIATELY,
      '2',
    ]);
  });
});

describe('SQL92 as RocketMQ ships', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.start();
    await broker.send('T', 'x');
  });

  afterAll(() => broker.remove());

  it('case 29: without enablePropertyFilter pull and CHECK_CLIENT_CONFIG both answer SYSTEM_ERROR 1', async () => {
    await broker.heartBeat('c', [{ groupName: 'Beat', subscriptionDataSet: [sql('a > 5')] }]);
    for (const answer of [
      await check(broker, 'a > 5'),
      await check(broker, WRONG),
      await broker.pull('CG', 'T', 0, 0, carried('a > 5')),
      await broker.pull('CG', 'T', 0, 0, carried(WRONG)),
      await broker.pull('Beat', 'T', 0, 0, FROM_HEARTBEAT),
    ])
      expect([answer.code, answer.remark]).toEqual([ResponseCode.SYSTEM_ERROR, NOT_SUPPORTED]);
  });
});

it('filterSupportRetry: what comes again must match what the group subscribes to where it came from', async () => {
  const broker = await TestBroker.start({ enablePropertyFilter: true, filterSupportRetry: true });
  const topic = retryTopic('Again');
  await broker.heartBeat('c', [
    {
      groupName: 'Again',
      subscriptionDataSet: [sql('a > 5'), subscription('Tags'), sql(WRONG, 1, 'Broken')],
    },
  ]);
  for (const [body, RETRY_TOPIC] of Object.entries({ 1: 'T', 6: 'T', 2: 'Tags', 3: 'Broken', 4: 'Other' }))
    await broker.send(topic, body, { properties: { a: body, RETRY_TOPIC } });
  await broker.send(topic, 'sent here', { properties: { a: '1' } });
  expect(bodies(await broker.pull('Again', topic, 0, 0)).toSorted()).toEqual([
    '2',
    '3',
    '4',
    '6',
    'sent here',
  ]);
  await broker.remove();
});

it('filterSupportRetry: what a group filters by is known after a restart, before any of its members is', async () => {
  const config = { enablePropertyFilter: true, filterSupportRetry: true };
  const topic = retryTopic('Kept');
  const before = await TestBroker.start(config);
  await before.heartBeat('c', [{ groupName: 'Kept', subscriptionDataSet: [sql('a > 5')] }]);
  for (const a of ['1', '6']) await before.send(topic, a, { properties: { a, RETRY_TOPIC: 'T' } });
  await before.stop();
  const broker = await TestBroker.start(config, {}, before.directory);
  expect(bodies(await broker.pull('Kept', topic, 0, 0))).toEqual(['6']);
  await broker.remove();
});

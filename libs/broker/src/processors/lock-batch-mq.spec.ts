import {
  LockBatchRequestBody,
  LockBatchResponseBody,
  RequestCode,
  ResponseCode,
  type MessageQueue,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../test/test-broker.ts';

describe('a request for queue locks', () => {
  let broker: TestBroker;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    broker = await TestBroker.start({}, { clock });
    await broker.send('T', 'x');
  });

  afterEach(() => broker.remove());

  const queue = (queueId: number, others: Partial<MessageQueue> = {}): MessageQueue => ({
    topic: 'T',
    brokerName: 'broker-a',
    queueId,
    ...others,
  });

  const body = (clientId: string, mqSet: MessageQueue[], consumerGroup = 'CG'): Buffer =>
    LockBatchRequestBody.encode({ consumerGroup, clientId, onlyThisBroker: false, mqSet });

  async function lock(clientId: string, ...queues: MessageQueue[]): Promise<number[]> {
    const answer = await broker.ask(RequestCode.LOCK_BATCH_MQ, {}, body(clientId, queues));
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    return LockBatchResponseBody.decode(answer.body).lockOKMQSet.map(({ queueId }) => queueId);
  }

  it('gives those that are free, and tells which', async () => {
    expect(await lock('a', queue(0), queue(1))).toEqual([0, 1]);
    expect(await lock('b', queue(1), queue(2))).toEqual([2]);
    expect(await lock('a', queue(0))).toEqual([0]);
  });

  it('gives what another gave back, and nothing that was not its own to give', async () => {
    await lock('a', queue(0), queue(1));
    await broker.ask(RequestCode.UNLOCK_BATCH_MQ, {}, body('b', [queue(0)]));
    expect(await lock('b', queue(0))).toEqual([]);
    await broker.ask(RequestCode.UNLOCK_BATCH_MQ, {}, body('a', [queue(0)]));
    expect(await lock('b', queue(0), queue(1))).toEqual([0]);
  });

  it('case 34: lock queue, client dies, 60 s: another client can lock', async () => {
    await lock('a', queue(0));
    clock.advance(60_000);
    expect(await lock('b', queue(0))).toEqual([]);
    clock.advance(1);
    expect(await lock('b', queue(0))).toEqual([0]);
  });

  it('gives nothing that the broker does not have', async () => {
    const made = [queue(-1), queue(99), queue(0, { topic: 'no-such' }), queue(0, { brokerName: 'other' })];
    expect(await lock('a', ...made, queue(3))).toEqual([3]);
  });

  it('is refused for a group that can not be', async () => {
    const answer = await broker.ask(RequestCode.LOCK_BATCH_MQ, {}, body('a', [queue(0)], '../x'));
    expect(answer.code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
  });
});

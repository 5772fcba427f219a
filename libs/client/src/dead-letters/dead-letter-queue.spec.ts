import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Message, MessageExt, SendResult } from '../message/message.ts';
import { DeadLetterQueue, type DeadLetterAccess } from './dead-letter-queue.ts';

type Admin = DeadLetterAccess['admin'];

const QUEUE = { topic: '%DLQ%g', brokerName: 'broker-a', queueId: 0 };

function dead(queueOffset: number, properties: Record<string, string> = {}): MessageExt {
  const all = new Map(
    Object.entries({ RETRY_TOPIC: 'order', ORIGIN_MESSAGE_ID: `O${queueOffset}`, ...properties }),
  );
  return {
    topic: QUEUE.topic,
    tags: undefined,
    keys: [],
    msgId: `M${queueOffset}`,
    offsetMsgId: `S${queueOffset}`,
    queueOffset,
    reconsumeTimes: 1,
    storeTimestamp: 1000 + queueOffset,
    flag: 7,
    body: Buffer.from(`body ${queueOffset}`),
    properties: all,
  } as Partial<MessageExt> as MessageExt;
}

/** A broker with these dead letters; `slice` of them at a time. */
class Broker implements Admin {
  readonly letters: MessageExt[];
  readonly reads: number[] = [];
  minimum = 0;

  constructor(letters: MessageExt[]) {
    this.letters = letters;
  }

  topicQueues: Admin['topicQueues'] = async () => [QUEUE];
  minOffset = async (): Promise<number> => this.minimum;
  maxOffset = async (): Promise<number> => (this.letters.at(-1)?.queueOffset ?? -1) + 1;
  searchOffset = async (_queue: unknown, timestamp: number): Promise<number> => Math.max(0, timestamp - 1000);

  readQueue = async (_queue: unknown, offset: number) => {
    this.reads.push(offset);
    const messages = this.letters.filter(({ queueOffset }) => queueOffset >= offset).slice(0, 2);
    return { messages, nextOffset: (messages.at(-1)?.queueOffset ?? offset - 1) + 1 };
  };
}

class Producer {
  readonly sent: Message[] = [];
  onSend: (message: Message) => void = () => undefined;

  send = async (message: Message): Promise<SendResult> => {
    this.onSend(message);
    this.sent.push(message);
    return { msgId: message.systemProperties?.['UNIQ_KEY'] ?? '' } as SendResult;
  };
}

describe('the dead letters of a group', () => {
  it('are read slice by slice, from the oldest that is still there', async () => {
    const broker = new Broker([3, 4, 5, 9].map((offset) => dead(offset)));
    broker.minimum = 3;
    const ids: string[] = [];
    for await (const { msgId } of new DeadLetterQueue('g', { admin: broker }).read()) ids.push(msgId);
    expect(ids).toEqual(['M3', 'M4', 'M5', 'M9']);
    expect(broker.reads).toEqual([3, 5]);
  });

  it('are looked for from the time that is given', async () => {
    const broker = new Broker([0, 1, 2, 3].map((offset) => dead(offset)));
    const read = new DeadLetterQueue('g', { admin: broker }).read({ from: 1002 });
    expect((await read.next()).value).toMatchObject({ msgId: 'M2', diedAt: 1002 });
    expect(broker.reads).toEqual([2]);
  });

  it('are sent again as they were, without what is about their death', async () => {
    const properties = {
      mine: '1',
      REJECT_REASON: 'r',
      REJECTED_BY: 'b',
      DLQ_ORIGIN_MESSAGE_ID: 'D',
      KEYS: 'k',
    };
    const producer = new Producer();
    const queue = new DeadLetterQueue('g', { admin: new Broker([dead(0, properties)]), producer });
    await queue.replay();
    expect(producer.sent).toEqual([
      {
        topic: 'order',
        body: Buffer.from('body 0'),
        flag: 7,
        properties: { mine: '1' },
        systemProperties: { UNIQ_KEY: 'M0', DLQ_ORIGIN_MESSAGE_ID: 'D' },
      },
    ]);
  });

  it('that die again while they are replayed are for the next time', async () => {
    const broker = new Broker([dead(0), dead(1)]);
    const producer = new Producer();
    producer.onSend = () => void broker.letters.push(dead(broker.letters.length));
    const queue = new DeadLetterQueue('g', { admin: broker, producer });
    const first = await queue.replay({ rate: 1000 });
    expect(first).toMatchObject({ replayed: 2, next: [{ queue: QUEUE, offset: 2 }] });
    producer.onSend = () => undefined;
    expect(await queue.replay({ rate: 1000, position: first.next })).toMatchObject({
      replayed: 2,
      next: [{ queue: QUEUE, offset: 4 }],
    });
  });

  it('are sent again from the one that failed on', async () => {
    const producer = new Producer();
    producer.onSend = ({ body }) => {
      if (String(body) === 'body 1') throw new RocketMQError('TIMEOUT', 'late');
    };
    const queue = new DeadLetterQueue('g', { admin: new Broker([dead(0), dead(1), dead(2)]), producer });
    const stopped = await queue.replay({ rate: 1000 });
    expect(stopped).toMatchObject({
      replayed: 1,
      stopped: 'failed',
      failed: [{ letter: { msgId: 'M1' }, error: { code: 'TIMEOUT' } }],
      next: [{ queue: QUEUE, offset: 1 }],
    });
    producer.onSend = () => undefined;
    await queue.replay({ rate: 1000, position: stopped.next });
    expect(producer.sent.map(({ body }) => String(body))).toEqual(['body 0', 'body 1', 'body 2']);
  });

  it('of which nothing tells the topic cannot be sent again', async () => {
    const broker = new Broker([dead(0)]);
    broker.letters[0] = { ...dead(0), properties: new Map() };
    const report = await new DeadLetterQueue('g', { admin: broker, producer: new Producer() }).replay();
    expect(report.failed[0]?.error).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('are none before there is a topic; a topic that cannot be read is an error that says what to do', async () => {
    const broker = new Broker([]);
    broker.topicQueues = async () => {
      throw new RocketMQError('NO_ROUTE', 'No route');
    };
    const queue = new DeadLetterQueue('g', { admin: broker });
    expect((await queue.read().next()).done).toBe(true);
    broker.topicQueues = async () => [];
    await expect(queue.read().next()).rejects.toThrow('mqadmin updateTopicPerm -t %DLQ%g -p 6');
  });

  it('can only be read without a producer', async () => {
    const queue = new DeadLetterQueue('g', { admin: new Broker([dead(0)]) });
    expect((await queue.replay()).failed[0]?.error).toMatchObject({ code: 'WRONG_STATE' });
    expect(await queue.replay({ dryRun: true })).toMatchObject({ replayed: 1, failed: [] });
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeRecord, type MessageRecord } from '@nest-rocketmq/protocol';
import { recordOf } from '../../spec-support/scripted-server.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import { ProcessQueue } from './process-queue.ts';

const message = (offset: number): ReceivedMessage =>
  new ReceivedMessage(decodeRecord(recordOf('T', offset), 0) as MessageRecord, { brokerName: 'b' });
const messages = (...offsets: number[]): ReceivedMessage[] => offsets.map(message);
const queue = (): ProcessQueue => new ProcessQueue({ topic: 'T', brokerName: 'b', queueId: 0 }, 0);

describe('ProcessQueue', () => {
  it('commits up to the first message that is not consumed', () => {
    const pq = queue();
    const [a, b, c] = messages(10, 11, 12) as [ReceivedMessage, ReceivedMessage, ReceivedMessage];
    expect(pq.commitOffset).toBe(-1);
    pq.put([a, b, c]);
    expect(pq.commitOffset).toBe(10);
    expect(pq.remove([b])).toBe(10);
    expect(pq.remove([a])).toBe(12);
    expect(pq.remove([c])).toBe(13);
    expect(pq.remove([c])).toBe(13);
  });

  it('counts what waits: messages, bytes, span', () => {
    const pq = queue();
    const [a, b, c] = messages(5, 7, 105) as [ReceivedMessage, ReceivedMessage, ReceivedMessage];
    pq.put([a, b]);
    pq.put([c]);
    expect(pq).toMatchObject({ count: 3, span: 100, minOffset: 5, maxOffset: 105 });
    expect(pq.bytes).toBe(a.storeSize + b.storeSize + c.storeSize);
    pq.remove([c]);
    expect(pq).toMatchObject({ count: 2, span: 2, maxOffset: 105 });
    pq.remove([a, b]);
    expect(pq).toMatchObject({ count: 0, span: 0, bytes: 0, minOffset: undefined, commitOffset: 106 });
  });

  it('keeps its place through gaps in the offsets', () => {
    const pq = queue();
    const [a, b] = messages(3, 900) as [ReceivedMessage, ReceivedMessage];
    pq.put([a, b]);
    expect(pq.remove([a])).toBe(900);
  });

  it('comes to the same result in whatever order thousands of messages are consumed', () => {
    const pq = queue();
    const all = messages(...Array.from({ length: 5000 }, (_, i) => i));
    pq.put(all);
    const shuffled = all.toSorted(
      (x, y) => ((x.queueOffset * 7919) % 5003) - ((y.queueOffset * 7919) % 5003),
    );
    const open = new Set(all.map((one) => one.queueOffset));
    const committed = shuffled.map((one) => pq.remove([one]));
    const expected = shuffled.map((one, i) => {
      open.delete(one.queueOffset);
      return i % 500 === 0 ? Math.min(...open) : committed[i];
    });
    expect(committed).toEqual(expected);
    expect(pq.commitOffset).toBe(5000);
  });

  it('tells which message is stuck', () => {
    const pq = queue();
    const [a, b] = messages(1, 2) as [ReceivedMessage, ReceivedMessage];
    pq.put([a, b]);
    expect(pq.stuckSince(1000)).toBeUndefined();
    a.consumeStartedAt = 500;
    expect(pq.stuckSince(500)).toBeUndefined();
    expect(pq.stuckSince(501)).toBe(a);
    pq.remove([a]);
    expect(pq.stuckSince(501)).toBeUndefined();
  });
});

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

  describe('in order', () => {
    const offsets = (taken: readonly ReceivedMessage[]) => taken.map(({ queueOffset }) => queueOffset);

    it('hands out each message once, and commits what was handed out', () => {
      const pq = queue();
      pq.put(messages(0, 1, 2, 3, 4));
      expect(pq.untaken).toBe(5);
      expect(offsets(pq.take(2))).toEqual([0, 1]);
      expect(offsets(pq.take(2))).toEqual([2, 3]);
      expect(pq.commitOffset).toBe(0);
      expect(pq.commitTaken()).toBe(4);
      expect(pq.commitTaken()).toBe(4);
      pq.put(messages(5));
      expect(offsets(pq.take(9))).toEqual([4, 5]);
      expect(pq.take(1)).toEqual([]);
      expect(pq.commitTaken()).toBe(6);
      expect(pq).toMatchObject({ count: 0, untaken: 0 });
    });

    it('takes back the last ones, or all that is not committed', () => {
      const pq = queue();
      pq.put(messages(0, 1, 2, 3));
      pq.take(1);
      pq.commitTaken();
      pq.take(1);
      const [last] = pq.take(1);
      pq.putBack(last);
      expect(offsets(pq.take(1))).toEqual([2]);
      pq.putBack();
      expect(offsets(pq.take(9))).toEqual([1, 2, 3]);
    });

    it('leaves out what was settled meanwhile', () => {
      const pq = queue();
      pq.put(messages(0, 1, 2));
      const [a, b, c] = pq.take(3);
      pq.remove([b as ReceivedMessage]);
      pq.putBack(a);
      expect(offsets(pq.take(3))).toEqual([0, 2]);
      pq.remove([c as ReceivedMessage]);
      pq.putBack(a);
      expect(offsets(pq.take(3))).toEqual([0]);
      expect(pq.commitTaken()).toBe(3);
    });

    it('keeps its place over thousands of messages', () => {
      const pq = queue();
      for (let i = 0; i < 5000; i += 100) pq.put(messages(...Array.from({ length: 100 }, (_, j) => i + j)));
      for (let i = 0; i < 5000; i += 7) {
        const taken = pq.take(7);
        expect(taken[0]?.queueOffset).toBe(i);
        expect(pq.commitTaken()).toBe(Math.min(i + 7, 5000));
      }
    });
  });
});

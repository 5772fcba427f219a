import { decodeAck, encodeAck, encodeBatchAck } from './ack-record.ts';
import { ackOffset, decodeCheckPoint, encodeCheckPoint, indexOfAck, mergeKey } from './check-point.ts';

// As fastjson of RocketMQ 5.5.0 writes them.
const CHECK_POINT =
  '{"bm":0,"bn":"b","c":"G","d":[0,2],"it":60000,"n":2,"pt":1700000000000,"q":3,"reviveTime":1700000060000,' +
  '"ro":0,"so":5,"sp":false,"t":"T"}';
const RE_PUT = CHECK_POINT.replace('"so"', '"rp":"2","so"');
const ACK = '{"ao":7,"bn":"b","c":"G","pt":1700000000000,"q":3,"so":5,"t":"T"}';
const BATCH_ACK = '{"ao":-1,"aol":[7],"c":"G","pt":1700000000000,"q":3,"so":5,"t":"T"}';

const identity = { topic: 'T', group: 'G', queueId: 3, startOffset: 5, popTime: 1_700_000_000_000 };
const point = {
  ...identity,
  invisibleTime: 60_000,
  num: 2,
  diffs: [0, 2],
  brokerName: 'b',
  rePutTimes: 0,
  suspend: false,
};
const ack = { ...identity, brokerName: 'b', offsets: [7] };

it('writes check points as RocketMQ does, and reads its own', () => {
  expect(encodeCheckPoint(point).toString()).toBe(CHECK_POINT);
  expect(encodeCheckPoint({ ...point, rePutTimes: 2 }).toString()).toBe(RE_PUT);
  expect(decodeCheckPoint(Buffer.from(CHECK_POINT))).toEqual(point);
  expect(decodeCheckPoint(Buffer.from(RE_PUT))?.rePutTimes).toBe(2);
});

it('reads check points of old brokers, whose messages follow each other', () => {
  const old = decodeCheckPoint(Buffer.from('{"c":"G","n":3,"so":5,"t":"T","pt":1,"it":2,"q":0}'));
  if (!old) throw new Error('not read');
  expect([4, 5, 7, 8].map((offset) => indexOfAck(old, offset))).toEqual([-1, 0, 2, -1]);
  expect(ackOffset(old, 2)).toBe(7);
  expect(mergeKey(old, 'own')).toBe('T@G@0@5@1@own');
});

it('finds the message of an acknowledgement', () => {
  expect([4, 5, 6, 7].map((offset) => indexOfAck(point, offset))).toEqual([-1, 0, -1, 1]);
  expect([0, 1].map((index) => ackOffset(point, index))).toEqual([5, 7]);
});

it('writes acknowledgements as RocketMQ does, and reads its own', () => {
  expect(encodeAck(ack, 7).toString()).toBe(ACK);
  expect(encodeBatchAck({ ...ack, brokerName: undefined }).toString()).toBe(BATCH_ACK);
  expect(decodeAck(Buffer.from(ACK))).toEqual(ack);
  expect(decodeAck(Buffer.from(BATCH_ACK))).toEqual({ ...ack, brokerName: undefined });
  const long =
    '{"ackOffset":7,"consumerGroup":"G","popTime":1700000000000,"queueId":3,"startOffset":5,"topic":"T"}';
  expect(decodeAck(Buffer.from(long))).toEqual({ ...ack, brokerName: undefined });
});

it.each(['', 'x', '[]', '{}', '{"t":1,"c":2}', '2-15'])('passes over what is no record: %s', (text) => {
  expect(decodeCheckPoint(Buffer.from(text))).toBeUndefined();
  expect(decodeAck(Buffer.from(text))).toBeUndefined();
});

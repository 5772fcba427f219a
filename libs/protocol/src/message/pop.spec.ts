import { describe, expect, it } from '@jest/globals';
import { BatchAckMessageRequestBody } from '../bodies/batch-ack.ts';
import { QueryAssignmentResponseBody } from '../bodies/message-request-mode.ts';
import {
  formatPopExtraInfo,
  parsePopExtraInfo,
  parsePopNumbers,
  parsePopOffsets,
  popNumberInfo,
  popOffsetsInfo,
} from './pop-extra-info.ts';
import { popNormalTopic, popRetryOf, popRetryTopicV1, popRetryTopicV2, popTopicOf } from './pop-topics.ts';

describe('the receipt of a popped message', () => {
  const text = '5 1700000000000 60000 3 1 broker-a 2 7';

  it('is read and written as ExtraInfoUtil does', () => {
    const info = parsePopExtraInfo(text);
    expect(info).toEqual({
      startOffset: 5,
      popTime: 1_700_000_000_000,
      invisibleTime: 60_000,
      reviveQueueId: 3,
      retry: '1',
      brokerName: 'broker-a',
      queueId: 2,
      queueOffset: 7,
    });
    expect(formatPopExtraInfo(info)).toBe(text);
  });

  it('may lack the offset, and nothing else', () => {
    const old = text.slice(0, -2);
    expect(formatPopExtraInfo(parsePopExtraInfo(old))).toBe(old);
    expect(() => parsePopExtraInfo('5 1 2 3 0 b')).toThrow('extraInfo');
    expect(() => parsePopExtraInfo('x 1 2 3 0 b 0 0')).toThrow('extraInfo');
  });
});

it('reads the offsets of a pop by retry marker and queue', () => {
  const starts = [popNumberInfo('0', 3, 17), popNumberInfo('1', 0, 2)].join(';');
  expect(parsePopNumbers(starts)).toEqual(
    new Map([
      ['0@3', 17],
      ['1@0', 2],
    ]),
  );
  expect(parsePopOffsets(popOffsetsInfo('0', 3, [17, 19]))).toEqual(new Map([['0@3', [17, 19]]]));
  expect(parsePopOffsets(undefined).size).toBe(0);
  expect(() => parsePopNumbers('0 3')).toThrow('three parts');
});

it('names POP retry topics as KeyBuilder does', () => {
  expect(popRetryTopicV1('T', 'G')).toBe('%RETRY%G_T');
  expect(popRetryTopicV2('T', 'G')).toBe('%RETRY%G+T');
  expect(['T', '%RETRY%G_T', '%RETRY%G+T'].map(popRetryOf)).toEqual(['0', '1', '2']);
  expect(['0', '1', '2', '3'].map((retry) => popTopicOf('T', 'G', retry))).toEqual([
    'T',
    '%RETRY%G_T',
    '%RETRY%G+T',
    undefined,
  ]);
  expect(['T', '%RETRY%G_T', '%RETRY%G+T', '%RETRY%G'].map((topic) => popNormalTopic(topic, 'G'))).toEqual([
    'T',
    'T',
    'T',
    '%RETRY%G',
  ]);
});

describe('a batch of acknowledgements', () => {
  const ack = { b: [0, 2, 9], c: 'G', it: 60_000, pt: 1, q: 3, r: '0', rq: 5, so: 7, t: 'T' };

  it('carries the messages as the bytes of a BitSet in base64', () => {
    const bytes = BatchAckMessageRequestBody.encode({ brokerName: 'b', acks: [ack] });
    expect(bytes.toString()).toContain('"b":"BQI="');
    expect(BatchAckMessageRequestBody.decode(bytes).acks).toEqual([ack]);
  });

  it('may use the long names', () => {
    const long =
      '{"acks":[{"bitSet":"BQI=","consumerGroup":"G","invisibleTime":60000,"popTime":1,"queueId":3,' +
      '"retry":"0","reviveQueueId":5,"startOffset":7,"topic":"T"}]}';
    expect(BatchAckMessageRequestBody.decode(Buffer.from(long)).acks).toEqual([ack]);
  });

  it('is refused when its set of bits is out of bounds', () => {
    const body = Buffer.from(`{"acks":[{"b":"${'A'.repeat(20_000)}"}]}`);
    expect(() => BatchAckMessageRequestBody.decode(body)).toThrow('not a set of bits');
  });
});

it('tells an assignment that is unknown from an empty one', () => {
  const decode = (text: string): unknown =>
    QueryAssignmentResponseBody.decode(Buffer.from(text)).messageQueueAssignments;
  expect(decode('{}')).toBeUndefined();
  expect(decode('{"messageQueueAssignments":[]}')).toEqual([]);
  const queue = { topic: 'T', brokerName: 'b', queueId: -1 };
  expect(
    decode(`{"messageQueueAssignments":[{"messageQueue":${JSON.stringify(queue)},"mode":"POP"}]}`),
  ).toEqual([{ messageQueue: queue, mode: 'POP' }]);
});

import { describe, expect, it } from '@jest/globals';
import { ResetOffsetBody, ResetOffsetBodyForC } from '@nest-rocketmq/protocol';
import { decodeResetOffsets } from './reset-offset.ts';

describe('the offsets of a reset', () => {
  const queue = { topic: 'T', brokerName: 'a', queueId: 3 };

  it('are read from a map of queues, and from the list for C++ clients', () => {
    const expected = [{ queue, value: 7 }];
    expect(decodeResetOffsets(ResetOffsetBody.encode({ offsetTable: expected }))).toEqual(expected);
    const list = ResetOffsetBodyForC.encode({ offsetTable: [{ ...queue, offset: 7 }] });
    expect(decodeResetOffsets(list)).toEqual(expected);
  });

  it('are an error when they are neither', () => {
    for (const body of ['{', '{"offsetTable":5}', '[1]'])
      expect(() => decodeResetOffsets(Buffer.from(body))).toThrow('JSON');
  });
});

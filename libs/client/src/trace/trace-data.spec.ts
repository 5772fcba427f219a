import { describe, expect, it } from '@jest/globals';
import { decodeTrace, encodeTrace, traceKeys, type TraceRecord } from './trace-data.ts';

const pub: TraceRecord = {
  type: 'Pub',
  timeStamp: 1,
  regionId: 'DefaultRegion',
  groupName: 'g',
  topic: 'T',
  msgId: 'M',
  tags: undefined,
  keys: 'k1 k2',
  storeHost: '127.0.0.1:10911',
  bodyLength: 5,
  costTime: 7,
  msgType: 'Delay_Msg',
  offsetMsgId: 'O',
  success: true,
};
const records: TraceRecord[] = [
  pub,
  {
    type: 'SubBefore',
    timeStamp: 1,
    regionId: 'r',
    groupName: 'g',
    requestId: 'R',
    msgId: 'M',
    retryTimes: 2,
    keys: undefined,
  },
  {
    type: 'SubAfter',
    requestId: 'R',
    msgId: 'M',
    costTime: 3,
    success: false,
    keys: 'k',
    contextCode: 4,
    timeStamp: 9,
    groupName: 'g',
  },
  {
    type: 'EndTransaction',
    timeStamp: 1,
    regionId: 'r',
    groupName: 'g',
    topic: 'T',
    msgId: 'M',
    tags: 't',
    keys: 'k',
    storeHost: 'h:1',
    msgType: 'Trans_msg_Commit',
    transactionId: 'X',
    transactionState: 'COMMIT_MESSAGE',
    fromTransactionCheck: true,
  },
  { type: 'Recall', timeStamp: 1, regionId: 'r', groupName: 'g', topic: 'T', msgId: 'M', success: true },
];

const line = (...fields: unknown[]): string => `${fields.join('\u0001')}\u0002`;

describe('the records of a trace', () => {
  it('are written as TraceDataEncoder does, with the text null for what is missing', () => {
    expect(records.map(encodeTrace)).toEqual([
      line('Pub', 1, 'DefaultRegion', 'g', 'T', 'M', 'null', 'k1 k2', '127.0.0.1:10911', 5, 7, 3, 'O', true),
      line('SubBefore', 1, 'r', 'g', 'R', 'M', 2, 'null'),
      line('SubAfter', 'R', 'M', 3, false, 'k', 4, 9, 'g'),
      line('EndTransaction', 1, 'r', 'g', 'T', 'M', 't', 'k', 'h:1', 2, 'X', 'COMMIT_MESSAGE', true),
      line('Recall', 1, 'r', 'g', 'T', 'M', true),
    ]);
  });

  it('are read as they were written', () => {
    expect(decodeTrace(records.map(encodeTrace).join(''))).toEqual(records);
  });

  it('of old clients are read', () => {
    const head = ['Pub', 1, 'r', 'g', 'T', 'M', 't', 'k', 'h', 5, 7, 0];
    expect(decodeTrace(line(...head))).toMatchObject([{ offsetMsgId: '', success: false }]);
    expect(decodeTrace(line(...head, true))).toMatchObject([{ offsetMsgId: '', success: true }]);
    expect(decodeTrace(line(...head, 'O', true, 'client'))).toMatchObject([
      { offsetMsgId: 'O', success: true },
    ]);
    expect(decodeTrace(line('SubAfter', 'R', 'M', 3, true, 'k'))).toMatchObject([{ contextCode: 0 }]);
  });

  it('of unknown kinds are left out, broken ones are an error', () => {
    expect(decodeTrace(line('New', 1) + encodeTrace(pub))).toEqual([pub]);
    for (const bad of [line('Pub', 1), line('Pub', 'x', 'r'), line('Recall', 1, 'r', 'g', 'T', 'M')])
      expect(() => decodeTrace(bad)).toThrow('is broken');
    const head = ['Pub', 1, 'r', 'g', 'T', 'M', 't', 'k', 'h', 5, 7];
    expect(() => decodeTrace(line(...head, 9, 'O', true))).toThrow('no message type 9');
  });

  it('are found by the id of the message and its keys', () => {
    expect(records.map(traceKeys)).toEqual([['M', 'k1', 'k2'], ['M'], ['M', 'k'], ['M', 'k'], ['M']]);
  });

  it('stay in one piece whatever a field contains', () => {
    const odd = { ...pub, tags: 'a\u0001b\u0002c' };
    expect(decodeTrace(encodeTrace(odd))).toEqual([{ ...pub, tags: 'a b c' }]);
  });
});

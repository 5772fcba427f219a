import { describe, expect, it } from '@jest/globals';
import type { OutboxRecord } from '@nest-rocketmq/consumer-log';
import { FAIL_SENDS, FailingTransport } from './failing-transport.ts';

const record = (sendTimes: number, properties?: Record<string, string>) =>
  ({ id: `${sendTimes}`, sendTimes, fields: properties === undefined ? {} : { properties } }) as OutboxRecord;

describe('a transport that can be made to fail', () => {
  it('fails what is marked, so often as that says, and sends everything else', async () => {
    const sent: OutboxRecord[] = [];
    const transport = new FailingTransport({ send: async (message) => void sent.push(message) });
    const marked = { [FAIL_SENDS]: '2' };
    for (const times of [0, 1])
      await expect(transport.send(record(times, marked))).rejects.toThrow('A failure switch');
    expect(sent).toEqual([]);
    const passed = [record(2, marked), record(0), record(0, { other: '1' })];
    for (const message of passed) await transport.send(message);
    expect(sent).toEqual(passed);
  });
});

import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '@nest-rocketmq/runtime';
import fc from 'fast-check';
import * as protocol from './index.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fffffff);
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1000);

const host = protocol.encodeHost('10.0.0.1', 10911);
const properties = new Map([['TAGS', 'a']]);
const heartbeat =
  '{"clientID":"c","consumerDataSet":[{"groupName":"G","subscriptionDataSet":[{"topic":"T","codeSet":[97]}]}]}';
const reset = '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:7,"a":{"$ref":"$.offsetTable"}}}';

// Each with something it decodes, to be damaged.
const decoders: [name: string, good: Buffer, decode: (bytes: Buffer) => unknown][] = [
  [
    'decodeFrame',
    protocol.encodeCommand(protocol.RemotingCommand.request(34, properties, Buffer.from('x'))),
    (bytes) => protocol.decodeFrame(bytes),
  ],
  [
    'decodeBatch',
    protocol.encodeBatch([{ body: Buffer.from('b'), properties }]),
    (bytes) => protocol.decodeBatch(bytes),
  ],
  [
    'decodeRecords',
    protocol.encodeRecord({ topic: 'T', body: Buffer.from('b'), bornHost: host, storeHost: host }),
    (bytes) =>
      protocol.decodeRecords(bytes).map((record) => [record.topic, record.properties, record.bornHost]),
  ],
  ['decodeProperties', protocol.encodeProperties(properties), (bytes) => protocol.decodeProperties(bytes)],
  [
    'parseProperties',
    Buffer.from('a=b\nc\\u8ba2 : d\\\n e'),
    (bytes) => protocol.parseProperties(bytes.toString()),
  ],
  ['parseJson', Buffer.from(reset), (bytes) => protocol.parseJson(bytes)],
  ['HeartbeatData', Buffer.from(heartbeat), (bytes) => protocol.HeartbeatData.decode(bytes)],
  ['ResetOffsetBody', Buffer.from(reset), (bytes) => protocol.ResetOffsetBody.decode(bytes)],
];

const edit = fc.tuple(
  fc.nat(),
  fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x7b, 0x5b, 0x22, 0x5c)),
  fc.boolean(),
);

function damage(good: Buffer, edits: [at: number, byte: number, insert: boolean][], keep: number): Buffer {
  let bytes = good;
  for (const [at, byte, insert] of edits) {
    const i = at % bytes.length;
    bytes = Buffer.concat([bytes.subarray(0, i), Buffer.from([byte]), bytes.subarray(insert ? i : i + 1)]);
  }
  return bytes.subarray(0, Math.max(0, bytes.length - keep));
}

describe('damaged input', () => {
  it.each(decoders)(
    `to %s is read or refused with an error of ours (seed ${seed})`,
    (_name, good, decode) => {
      const unexpected: unknown[] = [];
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), fc.nat(3), (edits, cut) => {
          try {
            decode(damage(good, edits, cut));
          } catch (error) {
            if (!(error instanceof RocketMQError)) unexpected.push(error);
          }
        }),
        { seed, numRuns },
      );
      expect(unexpected).toEqual([]);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SerializeType } from '../codes/serialize-type.ts';
import { decodeFrame } from './decode-frame.ts';
import { encodeCommand } from './encode-command.ts';
import { RemotingCommand } from './remoting-command.ts';

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' }));
const command = fc
  .record({
    code: fc.integer({ min: -0x8000, max: 0x7fff }),
    flag: int32,
    opaque: int32,
    version: fc.nat(0x7fff),
    remark: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    fields: fc.array(fc.tuple(text, text)),
    body: fc.uint8Array(),
    serializeType: fc.constantFrom(SerializeType.JSON, SerializeType.ROCKETMQ),
  })
  .map((value) => {
    const made = RemotingCommand.request(value.code, new Map(value.fields), Buffer.from(value.body));
    const { flag, opaque, version, remark, serializeType } = value;
    return Object.assign(made, { flag, opaque, version, remark, serializeType });
  });

describe('encodeCommand', () => {
  it('writes what decodeFrame reads, in both forms', () => {
    fc.assert(
      fc.property(command, (written) => {
        expect(decodeFrame(encodeCommand(written))).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it('writes the members in the order of fastjson, and only those there are', () => {
    const bare = RemotingCommand.request(34);
    expect(encodeCommand(bare).toString('utf8', 8)).toBe(
      '{"code":34,"flag":0,"language":"OTHER","opaque":0,"serializeTypeCurrentRPC":"JSON","version":479}',
    );
    const full = RemotingCommand.response(
      { opaque: 7, serializeType: 0 },
      1,
      'why',
      new Map([['k', 'a\u0001"\u8ba2']]),
    );
    expect(encodeCommand(full).toString('utf8', 8)).toBe(
      '{"code":1,"extFields":{"k":"a\\u0001\\"\u8ba2"},"flag":1,"language":"OTHER","opaque":7,"remark":"why","serializeTypeCurrentRPC":"JSON","version":479}',
    );
  });

  it('writes a code beyond 16 bits as JSON, since the binary header would cut it', () => {
    const pop = Object.assign(RemotingCommand.request(200050), { serializeType: SerializeType.ROCKETMQ });
    const frame = encodeCommand(pop);
    expect(frame[4]).toBe(SerializeType.JSON);
    expect(decodeFrame(frame).code).toBe(200050);
  });

  it('refuses what its length fields can not say', () => {
    const longKey = RemotingCommand.request(1, new Map([['k'.repeat(0x8000), '']]));
    longKey.serializeType = SerializeType.ROCKETMQ;
    expect(() => encodeCommand(longKey)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    const longValue = RemotingCommand.request(1, new Map([['k', 'v'.repeat(0x1000000)]]));
    expect(() => encodeCommand(longValue)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('decodeFrame', () => {
  const frame = encodeCommand(RemotingCommand.request(34, new Map([['k', 'v']]), Buffer.from('body')));

  it('gives the body without copying it', () => {
    const { body } = decodeFrame(frame);
    expect(body.toString()).toBe('body');
    expect(body.buffer).toBe(frame.buffer);
  });

  it.each([
    ['the length word', 0, 1],
    ['the length word', 0, -1],
    ['the length of the header', 4, 0xffff],
    ['the length of the header', 4, 2],
    ['the serialize type', 4, 0x02000010],
  ])('refuses a frame when %s is wrong', (_what, at, value) => {
    const bad = Buffer.from(frame);
    bad.writeInt32BE(value, at);
    expect(() => decodeFrame(bad)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });

  it('refuses what is shorter than a frame', () => {
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeFrame(frame.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL' }),
      );
    }
  });
});

describe('RemotingCommand', () => {
  it('answers with the opaque and the form of its request', () => {
    const request = Object.assign(RemotingCommand.request(11), {
      opaque: 42,
      serializeType: SerializeType.ROCKETMQ,
    });
    const response = RemotingCommand.response(request, 19, 'none');
    expect(response).toMatchObject({
      code: 19,
      opaque: 42,
      serializeType: 1,
      remark: 'none',
      isResponse: true,
      isOneway: false,
    });
    expect([request.isResponse, request.markOneway().isOneway, request.flag]).toEqual([false, true, 2]);
  });

  it('does not share maps between commands', () => {
    RemotingCommand.request(1).extFields.set('a', 'b');
    expect(RemotingCommand.request(1).get('a')).toBeUndefined();
  });
});

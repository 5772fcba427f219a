import fc from 'fast-check';
import { decodeFrame, encodeHost, offsetMessageId } from '@nest-rocketmq/protocol';
import { decimalLength, writeDecimal, writeHex64 } from './digits.ts';
import { REPLY_SLOT_BYTES } from './reply-gate.ts';
import { SendReplyTemplate } from './send-reply.ts';

describe('the digits', () => {
  it('are those of the number', () => {
    const numbers = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer(),
      fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31, 1e9, Number.MAX_SAFE_INTEGER),
    );
    fc.assert(
      fc.property(numbers, (number) => {
        const target = Buffer.alloc(32, '.');
        const text = String(number);
        expect(decimalLength(number)).toBe(text.length);
        writeDecimal(target, 3 + text.length, number);
        expect(target.toString('latin1', 0, 5 + text.length)).toBe(`...${text}..`);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        const target = Buffer.alloc(32);
        expect(writeHex64(target, 1, number)).toBe(17);
        expect(target.toString('latin1', 1, 17)).toBe(number.toString(16).toUpperCase().padStart(16, '0'));
      }),
    );
  });
});

describe('the template of an answer', () => {
  const host = encodeHost('127.0.0.1', 10911);
  const template = new SendReplyTemplate({
    regionId: 'a "region"',
    traceOn: true,
    messageIdPrefix: host.toString('hex').toUpperCase(),
  });

  function compose(opaque: number, queueId: number, queueOffset: number, physicalOffset: number, id: string) {
    const target = Buffer.alloc(3 + REPLY_SLOT_BYTES);
    const bytes = Buffer.from(`<${id}>`);
    const length = template.compose(
      target,
      3,
      opaque,
      queueId,
      queueOffset,
      physicalOffset,
      bytes,
      1,
      bytes.length - 1,
    );
    return length < 0 ? undefined : target.subarray(3, 3 + length);
  }

  it('makes the frame the encoder would make', () => {
    const opaques = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        opaques,
        fc.nat(),
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.string({ maxLength: 120 }),
        (opaque, queueId, queueOffset, physicalOffset, id) => {
          const frame = compose(opaque, queueId, queueOffset, physicalOffset, id);
          expect(frame === undefined).toBe(/["\\]|[^ -~]/.test(id));
          if (!frame) return;
          const reply = decodeFrame(frame);
          expect([reply.code, reply.opaque, reply.flag, reply.body.length]).toEqual([0, opaque, 1, 0]);
          expect(Object.fromEntries(reply.extFields)).toEqual({
            MSG_REGION: 'a "region"',
            TRACE_ON: 'true',
            msgId: offsetMessageId(host, physicalOffset),
            queueId: String(queueId),
            queueOffset: String(queueOffset),
            transactionId: id,
          });
        },
      ),
    );
  });

  it('refuses an id that does not fit its slot', () => {
    expect(compose(1, 1, 1, 1, 'x'.repeat(REPLY_SLOT_BYTES))).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import v8 from 'node:v8';
import vm from 'node:vm';
import { HeaderShapes } from './header-shapes.ts';
import { createSlots, resetSlots } from './header-slots.ts';
import { HeaderView } from './header-view.ts';
import { scanJsonHeader } from './json-header-scanner.ts';
import { RecentTexts } from './recent-texts.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fffffff);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1000);

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/** As a send of Java's client. */
function sendHeader(opaque: number | string, properties: string, queueId = '3'): string {
  return `{"code":310,"extFields":{"a":"group","b":"TopicTest","e":"${queueId}","i":"${properties}","j":7,"m":true},"flag":0,"language":"JAVA","opaque":${opaque},"remark":"r","serializeTypeCurrentRPC":"JSON","version":409}`;
}

const KNOWN = sendHeader(1234, 'KEYS\\u0001abc\\u0002');

/** Shapes that have learnt {@link KNOWN} at another place of a buffer than where the tests look. */
function learnt(): HeaderShapes {
  const shapes = new HeaderShapes(new RecentTexts());
  learn(shapes, KNOWN);
  return shapes;
}

function learn(shapes: HeaderShapes, header: string): void {
  const bytes = Buffer.from(`${'.'.repeat(50)}${header}`);
  const slots = createSlots(new RecentTexts());
  resetSlots(slots, bytes);
  expect(scanJsonHeader(slots, bytes, 50, bytes.length)).toBe(true);
  shapes.learn(slots, bytes, 50, bytes.length);
}

function matches(shapes: HeaderShapes, header: string): boolean {
  const bytes = Buffer.from(`..${header}..`);
  return shapes.match(bytes, 2, bytes.length - 2) !== undefined;
}

/** All that a view tells of a header, or undefined when it refuses it. */
function told(view: HeaderView, bytes: Buffer, start: number, end: number): unknown {
  if (!view.parse(bytes, 0, start, end)) return undefined;
  const command = view.toCommand(Buffer.alloc(0));
  const scratch = Buffer.alloc(4096);
  const copies = [...command.extFields.keys()].map((key) => {
    const length = view.copyTo(key, scratch, 0);
    return [key, view.get(key), scratch.toString('hex', 0, length)];
  });
  const { code, flag, opaque, version, language, remark } = command;
  return { code, flag, opaque, version, language, remark, fields: [...command.extFields], copies };
}

describe('a header of a known shape', () => {
  it('is read where it lies', () => {
    const view = new HeaderView();
    const first = Buffer.from(KNOWN);
    expect(view.parse(first, 0, 0, first.length)).toBe(true);
    first.fill(0x62);
    const second = Buffer.from(`....${sendHeader(9876, 'KEYS\\u0001xyz\\u0002', '5')}..`);
    expect(view.parse(second, 0, 4, second.length - 2)).toBe(true);
    expect(view).toMatchObject({ code: 310, opaque: 9876, version: 409, language: 'JAVA', remark: 'r' });
    expect(['a', 'b', 'e', 'i', 'j', 'm', 'x'].map((key) => view.get(key))).toEqual([
      'group',
      'TopicTest',
      '5',
      'KEYS\u0001xyz\u0002',
      '7',
      'true',
      undefined,
    ]);
  });

  it.each([
    ['other digits and letters in its values', sendHeader(9999, 'KEYS\\u0001###\\u0002', '0')],
    ['another name within a value', sendHeader(1234, 'TAGS\\u0001abc\\u0002')],
  ])('may have %s', (_, header) => {
    expect(matches(learnt(), header)).toBe(true);
  });

  it.each([
    ['a value that ends before', sendHeader(1234, 'KEYS\\u0001a"c\\u0002')],
    ['an escape more', sendHeader(1234, 'KE\\nu0001abc\\u0002')],
    ['another escape', sendHeader(1234, 'KEYS\\u0003abc\\u0002')],
    ['a control character', sendHeader(1234, 'KEYS\\u0001a\u0001c\\u0002')],
    ['a byte beyond ASCII', sendHeader(1234, 'KEYS\\u0001aé\\u0002')],
    ['another name of a field', KNOWN.replace('"e"', '"f"')],
    ['another code', KNOWN.replace('310', '311')],
    ['another language', KNOWN.replace('JAVA', 'RUST')],
    ['another number as a value', KNOWN.replace(':7', ':8')],
    ['an opaque that is none', sendHeader('0234', 'KEYS\\u0001abc\\u0002')],
    ['a shorter opaque and a blank', sendHeader('234 ', 'KEYS\\u0001abc\\u0002')],
    ['another end', `${KNOWN.slice(0, -1)}]`],
    ['another length', sendHeader(12345, 'KEYS\\u0001abc\\u0002')],
  ])('has not %s', (_, header) => {
    expect(matches(learnt(), header)).toBe(false);
  });

  it('may have a negative opaque', () => {
    const view = new HeaderView();
    for (const opaque of [1234, -123, 5678]) {
      const bytes = Buffer.from(sendHeader(opaque, ''));
      expect(view.parse(bytes, 0, 0, bytes.length)).toBe(true);
      expect(view.opaque).toBe(opaque);
    }
  });

  it('gives its place to another that comes instead of it', () => {
    const shapes = learnt();
    const other = KNOWN.replace('JAVA', 'RUST');
    for (let i = 0; i < 3; i++) learn(shapes, other);
    expect([matches(shapes, other), matches(shapes, KNOWN)]).toEqual([false, true]);
    for (let i = 0; i < 4; i++) learn(shapes, other);
    expect([matches(shapes, other), matches(shapes, KNOWN)]).toEqual([true, false]);
  });

  it('keeps no buffer but that of the last', () => {
    const view = new HeaderView();
    const buffers: WeakRef<ArrayBufferLike>[] = [];
    // In a function of its own, whose variables are gone then.
    const parse = (opaque: number): void => {
      const header = Buffer.from(sendHeader(opaque, ''));
      const frame = Buffer.allocUnsafeSlow(1024 * 1024);
      header.copy(frame);
      expect(view.parse(frame, 0, 0, header.length)).toBe(true);
      buffers.push(new WeakRef(frame.buffer));
    };
    for (const opaque of [1, 2, 11, 12, 111, 1111, 1]) parse(opaque);
    // A WeakRef holds its target until the end of the turn it was made in.
    return new Promise((resolve) => setImmediate(resolve)).then(() => {
      collectGarbage();
      expect(buffers.map((each) => each.deref() !== undefined)).toEqual([
        ...Array.from({ length: 6 }, () => false),
        true,
      ]);
    });
  });

  it('is not remembered when it is long', () => {
    const shapes = new HeaderShapes(new RecentTexts());
    const long = sendHeader(1, 'x'.repeat(1024));
    learn(shapes, long);
    expect(matches(shapes, long)).toBe(false);
  });
});

it(`a view tells the same of headers of known shapes as one that knows none (seed ${seed})`, () => {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[A-Z0-9]{8,24}$/) },
    fc.string({
      unit: fc.constantFrom('\u0001', '"', '\\', 'a', '/', '\ud83d\ude00', '\u00e9'),
      maxLength: 6,
    }),
    fc.integer(),
    fc.boolean(),
  );
  const header = fc.record(
    {
      code: fc.integer({ min: 0, max: 400 }),
      extFields: fc.dictionary(fc.stringMatching(/^[a-m_]{1,2}$/), value, { minKeys: 2, maxKeys: 8 }),
      flag: fc.nat(3),
      language: fc.constantFrom('JAVA', 'RUST'),
      opaque: fc.integer(),
      remark: fc.constantFrom('', 'busy'),
      version: fc.nat(500),
    },
    { requiredKeys: ['code', 'opaque'] },
  );
  // Bytes are replaced in place, so that the length, by which shapes are found, stays.
  const edits = fc.array(
    fc.record({
      at: fc.nat(),
      byte: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0x41, max: 0x5a }) },
        fc.integer({ min: 0x30, max: 0x39 }),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x3a, 0x2d, 0x30, 0x75),
      ),
    }),
    { maxLength: 2 },
  );
  let known = 0;
  fc.assert(
    fc.property(header, fc.array(fc.tuple(edits, fc.nat(9)), { maxLength: 6 }), (first, variants) => {
      const original = Buffer.from(JSON.stringify(first));
      const view = new HeaderView();
      const shapes = new HeaderShapes(new RecentTexts());
      const slots = createSlots(new RecentTexts());
      resetSlots(slots, original);
      if (scanJsonHeader(slots, original, 0, original.length))
        shapes.learn(slots, original, 0, original.length);
      for (const [changes, before] of [[[], 0] as const, ...variants]) {
        const bytes = Buffer.concat([Buffer.alloc(before, 0x22), original]);
        for (const { at, byte } of changes) bytes[before + (at % original.length)] = byte;
        if (shapes.match(bytes, before, bytes.length) && !bytes.subarray(before).equals(original)) known++;
        const fresh = told(new HeaderView(), bytes, before, bytes.length);
        expect(told(view, bytes, before, bytes.length)).toEqual(fresh);
      }
    }),
    { seed, numRuns: RUNS },
  );
  // The comparison means nothing when no shape is ever known.
  expect(known).toBeGreaterThan(RUNS / 20);
});

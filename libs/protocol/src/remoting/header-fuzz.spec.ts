import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSlots, resetSlots, type HeaderSlots } from './header-slots.ts';
import { HeaderView } from './header-view.ts';
import { parseJsonHeader } from './json-header.ts';
import { scanJsonHeader } from './json-header-scanner.ts';
import { RecentTexts } from './recent-texts.ts';

// The seed is printed by fast-check when a run fails, and can be set to repeat it.
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fffffff);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 3000);

type Reader = (slots: HeaderSlots, buffer: Buffer, start: number, end: number) => boolean;

/** All a reader makes of the bytes, or undefined when it refuses them. */
function outcome(read: Reader, bytes: Buffer): unknown {
  const into = createSlots(new RecentTexts());
  resetSlots(into, bytes);
  if (!read(into, bytes, 0, bytes.length)) return undefined;
  const { fields, text } = into;
  const scratch = Buffer.alloc(bytes.length * 3 + 16);
  const map = new Map<string, [text: string, bytes: string]>();
  for (let i = 0; i < fields.count; i++) {
    const length = fields.copy(i, 'x', scratch, 0);
    map.set(fields.key(i), [fields.text(i), scratch.toString('hex', 0, length)]);
  }
  const language = text.toString('utf8', into.languageStart, into.languageEnd);
  const { code, flag, opaque, version } = into;
  return {
    code,
    flag,
    opaque,
    version,
    language,
    remark: remarkOf(bytes, read),
    fields: Object.fromEntries(map),
  };
}

function remarkOf(bytes: Buffer, read: Reader): string | undefined {
  // The view of the public face shows the remark; the slots only say where it lies.
  if (read === parseJsonHeader) {
    const { remark } = JSON.parse(bytes.toString()) as { remark?: string | number | boolean | null };
    return remark === undefined || remark === null ? undefined : Buffer.from(String(remark)).toString();
  }
  const view = new HeaderView();
  return view.parse(bytes, 0, 0, bytes.length) ? view.remark : undefined;
}

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('\u0001', '\u0002', '"', '\\', 'a', '/', '\ud83d', '\ude00', '\u2028', '\u00e9'),
  }),
);
const key = fc.oneof(
  { weight: 30, arbitrary: fc.stringMatching(/^[A-Za-z_]{1,3}$/) },
  fc.constantFrom('a', 'b', 'e', 'i', 'topic', 'queueId', 'queueOffset', '__proto__'),
  fc.string(),
);
const fieldValue = fc.oneof(
  { weight: 60, arbitrary: text },
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
);
const number = fc.oneof(
  { weight: 60, arbitrary: fc.integer() },
  fc.double(),
  fc.string(),
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
);
const header = fc.record(
  {
    code: number,
    flag: number,
    opaque: number,
    version: number,
    language: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('JAVA', 'GO') }, text),
    remark: fc.oneof(text, fc.constant(null)),
    extFields: fc.oneof(
      { weight: 9, arbitrary: fc.dictionary(key, fieldValue, { maxKeys: 70 }) },
      fc.constant(null),
    ),
    serializeTypeCurrentRPC: fc.constant('JSON'),
    unknown: fc.oneof({ weight: 9, arbitrary: text }, fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const json = fc
  .tuple(header, fc.constantFrom(undefined, undefined, undefined, 1), fc.boolean())
  .map(([value, indent, escape]) => {
    const written = JSON.stringify(value, undefined, indent);
    // Some writers escape all that is not ASCII.
    return escape
      ? written.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : written;
  });

const edit = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'insert', 'remove', 'truncate'),
  byte: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x3a, 0x2d, 0x30, 0x75, 0x6e),
  ),
});

function mutate(bytes: Buffer, edits: { at: number; kind: string; byte: number }[]): Buffer {
  let result = bytes;
  for (const { at, kind, byte } of edits) {
    const i = at % (result.length + 1);
    const tail = kind === 'insert' ? i : i + 1;
    if (kind === 'truncate') result = result.subarray(0, i);
    else
      result = Buffer.concat([
        result.subarray(0, i),
        kind === 'remove' ? Buffer.alloc(0) : Buffer.from([byte]),
        result.subarray(tail),
      ]);
  }
  return result;
}

/** Whether the scanner took the bytes; fails when JSON.parse reads them otherwise. */
function agree(bytes: Buffer): boolean {
  const scanned = outcome(scanJsonHeader, bytes);
  if (scanned === undefined) return false;
  expect(outcome(parseJsonHeader, bytes)).toEqual(scanned);
  return true;
}

const parameters = { seed, numRuns: RUNS };

it(`what the scanner reads, JSON.parse reads alike (seed ${seed})`, () => {
  let scanned = 0;
  fc.assert(
    fc.property(json, (written) => {
      if (agree(Buffer.from(written))) scanned++;
    }),
    parameters,
  );
  // The comparison means nothing when the scanner leaves everything to JSON.parse.
  expect(scanned).toBeGreaterThan(RUNS / 10);
});

it(`headers as clients write them are the scanner's (seed ${seed})`, () => {
  const usual = fc.record({
    code: fc.integer(),
    extFields: fc.dictionary(fc.stringMatching(/^[A-Za-z_]{1,20}$/), text, { maxKeys: 64 }),
    flag: fc.integer(),
    language: fc.constantFrom('JAVA', 'GO', 'CPP'),
    opaque: fc.integer(),
    remark: text,
    serializeTypeCurrentRPC: fc.constant('JSON'),
    version: fc.nat(),
  });
  let scanned = 0;
  fc.assert(
    fc.property(usual, (value) => {
      if (agree(Buffer.from(JSON.stringify(value)))) scanned++;
    }),
    parameters,
  );
  expect(scanned).toBe(RUNS);
});

it(`damaged headers are read alike or refused, and never end badly (seed ${seed})`, () => {
  const view = new HeaderView();
  let scanned = 0;
  let binary = 0;
  fc.assert(
    fc.property(json, fc.array(edit, { minLength: 1, maxLength: 4 }), (written, edits) => {
      const bytes = mutate(Buffer.from(written), edits);
      if (agree(bytes)) scanned++;
      if (view.parse(bytes, 1, 0, bytes.length)) binary++;
    }),
    parameters,
  );
  expect(scanned).toBeLessThan(RUNS);
  expect(binary).toBeLessThan(RUNS);
});

import { BufferPool } from './buffer-pool.ts';
import { FrameReader } from './frame-reader.ts';
import { PartialBudget } from './partial-budget.ts';

const limits = { maxFrameBytes: 16 * 1024 * 1024, maxHeaderBytes: 64 * 1024 };

interface Seen {
  type: number;
  header: string;
  body: string;
}

function frame(header: string, body = '', type = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + Buffer.byteLength(header) + Buffer.byteLength(body), 0);
  head.writeInt32BE((type << 24) | Buffer.byteLength(header), 4);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(body)]);
}

function head(length: number, mark: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(length, 0);
  bytes.writeInt32BE(mark, 4);
  return bytes;
}

function setUp(options: { goOn?: (frames: number) => boolean; budget?: number } = {}) {
  const seen: Seen[] = [];
  const buffers: Buffer[] = [];
  const partialBudget = new PartialBudget(options.budget ?? 1024 * 1024 * 1024);
  const reader = new FrameReader(
    { limits, pool: new BufferPool(), partialBudget },
    (buffer, type, headerStart, bodyStart, end) => {
      seen.push({
        type,
        header: buffer.toString('utf8', headerStart, bodyStart),
        body: buffer.toString('utf8', bodyStart, end),
      });
      buffers.push(buffer);
      return options.goOn?.(seen.length) ?? true;
    },
  );
  return { reader, seen, buffers, partialBudget };
}

const three = [frame('{"code":1}', 'first'), frame('', '', 1), frame('{"code":3}', 'x'.repeat(50))];
const stream = Buffer.concat(three);
const expected: Seen[] = [
  { type: 0, header: '{"code":1}', body: 'first' },
  { type: 1, header: '', body: '' },
  { type: 0, header: '{"code":3}', body: 'x'.repeat(50) },
];

describe('FrameReader', () => {
  it('hands out all frames of a chunk, in place', () => {
    const { reader, seen, buffers, partialBudget } = setUp();
    expect(reader.push(stream, stream.length)).toBeUndefined();
    expect(seen).toEqual(expected);
    expect(buffers.every((buffer) => buffer === stream)).toBe(true);
    expect(partialBudget.used).toBe(0);
    expect(reader.frames).toBe(3);
  });

  it('finds the same frames wherever the stream is split in two', () => {
    for (let at = 0; at <= stream.length; at++) {
      const { reader, seen, partialBudget } = setUp();
      // One buffer for both, as the shared read buffer is.
      const shared = Buffer.alloc(stream.length);
      stream.copy(shared, 0, 0, at);
      expect(reader.push(shared, at)).toBeUndefined();
      stream.copy(shared, 0, at);
      expect(reader.push(shared, stream.length - at)).toBeUndefined();
      expect(seen).toEqual(expected);
      expect(partialBudget.used).toBe(0);
    }
  });

  it('finds the same frames in pieces of any size', () => {
    for (let size = 1; size <= 40; size++) {
      const { reader, seen } = setUp();
      for (let at = 0; at < stream.length; at += size) {
        const piece = stream.subarray(at, at + size);
        expect(reader.push(piece, piece.length)).toBeUndefined();
      }
      expect(seen).toEqual(expected);
    }
  });

  it('looks only at the length it is told', () => {
    const { reader, seen } = setUp();
    reader.push(stream, three[0]?.length ?? 0);
    expect(seen).toEqual(expected.slice(0, 1));
    expect(reader.partial).toBe(false);
  });

  it('says whether a frame has begun and not ended', () => {
    const { reader } = setUp();
    reader.push(stream, 3);
    expect(reader.partial).toBe(true);
    reader.push(stream.subarray(3), stream.length - 3);
    expect(reader.partial).toBe(false);
  });

  it('takes a frame of the largest size and none that is longer', () => {
    const { reader, seen } = setUp();
    const largest = Buffer.alloc(limits.maxFrameBytes, 65);
    head(limits.maxFrameBytes - 4, limits.maxHeaderBytes).copy(largest);
    expect(reader.push(largest, largest.length)).toBeUndefined();
    expect(seen[0]?.header.length).toBe(limits.maxHeaderBytes);
    expect(reader.push(head(limits.maxFrameBytes - 3, 0), 8)).toMatch(/length 16777213/);
  });

  const wrong: [string, Buffer, RegExp][] = [
    ['a negative length', head(-1, 0), /length -1/],
    ['a length without room for the mark', head(3, 0), /length 3/],
    ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\n'), /length 1195725856/],
    ['a TLS greeting', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]), /a TLS handshake, which is not taken/],
    ['a header longer than its frame', head(10, 7), /header of 7 bytes in a frame of length 10/],
    ['a header above its limit', head(1_000_000, 64 * 1024 + 1), /header of 65537 bytes/],
    ['an unknown serialize type', head(10, 2 << 24), /serialize type 2/],
    ['a negative mark', head(10, -1), /serialize type 255/],
  ];
  it.each(wrong)('refuses %s as soon as it is there, whole or byte by byte', (_name, bytes, message) => {
    const { reader, seen, partialBudget } = setUp();
    expect(reader.push(bytes, bytes.length)).toMatch(message);
    // Once lost, the stream stays lost.
    expect(reader.push(stream, stream.length)).toMatch(message);
    expect(seen).toEqual([]);
    expect(partialBudget.used).toBe(0);

    const slow = setUp();
    const answers = Array.from({ length: 8 }, (_, i) => slow.reader.push(bytes.subarray(i, i + 1), 1));
    expect(answers.at(-1)).toMatch(message);
  });

  it('refuses a wrong length before the mark is there', () => {
    for (const pieces of [[4], [1, 3], [2, 1, 1]]) {
      const { reader } = setUp();
      const bytes = head(-5, 0);
      let at = 0;
      let answer: string | undefined;
      for (const size of pieces) answer = reader.push(bytes.subarray(at, (at += size)), size);
      expect(answer).toMatch(/length -5/);
    }
  });

  it('serves the frames before a wrong one', () => {
    const { reader, seen } = setUp();
    const bytes = Buffer.concat([stream, head(-1, 0)]);
    expect(reader.push(bytes, bytes.length)).toMatch(/length -1/);
    expect(seen).toEqual(expected);
  });

  it('holds no more than four times the bytes that arrived, whatever length is claimed', () => {
    const { reader, partialBudget } = setUp();
    reader.push(head(limits.maxFrameBytes - 4, 0), 8);
    expect(partialBudget.used).toBeLessThanOrEqual(4096);
    const piece = Buffer.alloc(100_000);
    for (let arrived = 8 + piece.length; arrived < 5_000_000; arrived += piece.length) {
      reader.push(piece, piece.length);
      expect(partialBudget.used).toBeLessThanOrEqual(4 * arrived);
      expect(partialBudget.used).toBeGreaterThanOrEqual(arrived);
    }
    reader.release();
    expect(partialBudget.used).toBe(0);
  });

  it('refuses what exceeds the budget of all partial frames', () => {
    const { reader, partialBudget } = setUp({ budget: 300_000 });
    reader.push(head(1_000_000, 0), 8);
    const piece = Buffer.alloc(100_000);
    const answers = [1, 2, 3, 4].map(() => reader.push(piece, piece.length));
    expect(answers[0]).toBeUndefined();
    expect(answers.at(-1)).toMatch(/memory/);
    expect(partialBudget.used).toBeLessThanOrEqual(300_000);
  });

  it('stops when the listener says so and goes on in order, however the rest arrives', () => {
    for (let at = 0; at <= stream.length; at++) {
      const { reader, seen, partialBudget } = setUp({ goOn: () => false });
      for (const piece of [stream.subarray(0, at), stream.subarray(at)]) {
        expect(reader.push(piece, piece.length)).toBeUndefined();
      }
      expect(seen).toEqual(expected.slice(0, 1));
      expect(reader.partial).toBe(false);
      reader.resume();
      expect(seen).toEqual(expected.slice(0, 2));
      reader.resume();
      expect(seen).toEqual(expected);
      reader.resume();
      expect(partialBudget.used).toBe(0);
    }
  });

  it('keeps the beginning of a frame that was behind those it held back', () => {
    const { reader, seen } = setUp({ goOn: (frames) => frames !== 1 });
    const cut = stream.length - 7;
    reader.push(stream, cut);
    reader.resume();
    expect(seen).toEqual(expected.slice(0, 2));
    expect(reader.partial).toBe(true);
    reader.push(stream.subarray(cut), 7);
    expect(seen).toEqual(expected);
  });

  it('ignores what arrives after it was released, even by its own listener', () => {
    const { reader, seen, partialBudget } = setUp({
      goOn: () => {
        reader.release();
        return false;
      },
    });
    for (const piece of [stream.subarray(0, 10), stream.subarray(10)]) reader.push(piece, piece.length);
    reader.resume();
    reader.push(stream, stream.length);
    expect(seen).toEqual(expected.slice(0, 1));
    expect(partialBudget.used).toBe(0);
  });

  it('comes to the same result however a stream is cut, also when bytes of it are wrong', () => {
    let seed = 20_260_101;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(stream);
      for (let i = random(4); i > 0; i--) bytes[random(bytes.length)] = random(4) === 0 ? random(256) : 0;
      const whole = setUp();
      const result = whole.reader.push(bytes, bytes.length);
      const cut = setUp();
      let last: string | undefined;
      for (let at = 0; at < bytes.length;) {
        const piece = Buffer.from(bytes.subarray(at, at + 1 + random(30)));
        last = cut.reader.push(piece, piece.length);
        piece.fill(0xee);
        at += piece.length;
      }
      expect(last).toBe(result);
      expect(cut.seen).toEqual(whole.seen);
      expect(cut.reader.partial).toBe(whole.reader.partial);
    }
  });
});

import * as protocol from '@nest-rocketmq/protocol';
import { expect, it } from '@jest/globals';
import { createSlots, resetSlots, type HeaderSlots } from '../../libs/protocol/src/remoting/header-slots.ts';
import { parseJsonHeader } from '../../libs/protocol/src/remoting/json-header.ts';
import { scanJsonHeader } from '../../libs/protocol/src/remoting/json-header-scanner.ts';
import { RecentTexts } from '../../libs/protocol/src/remoting/recent-texts.ts';
import { BufferPool } from '../../libs/remoting/src/buffer-pool.ts';
import { FrameReader } from '../../libs/remoting/src/frame-reader.ts';
import { PartialBudget } from '../../libs/remoting/src/partial-budget.ts';
import { numberFrom, Random } from '../simulation/random.ts';
import { RECORDED, REQUESTS } from './golden-frames.ts';
import { memoryInUse } from './memory.ts';
import { Mutator } from './mutator.ts';

const SEED = numberFrom('FUZZ_SEED', 1);
const INPUTS = numberFrom('FUZZ_INPUTS', 1_000_000);
const SLOWEST_MS = 50;
const GROWTH_BYTES = 24 * 1024 * 1024;
const limits = { maxFrameBytes: 16 * 1024 * 1024, maxHeaderBytes: 64 * 1024 };
const { HeaderError, HeaderView, RequestCode } = protocol;

interface Codec {
  decode(fields: InstanceType<typeof HeaderView>): unknown;
}

const codecs: Codec[] = Object.values(protocol).flatMap((exported: unknown) => {
  const request =
    typeof exported === 'object' && exported !== null && 'request' in exported ? exported.request : undefined;
  return typeof request === 'object' && request !== null && 'decode' in request ? [request as Codec] : [];
});

/** Everything that a server does with the bytes before it looks up a processor, and more. */
class Target {
  readonly budget = new PartialBudget(64 * 1024 * 1024);
  readonly #pool = new BufferPool();
  readonly #view = new HeaderView();
  readonly #scanned = createSlots(new RecentTexts());
  readonly #parsed = createSlots(new RecentTexts());
  readonly #scratch = Buffer.alloc(64 * 1024);
  frames = 0;
  headers = 0;
  refused = 0;
  compared = 0;

  feed(bytes: Buffer, length: number, split: number, turn: number): void {
    const reader = new FrameReader(
      { limits, pool: this.#pool, partialBudget: this.budget },
      (buffer, type, start, end, bodyEnd) => {
        this.frames++;
        this.#frame(buffer, type, start, end, bodyEnd, turn);
        return true;
      },
    );
    let problem: string | undefined;
    if (split > 0 && split < length) {
      problem = reader.push(Buffer.from(bytes.subarray(0, split)), split);
      if (problem === undefined)
        problem = reader.push(Buffer.from(bytes.subarray(split, length)), length - split);
    } else {
      problem = reader.push(bytes, length);
    }
    if (problem !== undefined) this.refused++;
    reader.release();
  }

  #frame(buffer: Buffer, type: number, start: number, end: number, bodyEnd: number, turn: number): void {
    const view = this.#view;
    if (type === 0 && turn % 4 === 0) this.#compare(buffer, start, end);
    if (!view.parse(buffer, type, start, end)) return;
    this.headers++;
    if (view.fieldCount > 64 + 1024) throw new Error(`${view.fieldCount} fields`);
    const used = view.code + view.flag + view.opaque + view.version + (view.isOneway ? 1 : 0);
    if (!Number.isInteger(used)) throw new Error(`a header of ${used}`);
    guarded(() => view.int('queueId'));
    guarded(() => view.long('offset'));
    guarded(() => view.copyTo('topic', this.#scratch, 0));
    view.bool('i');
    if (turn % 8 === 1) {
      const codec = codecs[(turn >>> 3) % codecs.length];
      guarded(() => codec?.decode(view));
      const command = view.toCommand(buffer.subarray(end, bodyEnd));
      // What was read can be written, and reads the same again.
      if (command.extFields.size < 20) protocol.decodeFrame(protocol.encodeCommand(command));
    }
  }

  /** What the scanner takes, JSON.parse has to take, and to the same effect; so has the view, which knows shapes of before. */
  #compare(buffer: Buffer, start: number, end: number): void {
    const scanned = this.#scanned;
    resetSlots(scanned, buffer);
    if (!scanJsonHeader(scanned, buffer, start, end)) return;
    this.compared++;
    const parsed = this.#parsed;
    resetSlots(parsed, buffer);
    if (!parseJsonHeader(parsed, buffer, start, end))
      throw new Error('taken by the scanner, refused by JSON.parse');
    const differs =
      scanned.code !== parsed.code ||
      scanned.flag !== parsed.flag ||
      scanned.opaque !== parsed.opaque ||
      scanned.version !== parsed.version ||
      textOf(scanned) !== textOf(parsed);
    if (differs)
      throw new Error(`read otherwise than by JSON.parse: ${buffer.toString('latin1', start, end)}`);
    const view = this.#view;
    const same =
      view.parse(buffer, 0, start, end) &&
      view.code === scanned.code &&
      view.flag === scanned.flag &&
      view.opaque === scanned.opaque &&
      view.version === scanned.version &&
      sorted(view.toCommand(buffer).extFields) === textOf(scanned);
    if (!same) throw new Error(`read otherwise by its shape: ${buffer.toString('latin1', start, end)}`);
  }
}

/** The fields, of each key the last. */
function textOf({ fields }: HeaderSlots): string {
  const map = new Map<string, string>();
  for (let i = 0; i < fields.count; i++) map.set(fields.key(i), fields.text(i));
  return sorted(map);
}

function sorted(map: Map<string, string>): string {
  return JSON.stringify([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function guarded(task: () => unknown): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
  }
}

it(`${INPUTS} damaged frames are read or refused, each at once, and leave nothing behind (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const mutator = new Mutator([...RECORDED, ...REQUESTS], random);
  const target = new Target();
  let before = 0;
  const began = performance.now();
  for (let turn = 0; turn < INPUTS; turn++) {
    // By then all is compiled and every pool has its buffers.
    if (turn === Math.floor(INPUTS / 10)) before = memoryInUse();
    mutator.next();
    if (random.chance(60)) mutator.repair();
    const split = random.chance(25) ? random.below(mutator.length) : 0;
    const started = performance.now();
    try {
      target.feed(mutator.bytes, mutator.length, split, turn);
    } catch (error) {
      throw new Error(
        `input ${turn} of FUZZ_SEED=${SEED}: ${mutator.bytes.toString('hex', 0, mutator.length)}`,
        { cause: error },
      );
    }
    if (performance.now() - started > SLOWEST_MS) repeat(target, mutator, split, turn);
  }
  const seconds = (performance.now() - began) / 1000;
  const grown = memoryInUse() - before;
  process.stdout.write(
    `fuzz: ${INPUTS} inputs in ${seconds.toFixed(1)} s, ${target.frames} frames, ${target.headers} headers, ${target.refused} streams refused, ${target.compared} compared, ${(grown / 1024).toFixed(0)} KiB grown\n`,
  );
  expect(target.budget.used).toBe(0);
  expect(grown).toBeLessThan(GROWTH_BYTES);
  // A mutator that damages all, or nothing, tests nothing.
  expect(target.headers).toBeGreaterThan(INPUTS / 20);
  expect(target.frames - target.headers).toBeGreaterThan(INPUTS / 20);
  expect(target.refused).toBeGreaterThan(INPUTS / 20);
  expect(target.compared).toBeGreaterThan(INPUTS / 100);
  expect(codecs.length).toBeGreaterThan(20);
  expect(REQUESTS.length).toBeGreaterThan(2 * 50);
  expect(Object.keys(RequestCode).length).toBeGreaterThan(50);
});

/** The machine may have been busy with something else; the input may not take so long each time. */
function repeat(target: Target, mutator: Mutator, split: number, turn: number): void {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    target.feed(mutator.bytes, mutator.length, split, turn);
    least = Math.min(least, performance.now() - started);
  }
  if (least > SLOWEST_MS)
    throw new Error(
      `input ${turn} of FUZZ_SEED=${SEED} takes ${least} ms: ${mutator.bytes.toString('hex', 0, mutator.length)}`,
    );
}

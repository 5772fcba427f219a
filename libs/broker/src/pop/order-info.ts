import { integer, member, members } from '../config/json-fields.ts';

/** The messages of one queue that a group consumes in order, taken by one pop (OrderInfo). Times in milliseconds. */
export interface OrderInfo {
  readonly attemptId: string | undefined;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly offsets: readonly number[];
  /** How often each message that came again has been handed out before, by offset. */
  readonly consumed: Map<number, number>;
  /** When messages whose time was changed may come again, by offset. */
  readonly nextVisible: Map<number, number>;
  readonly lastConsumeTimestamp: number;
  /** Indexes of the messages that are acknowledged. */
  readonly acked: Set<number>;
}

/** Until when messages of the pop are neither acknowledged nor visible; undefined when none is. */
export function blockedUntil(info: OrderInfo, now: number): number | undefined {
  for (const [index, offset] of info.offsets.entries()) {
    if (info.acked.has(index)) continue;
    const visible = info.nextVisible.get(offset) ?? info.popTime + info.invisibleTime;
    if (now < visible) return visible;
  }
  return undefined;
}

/** Where the group continues: the first message that is not acknowledged, or behind the last. */
export function nextOffset(info: OrderInfo): number {
  const open = info.offsets.find((_, index) => !info.acked.has(index));
  return open ?? (info.offsets.at(-1) ?? -1) + 1;
}

/** How often each message of a new pop was handed out before (OrderInfo.mergeOffsetConsumedCount). */
export function consumedCounts(
  previous: OrderInfo | undefined,
  attemptId: string | undefined,
  offsets: readonly number[],
): Map<number, number> {
  if (!previous) return new Map();
  if (previous.attemptId !== undefined && previous.attemptId === attemptId) return previous.consumed;
  const before = new Set(previous.offsets);
  return new Map(
    offsets
      .filter((offset) => before.has(offset))
      .map((offset) => [offset, (previous.consumed.get(offset) ?? 0) + 1]),
  );
}

/** Reads an entry of `consumerOrderInfo.json`; undefined when it holds no messages. */
export function readOrderInfo(value: unknown): OrderInfo | undefined {
  const list = member(value, 'o');
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const [first = 0, ...rest] = list.map((offset) => integer(offset, 0));
  const attemptId = member(value, 'a');
  const bits = integer(member(value, 'cm'), 0);
  const offsets = [first, ...rest.map((distance) => first + distance)];
  return {
    attemptId: typeof attemptId === 'string' ? attemptId : undefined,
    popTime: integer(member(value, 'popTime'), 0),
    invisibleTime: integer(member(value, 'i'), 0),
    offsets,
    consumed: numbers(member(value, 'oc')),
    nextVisible: numbers(member(value, 'ot')),
    lastConsumeTimestamp: integer(member(value, 'l'), 0),
    acked: new Set(
      offsets.map((_, index) => index).filter((index) => Math.floor(bits / 2 ** index) % 2 === 1),
    ),
  };
}

/** The value of an entry, as fastjson writes an OrderInfo. */
export function writeOrderInfo(info: OrderInfo): unknown {
  const [first = 0, ...rest] = info.offsets;
  let bits = 0;
  for (const index of info.acked) bits += 2 ** index;
  return {
    ...(info.attemptId !== undefined && { a: info.attemptId }),
    cm: bits,
    i: info.invisibleTime,
    l: info.lastConsumeTimestamp,
    o: [first, ...rest.map((offset) => offset - first)],
    ...(info.consumed.size > 0 && { oc: info.consumed }),
    ...(info.nextVisible.size > 0 && { ot: info.nextVisible }),
    popTime: info.popTime,
  };
}

function numbers(value: unknown): Map<number, number> {
  const result = new Map<number, number>();
  for (const [key, number] of members(value)) {
    const offset = Number(key);
    if (Number.isSafeInteger(offset)) result.set(offset, integer(number, 0));
  }
  return result;
}

import assert from 'node:assert/strict';
import { DefaultMQPushConsumer } from '@nest-rocketmq/client';
import type { AsyncCommand } from 'fast-check';
import { isSelected, QUEUES, selectorOf, type Model, type Selection } from './model.ts';
import { expected, seen, until, type Real } from './real.ts';

type Command = AsyncCommand<Model, Real>;

/** One pull by hand, also outside of the queue. */
export class Pull implements Command {
  constructor(
    readonly queueId: number,
    readonly offset: number,
    readonly maxNums: number,
    readonly selection: Selection,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { queueId, offset, maxNums, selection } = this;
    const queue = model.queue(queueId);
    const result = await real.servers.puller.pull(
      real.queue(queueId),
      selectorOf(selection),
      offset,
      maxNums,
    );
    const matching = queue.slice(offset).filter((message) => isSelected(message, selection));
    assert.deepEqual(result.messages.map(seen), matching.slice(0, maxNums).map(expected));
    assert.deepEqual([result.minOffset, result.maxOffset], [0, queue.length]);
    assert.equal(result.pullStatus, statusOf(offset, queue.length, matching.length));
    if (offset >= queue.length) return;
    // Whoever goes on from there misses nothing.
    const passed = queue.slice(offset, result.nextBeginOffset);
    assert.ok(result.nextBeginOffset > offset);
    assert.equal(passed.filter((message) => isSelected(message, selection)).length, result.messages.length);
  }

  toString = (): string =>
    `Pull(${this.queueId}, ${this.offset}, ${this.maxNums}, ${JSON.stringify(this.selection)})`;
}

function statusOf(offset: number, max: number, matching: number): string {
  if (offset > max) return 'OFFSET_ILLEGAL';
  if (offset === max) return 'NO_NEW_MSG';
  return matching > 0 ? 'FOUND' : 'NO_MATCHED_MSG';
}

/** The bounds of all queues, from each of those who tell them. */
export class Bounds implements Command {
  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { admin, puller } = real.servers;
    const stats = await admin.topicStats(real.topic);
    for (const [queueId, queue] of model.queues.entries()) {
      const told = stats.find((entry) => entry.queue.queueId === queueId);
      assert.deepEqual([told?.value.minOffset, told?.value.maxOffset], [0, queue.length]);
      assert.equal(await admin.maxOffset(real.queue(queueId)), queue.length);
      assert.equal(await puller.minOffset(real.queue(queueId)), 0);
    }
  }

  toString = (): string => 'Bounds()';
}

/** Finds by key, and each that has it by its ids. */
export class Find implements Command {
  constructor(readonly key: string) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { admin } = real.servers;
    const wanted = model.all.filter(({ key }) => key === this.key);
    const found = await admin.queryMessage(real.topic, this.key, { maxNum: 64 });
    assert.deepEqual(found.map(seen).toSorted(), wanted.map(expected).toSorted());
    const [last] = wanted.slice(-1);
    if (!last) return;
    for (const id of [last.msgId, last.offsetMsgId]) {
      if (id !== undefined) assert.equal(seen(await admin.viewMessage(real.topic, id)), expected(last));
    }
  }

  toString = (): string => `Find(${this.key})`;
}

/** The offsets of a time: that of the message at a position in a queue, or the millisecond beside it. */
export class SearchByTime implements Command {
  constructor(
    readonly queueId: number,
    readonly position: number,
    readonly shift: number,
  ) {}

  check = (model: Readonly<Model>): boolean => model.queue(this.queueId).length > 0;

  async run(model: Model, real: Real): Promise<void> {
    const { admin } = real.servers;
    const times = (await real.read(this.queueId)).map(({ storeTimestamp }) => storeTimestamp);
    assert.equal(times.length, model.queue(this.queueId).length);
    const time = (times[this.position % times.length] ?? 0) + this.shift;
    const lower = times.findIndex((each) => each >= time);
    const queue = real.queue(this.queueId);
    assert.equal(await admin.searchOffset(queue, time), lower < 0 ? times.length : lower);
    const upper = times.findLastIndex((each) => each <= time);
    assert.equal(await admin.searchOffset(queue, time, 'UPPER'), Math.max(upper, 0));
  }

  toString = (): string => `SearchByTime(${this.queueId}, ${this.position}, ${this.shift})`;
}

/** A push consumer of a new group: it gets all there is, each once. */
export class ConsumeAll implements Command {
  constructor(readonly selection: Selection) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const group = `${real.group('push')}-${model.nextId()}`;
    const { nameServer } = real.servers.cluster;
    const consumer = new DefaultMQPushConsumer({
      group,
      nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    consumer.subscribe(real.topic, selectorOf(this.selection));
    const consumed: string[] = [];
    consumer.onMessage((messages) => {
      consumed.push(...messages.map(seen));
    });
    await consumer.start();
    const wanted = model.all.filter((message) => isSelected(message, this.selection));
    try {
      await until(async () => consumed.length >= wanted.length);
    } finally {
      await consumer.shutdown();
    }
    assert.deepEqual(consumed.toSorted(), wanted.map(expected).toSorted());
  }

  toString = (): string => `ConsumeAll(${JSON.stringify(this.selection)})`;
}

/** The offset of a group, set and asked for from outside. */
export class SetGroupOffset implements Command {
  constructor(
    readonly queueId: number,
    readonly offset: number,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { admin } = real.servers;
    await admin.updateConsumerOffset(real.group('set'), real.queue(this.queueId), this.offset);
    model.groupOffsets[this.queueId] = this.offset;
    await new GroupOffsets().run(model, real);
  }

  toString = (): string => `SetGroupOffset(${this.queueId}, ${this.offset})`;
}

export class GroupOffsets implements Command {
  check = (model: Readonly<Model>): boolean => model.groupOffsets.some((offset) => offset !== undefined);

  async run(model: Model, real: Real): Promise<void> {
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const offset = model.groupOffsets[queueId];
      if (offset === undefined) continue;
      assert.equal(await real.servers.admin.consumerOffset(real.group('set'), real.queue(queueId)), offset);
    }
  }

  toString = (): string => 'GroupOffsets()';
}

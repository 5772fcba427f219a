import assert from 'node:assert/strict';
import type { SendResult } from '@nest-rocketmq/client';
import type { AsyncCommand } from 'fast-check';
import type { Model, Spec, Stored } from './model.ts';
import { expected, messageOf, seen, type Real } from './real.ts';

type Command = AsyncCommand<Model, Real>;

const stored = (id: string, spec: Spec, { msgId, offsetMsgId }: SendResult): Stored => ({
  ...spec,
  id,
  msgId,
  offsetMsgId,
});

/** A send that is awaited. */
export class Send implements Command {
  constructor(
    readonly queueId: number,
    readonly spec: Spec,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const id = model.nextId();
    const queue = real.queue(this.queueId);
    const result = await real.servers.producer.send(messageOf(real.topic, id, this.spec), { queue });
    const { sendStatus, messageQueue, queueOffset } = result;
    assert.equal(sendStatus, 'SEND_OK');
    assert.deepEqual(messageQueue, queue);
    assert.equal(queueOffset, model.queue(this.queueId).length);
    model.queue(this.queueId).push(stored(id, this.spec, result));
  }

  toString = (): string => `Send(${this.queueId}, ${JSON.stringify(this.spec)})`;
}

/** Several in one send. */
export class SendBatch implements Command {
  constructor(
    readonly queueId: number,
    readonly specs: readonly Spec[],
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const queue = model.queue(this.queueId);
    const ids = this.specs.map(() => model.nextId());
    const messages = this.specs.map((spec, i) => messageOf(real.topic, ids[i] ?? '', spec));
    const result = await real.servers.producer.sendBatch(messages, { queue: real.queue(this.queueId) });
    assert.equal(result.queueOffset, queue.length);
    const msgIds = result.msgId.split(',');
    const offsetMsgIds = result.offsetMsgId.split(',');
    assert.deepEqual([msgIds.length, offsetMsgIds.length], [ids.length, ids.length]);
    for (const [i, spec] of this.specs.entries()) {
      const [msgId, offsetMsgId] = [msgIds[i] ?? '', offsetMsgIds[i] ?? ''];
      queue.push({ ...spec, id: ids[i] ?? '', msgId, offsetMsgId });
    }
  }

  toString = (): string => `SendBatch(${this.queueId}, ${JSON.stringify(this.specs)})`;
}

/** A send without an answer. */
export class SendOneway implements Command {
  constructor(
    readonly queueId: number,
    readonly spec: Spec,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const id = model.nextId();
    const queue = model.queue(this.queueId);
    const message = messageOf(real.topic, id, this.spec);
    await real.servers.producer.sendOneway(message, { queue: real.queue(this.queueId) });
    await real.untilMax(this.queueId, queue.length + 1);
    const [found] = await real.read(this.queueId, queue.length);
    queue.push({ ...this.spec, id, msgId: found?.msgId ?? '', offsetMsgId: found?.offsetMsgId });
  }

  toString = (): string => `SendOneway(${this.queueId}, ${JSON.stringify(this.spec)})`;
}

/** A transaction that is committed or rolled back at once. */
export class SendInTransaction implements Command {
  constructor(
    readonly queueId: number,
    readonly spec: Spec,
    readonly commit: boolean,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const id = model.nextId();
    const queue = model.queue(this.queueId);
    const localTransactionState = this.commit ? 'COMMIT_MESSAGE' : 'ROLLBACK_MESSAGE';
    const result = await real.servers.transactions.sendMessageInTransaction(
      messageOf(real.topic, id, this.spec),
      undefined,
      { queue: real.queue(this.queueId), execute: () => localTransactionState },
    );
    assert.equal(result.sendStatus, 'SEND_OK');
    assert.equal(result.localTransactionState, localTransactionState);
    if (!this.commit) return;
    await real.untilMax(this.queueId, queue.length + 1);
    queue.push({ ...this.spec, id, msgId: result.msgId, offsetMsgId: undefined });
  }

  toString = (): string =>
    `SendInTransaction(${this.queueId}, ${JSON.stringify(this.spec)}, ${this.commit ? 'commit' : 'roll back'})`;
}

/** A pull at the end of a queue, held by the broker, and a send that ends it. */
export class SendToHeldPull implements Command {
  constructor(
    readonly queueId: number,
    readonly spec: Spec,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { puller } = real.servers;
    const end = model.queue(this.queueId).length;
    const pulled = puller.pullBlockIfNotFound(real.queue(this.queueId), '*', end, 32);
    await new Send(this.queueId, this.spec).run(model, real);
    const { pullStatus, messages, nextBeginOffset } = await pulled;
    assert.deepEqual([pullStatus, nextBeginOffset], ['FOUND', end + 1]);
    assert.deepEqual(messages.map(seen), model.queue(this.queueId).slice(end).map(expected));
  }

  toString = (): string => `SendToHeldPull(${this.queueId}, ${JSON.stringify(this.spec)})`;
}

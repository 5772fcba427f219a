import assert from 'node:assert/strict';
import { DefaultLitePullConsumer } from '@nest-rocketmq/client';
import type { AsyncCommand } from 'fast-check';
import { QUEUES, type Model } from './model.ts';
import { expected, seen, type Real } from './real.ts';

type Command = AsyncCommand<Model, Real>;

const running = (model: Readonly<Model>): boolean => model.assigned.running;
const consumerOf = (real: Real): DefaultLitePullConsumer => real.assigned as DefaultLitePullConsumer;

/** A pull consumer is started on all queues; one that ran is stopped before, without committing. */
export class Assign implements Command {
  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    await real.assigned?.shutdown();
    real.assigned = new DefaultLitePullConsumer({
      group: real.group('assigned'),
      nameServer: real.servers.cluster.nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      autoCommit: false,
    });
    await real.assigned.assign(real.queues);
    await real.assigned.start();
    const { assigned } = model;
    assigned.running = true;
    assigned.positions = assigned.committed.map((offset) => offset ?? 0);
  }

  toString = (): string => 'Assign()';
}

/** Polls until all there is has come: each queue in its order, nothing twice. */
export class PollAll implements Command {
  check = running;

  async run(model: Model, real: Real): Promise<void> {
    const { positions } = model.assigned;
    const wanted = model.queues.map((queue, queueId) => queue.slice(positions[queueId]).map(expected));
    const got: string[][] = Array.from({ length: QUEUES }, () => []);
    const deadline = Date.now() + 30_000;
    for (let left = wanted.flat().length; left > 0 && Date.now() < deadline;) {
      const messages = await consumerOf(real).poll(1000);
      for (const message of messages) got[message.queueId]?.push(seen(message));
      left -= messages.length;
    }
    assert.deepEqual(got, wanted);
    assert.deepEqual(await consumerOf(real).poll(0), []);
    model.assigned.positions = model.queues.map(({ length }) => length);
  }

  toString = (): string => 'PollAll()';
}

export class Seek implements Command {
  constructor(
    readonly queueId: number,
    readonly share: number,
  ) {}

  check = running;

  async run(model: Model, real: Real): Promise<void> {
    const { length } = model.queue(this.queueId);
    const offset = Math.round(length * this.share);
    await consumerOf(real).seek(real.queue(this.queueId), offset);
    await assert.rejects(consumerOf(real).seek(real.queue(this.queueId), length + 1), /is no offset/);
    model.assigned.positions[this.queueId] = offset;
    await new PollAll().run(model, real);
  }

  toString = (): string => `Seek(${this.queueId}, ${this.share})`;
}

/** Commits what was polled, and sees it at the broker. */
export class Commit implements Command {
  check = running;

  async run(model: Model, real: Real): Promise<void> {
    await new PollAll().run(model, real);
    await consumerOf(real).commit();
    for (const [queueId, queue] of model.queues.entries()) {
      if (queue.length === 0) continue;
      model.assigned.committed[queueId] = queue.length;
      const { admin } = real.servers;
      assert.equal(await admin.consumerOffset(real.group('assigned'), real.queue(queueId)), queue.length);
      assert.equal(await consumerOf(real).committed(real.queue(queueId)), queue.length);
    }
  }

  toString = (): string => 'Commit()';
}

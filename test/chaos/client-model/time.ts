import assert from 'node:assert/strict';
import type { AsyncCommand } from 'fast-check';
import type { Model, Spec } from './model.ts';
import { expected, messageOf, seen, type Real } from './real.ts';

type Command = AsyncCommand<Model, Real>;

/** How late a timer may be, in milliseconds. */
const LATE_MS = 1000;
/** What the broker tells times by. */
const SLOT_MS = 1000;
/** So much time passes at once. */
const STEP_MS = 1000;

/** A message for a later time. */
export class SendDelayed implements Command {
  constructor(
    readonly queueId: number,
    readonly spec: Spec,
    readonly delayMs: number,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { producer, clock } = real.servers;
    const id = model.nextId();
    const message = { ...messageOf(real.topic, id, this.spec), delayTimeMs: this.delayMs };
    const { msgId, recallHandle } = await producer.send(message, { queue: real.queue(this.queueId) });
    assert.notEqual(recallHandle, undefined);
    model.delayed.push({
      message: { ...this.spec, id, msgId, offsetMsgId: undefined },
      queueId: this.queueId,
      dueAt: clock.now() + this.delayMs,
      handle: recallHandle ?? '',
    });
  }

  toString = (): string => `SendDelayed(${this.queueId}, ${JSON.stringify(this.spec)}, ${this.delayMs})`;
}

/** Takes back one that waits. */
export class Recall implements Command {
  constructor(readonly position: number) {}

  check = (model: Readonly<Model>): boolean => model.delayed.length > 0;

  async run(model: Model, real: Real): Promise<void> {
    const index = this.position % model.delayed.length;
    const { producer, clock } = real.servers;
    // In its slot's second a message may be on its way already.
    if ((model.delayed[index]?.dueAt ?? 0) - clock.now() <= SLOT_MS) return;
    const [recalled] = model.delayed.splice(index, 1);
    assert.equal(await producer.recallMessage(real.topic, recalled?.handle ?? ''), recalled?.message.msgId);
  }

  toString = (): string => `Recall(${this.position})`;
}

/** Lets the broker's time pass: what is due lies in its queue, what is not does not. */
export class Pass implements Command {
  constructor(readonly ms: number) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const { clock } = real.servers;
    await clock.advanceAsync(this.ms, STEP_MS);
    // On until there is no timer that may or may not have been delivered.
    const open = (): boolean =>
      model.delayed.some(({ dueAt }) => dueAt <= clock.now() && dueAt > clock.now() - LATE_MS);
    while (open()) await clock.advanceAsync(LATE_MS, STEP_MS);
    for (const [queueId, queue] of model.queues.entries()) {
      const due = model.delayed.filter((each) => each.queueId === queueId && each.dueAt <= clock.now());
      await real.untilMax(queueId, queue.length + due.length);
      const delivered = await real.read(queueId, queue.length);
      assert.deepEqual(
        delivered.map(seen).toSorted(),
        due.map(({ message }) => expected(message)).toSorted(),
      );
      for (const message of delivered) {
        const index = model.delayed.findIndex((each) => expected(each.message) === seen(message));
        const [one] = model.delayed.splice(index, 1);
        if (one) queue.push(one.message);
      }
    }
  }

  toString = (): string => `Pass(${this.ms})`;
}

/** The broker is stopped and started on its files; clients find it again by themselves. */
export class Restart implements Command {
  check = (): boolean => true;

  async run(_model: Model, real: Real): Promise<void> {
    await real.servers.restart();
  }

  toString = (): string => 'Restart()';
}

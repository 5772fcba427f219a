import type { MessageExt, MessageQueue } from '@nest-rocketmq/client';
import { sleep, type Clock } from '@nest-rocketmq/runtime';
import { LEFT, TO_DEAD_LETTERS, type Outcome } from './outcome.ts';

/** The name of a property, or a function of the message; undefined: its sharding key, or its first key. */
export type LaneKey = string | ((message: MessageExt) => string | undefined) | undefined;

/** The property of a message's sharding key, as 5.x clients set it. */
const SHARDING_KEY = '__SHARDINGKEY';

/** The key whose messages a message is in order with; undefined: it is in order with none. */
export function laneKey(message: MessageExt, key: LaneKey): string | undefined {
  const found =
    typeof key === 'function'
      ? key(message)
      : key === undefined
        ? (message.properties.get(SHARDING_KEY) ?? message.keys[0])
        : message.properties.get(key);
  return found === undefined || found === '' ? undefined : String(found);
}

export interface LaneParts {
  readonly key: LaneKey;
  /** How long a lane waits after a failure, in milliseconds, unless the failure says how long. */
  readonly suspendMs: number;
  readonly clock: Clock;
  /** Aborted when nothing more is to begin. */
  readonly signal: AbortSignal;
}

/** What a lane does with one of its messages. */
export interface LaneTask {
  readonly queue: MessageQueue;
  readonly deliver: () => Promise<Outcome>;
  /** Whether the message's queue is still this process's. */
  readonly isOurs: () => boolean;
}

/** No lane waits longer after a failure, as no queue in order does, in milliseconds. */
const MAX_SUSPEND_MS = 30_000;

/**
 * Handles the messages of a key one after the other, those of different keys at the same time. What fails is tried again in
 * its place, and holds its key alone. A key is one of its queue.
 */
export class Lanes {
  readonly #parts: LaneParts;
  /** The last message of each lane that has any. */
  readonly #tails = new Map<string, Promise<Outcome>>();

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Lanes that have messages. */
  get size(): number {
    return this.#tails.size;
  }

  /** @returns what became of the message: done, to the dead letters, or left */
  async run(message: MessageExt, task: LaneTask): Promise<Outcome> {
    const key = laneKey(message, this.#parts.key);
    if (key === undefined) return this.#untilSettled(message, task);
    const { topic, brokerName, queueId } = task.queue;
    const lane = `${topic} ${brokerName} ${queueId} ${key}`;
    const ahead = this.#tails.get(lane);
    const mine = ahead
      ? ahead.then(() => (task.isOurs() ? this.#untilSettled(message, task) : LEFT))
      : this.#untilSettled(message, task);
    this.#tails.set(lane, mine);
    const outcome = await mine;
    if (this.#tails.get(lane) === mine) this.#tails.delete(lane);
    return outcome;
  }

  async #untilSettled(message: MessageExt, { deliver, isOurs }: LaneTask): Promise<Outcome> {
    const { clock, signal, suspendMs } = this.#parts;
    for (;;) {
      const outcome = signal.aborted ? LEFT : await deliver();
      if (outcome === undefined || outcome === LEFT || outcome.delayLevel === TO_DEAD_LETTERS) return outcome;
      try {
        await sleep(clock, Math.min(outcome.delayMs ?? suspendMs, MAX_SUSPEND_MS), signal);
      } catch (error) {
        if (signal.aborted) return LEFT;
        throw error;
      }
      if (!isOurs()) return LEFT;
      // Counted here, as the client counts the tries of a message that keeps its place.
      (message as { reconsumeTimes: number }).reconsumeTimes++;
    }
  }
}

import type { MessageExt } from '@nest-rocketmq/client';
import { sleep, type Clock } from '@nest-rocketmq/runtime';
import { LEFT, TO_DEAD_LETTERS, type Outcome } from './outcome.ts';

/** By what messages are in order, and how many of a queue are looked at together. */
export interface LaneSettings {
  /** The name of a property, or a function of the message; undefined: its sharding key, or its first key. */
  readonly key?: string | ((message: MessageExt) => string | undefined) | undefined;
  readonly window: number;
}

/** The property of a message's sharding key, as 5.x clients set it. */
const SHARDING_KEY = '__SHARDINGKEY';

/** The key whose messages a message is in order with; undefined: it is in order with none. */
export function laneKey(message: MessageExt, key: LaneSettings['key']): string | undefined {
  const found =
    typeof key === 'function'
      ? key(message)
      : key === undefined
        ? (message.properties.get(SHARDING_KEY) ?? message.keys[0])
        : message.properties.get(key);
  return found === undefined || found === '' ? undefined : String(found);
}

export interface LaneParts {
  readonly settings: LaneSettings;
  readonly deliver: (message: MessageExt) => Promise<Outcome>;
  /** How long a lane waits after a failure, in milliseconds, unless the failure says how long. */
  readonly suspendMs: number;
  /** Whether the messages' queue is still this process's. */
  readonly isOurs: () => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** No lane waits longer after a failure, as no queue in order does, in milliseconds. */
const MAX_SUSPEND_MS = 30_000;

/**
 * Handles messages of one queue: those of a key one after the other, those of different keys at the same time. What fails
 * is tried again in its place, and holds its key alone.
 * @returns what became of each, by its index: done, to the dead letters, or left
 */
export async function consumeInLanes(messages: readonly MessageExt[], parts: LaneParts): Promise<Outcome[]> {
  const lanes = new Map<string | symbol, number[]>();
  for (const [index, message] of messages.entries()) {
    const key = laneKey(message, parts.settings.key) ?? Symbol();
    const lane = lanes.get(key);
    if (lane) lane.push(index);
    else lanes.set(key, [index]);
  }
  const outcomes = messages.map<Outcome>(() => LEFT);
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const index of lane) {
        const message = messages[index];
        if (!message) continue;
        const outcome = await untilSettled(message, parts);
        outcomes[index] = outcome;
        // Those behind it must not overtake it.
        if (outcome === LEFT) return;
      }
    }),
  );
  return outcomes;
}

async function untilSettled(message: MessageExt, parts: LaneParts): Promise<Outcome> {
  const { deliver, clock, signal, suspendMs, isOurs } = parts;
  for (;;) {
    const outcome = signal.aborted ? LEFT : await deliver(message);
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

import { HeaderError, MessageConst } from '@nest-rocketmq/protocol';
import { delayLevelTable } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';

const INTEGER = /^[+-]?\d{1,10}$/;

/** The levels of `messageDelayLevel` (ScheduleMessageService.parseDelayLevel). */
export class DelayLevels {
  /** Milliseconds by level; level 0 is no delay. */
  readonly #delays: readonly number[];

  /** @param text `1s 5s 10s ...`, units s, m, h, d */
  constructor(text: string) {
    this.#delays = delayLevelTable(text);
  }

  /** The highest level. */
  get max(): number {
    return this.#delays.length - 1;
  }

  /** The shortest of the delays, in milliseconds; Infinity when there are no levels. */
  get shortest(): number {
    return Math.min(...this.#delays.slice(1));
  }

  /** How long a level waits, in milliseconds. */
  delayOf(level: number): number {
    return this.#delays[level] ?? 1000;
  }

  /**
   * The level a message's DELAY property asks for: 0 for none, and no more than the highest there is.
   * @throws HeaderError when it is no number, as Java answers
   */
  levelOf(properties: ReadonlyMap<string, string>): number {
    const text = properties.get(MessageConst.PROPERTY_DELAY_TIME_LEVEL);
    if (text === undefined) return 0;
    if (!INTEGER.test(text))
      throw new HeaderError(MessageConst.PROPERTY_DELAY_TIME_LEVEL, 'not a delay level');
    return Math.min(Number(text), this.max);
  }
}

/** Where a delayed message waits. */
export interface ScheduledPlace {
  readonly topic: string;
  readonly queueId: number;
}

/**
 * Sends a message with a delay level on its detour (HookUtils.transformDelayLevelMessage): its properties remember
 * topic and queue, and it is stored in the schedule topic, one queue per level.
 */
export function delayMessage(
  properties: Map<string, string>,
  level: number,
  topic: string,
  queueId: number,
): ScheduledPlace {
  properties.delete(MessageConst.PROPERTY_TIMER_DELIVER_MS);
  properties.delete(MessageConst.PROPERTY_TIMER_DELAY_SEC);
  properties.delete(MessageConst.PROPERTY_TIMER_DELAY_MS);
  properties.set(MessageConst.PROPERTY_DELAY_TIME_LEVEL, String(level));
  properties.set(MessageConst.PROPERTY_REAL_TOPIC, topic);
  properties.set(MessageConst.PROPERTY_REAL_QUEUE_ID, String(queueId));
  return { topic: SystemTopic.SCHEDULE, queueId: level - 1 };
}

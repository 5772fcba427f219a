import type { Clock } from '@nest-rocketmq/runtime';
import { MessageConst, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import { deliverTimeOf, outTimeOf } from '../timer/timer-request.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import { delayMessage, DelayLevels, type ScheduledPlace } from './delay-levels.ts';

/** What the detour takes from the broker's configuration; read anew each time, since it may change. */
export interface DelayDetourConfig {
  readonly messageDelayLevel: string;
  readonly timerWheelEnable: boolean;
  readonly timerMaxDelaySec: number;
  readonly timerPrecisionMs: number;
  readonly timerCongestNumEachSlot: number;
}

/**
 * Sends delayed messages on their detour (HookUtils.handleScheduleMessage): those with a delay level to the schedule topic,
 * those with a time of their own to the timer topic; the properties remember where they were going. Whoever stores a
 * message that a client made asks here first: sends, send-backs, committed transactions.
 */
export class DelayDetour {
  readonly #config: DelayDetourConfig;
  readonly #levels: DelayLevels;
  readonly #clock: Clock;
  readonly #congestion: (outTime: number) => number;

  /**
   * @param clock the store's
   * @param congestion how many messages wait in the slot of a time
   */
  constructor(config: DelayDetourConfig, clock: Clock, congestion: (outTime: number) => number) {
    this.#config = config;
    this.#levels = new DelayLevels(config.messageDelayLevel);
    this.#clock = clock;
    this.#congestion = congestion;
  }

  /** Milliseconds, by the clock that delays are counted by. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * @param properties changed when the message has to wait
   * @returns where it waits; undefined when it goes straight to its topic
   * @throws HeaderError when DELAY is no number; ResponseError 13 when the time is no number or too far away, or a recall
   *   comes too late; 1 when there are no timers, or too many at that time
   */
  divert(properties: Map<string, string>, topic: string, queueId: number): ScheduledPlace | undefined {
    const level = this.#levels.levelOf(properties);
    if (level > 0) return delayMessage(properties, level, topic, queueId);
    // One that comes from the timer topic has had its time.
    if (topic === SystemTopic.TIMER || properties.has(MessageConst.PROPERTY_TIMER_OUT_MS)) return undefined;
    const now = this.#clock.now();
    const deliverTime = deliverTimeOf(properties, now);
    return deliverTime === undefined ? undefined : this.#timer(properties, topic, queueId, deliverTime, now);
  }

  #timer(
    properties: Map<string, string>,
    topic: string,
    queueId: number,
    deliverTime: number,
    now: number,
  ): ScheduledPlace | undefined {
    const { timerWheelEnable, timerMaxDelaySec, timerPrecisionMs } = this.#config;
    if (!timerWheelEnable) {
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        'accurate timer message is not enabled, timerWheelEnable is false',
      );
    }
    const late = deliverTime <= now && properties.has(MessageConst.PROPERTY_TIMER_DEL_UNIQKEY);
    if (Number.isNaN(deliverTime) || late || deliverTime - now > timerMaxDelaySec * 1000) {
      throw new ResponseError(
        ResponseCode.MESSAGE_ILLEGAL,
        'timer message illegal, the delay time should not be bigger than the max delay ' +
          `${timerMaxDelaySec * 1000}ms; or if set del msg, the delay time should be bigger than the current time`,
      );
    }
    if (deliverTime <= now) return undefined;
    const outTime = outTimeOf(deliverTime, timerPrecisionMs);
    this.#checkCongestion(outTime);
    properties.set(MessageConst.PROPERTY_TIMER_OUT_MS, String(outTime));
    properties.set(MessageConst.PROPERTY_REAL_TOPIC, topic);
    properties.set(MessageConst.PROPERTY_REAL_QUEUE_ID, String(queueId));
    return { topic: SystemTopic.TIMER, queueId: 0 };
  }

  /** From the limit to twice the limit, the fuller a slot the more are refused (TimerMessageStore.isReject). */
  #checkCongestion(outTime: number): void {
    const limit = this.#config.timerCongestNumEachSlot;
    const excess = this.#congestion(outTime) - limit;
    if (excess <= 0 || Math.random() * limit >= excess) return;
    throw new ResponseError(
      ResponseCode.SYSTEM_ERROR,
      `timer message is under flow control, max num limit is ${limit * 2} or the current value is greater than ` +
        `${limit} and less than ${limit * 2}, trigger random flow control`,
    );
  }
}

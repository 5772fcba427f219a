import { MessageConst } from '@nest-rocketmq/protocol';

const LONG = /^[+-]?\d{1,19}$/;

/**
 * When a message wants to be delivered, in milliseconds since the epoch, by the properties of which RocketMQ takes the first
 * that is there: TIMER_DELAY_SEC, TIMER_DELAY_MS, TIMER_DELIVER_MS. Undefined when it has none of them; NaN when the one is
 * no number.
 * @param sentAt when it came, which delays count from
 */
export function deliverTimeOf(properties: ReadonlyMap<string, string>, sentAt: number): number | undefined {
  const seconds = properties.get(MessageConst.PROPERTY_TIMER_DELAY_SEC);
  if (seconds !== undefined) return sentAt + number(seconds) * 1000;
  const milliseconds = properties.get(MessageConst.PROPERTY_TIMER_DELAY_MS);
  if (milliseconds !== undefined) return sentAt + number(milliseconds);
  const time = properties.get(MessageConst.PROPERTY_TIMER_DELIVER_MS);
  return time === undefined ? undefined : number(time);
}

/**
 * The beginning of the slot at whose end, at the latest, a message is delivered: one that is wanted at the very end of a
 * slot is in it, not in the next one (HookUtils.transformTimerMessage).
 */
export function outTimeOf(deliverTime: number, precisionMs: number): number {
  const past = deliverTime % precisionMs;
  return deliverTime - (past === 0 ? precisionMs : past);
}

/**
 * The exact time of a message that waits: as it was asked for, within the slot it was given.
 * @param storedAt when the message was stored, the time that delays count from as nearly as a record tells
 */
export function exactTimeOf(
  properties: ReadonlyMap<string, string>,
  storedAt: number,
  outTime: number,
  precisionMs: number,
): number {
  const end = outTime + precisionMs;
  const wanted = deliverTimeOf(properties, storedAt) ?? end;
  return wanted > outTime && wanted < end ? wanted : end;
}

function number(text: string): number {
  return LONG.test(text) ? Number(text) : NaN;
}

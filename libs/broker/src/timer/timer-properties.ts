import { encodeProperties, MessageConst, type MessageRecord } from '@nest-rocketmq/protocol';
import { MAX_PROPERTIES_BYTES } from '../send/stored-properties.ts';

const PROPERTY_SEPARATOR = 2;

/** The properties a message leaves the timer topic with: those it waited with, and when it went in and out. */
export function deliveredProperties(record: MessageRecord, enqueueTime: number, now: number): Buffer {
  const stored = record.propertiesBytes;
  const times = `TIMER_ENQUEUE_MS\u0001${enqueueTime}\u0002TIMER_DEQUEUE_MS\u0001${now}\u0002`;
  // One that was rolled has them from then.
  if (record.property(MessageConst.PROPERTY_TIMER_ENQUEUE_MS) !== undefined)
    return fitting(encodeProperties(withTimes(record, enqueueTime, now)), stored);
  const separator = stored.length > 0 && stored[stored.length - 1] !== PROPERTY_SEPARATOR ? '\u0002' : '';
  return fitting(Buffer.concat([stored, Buffer.from(separator + times)]), stored);
}

/** The properties a message goes back into the timer topic with, halfway. */
export function rolledProperties(record: MessageRecord, enqueueTime: number, now: number): Buffer {
  const properties = withTimes(record, enqueueTime, now);
  const rolls = Number(properties.get(MessageConst.PROPERTY_TIMER_ROLL_TIMES) ?? 0);
  properties.set(
    MessageConst.PROPERTY_TIMER_ROLL_TIMES,
    String((Number.isSafeInteger(rolls) ? rolls : 0) + 1),
  );
  return fitting(encodeProperties(properties), record.propertiesBytes);
}

function withTimes(record: MessageRecord, enqueueTime: number, now: number): Map<string, string> {
  const properties = new Map(record.properties);
  properties.set(MessageConst.PROPERTY_TIMER_ENQUEUE_MS, String(enqueueTime));
  properties.set(MessageConst.PROPERTY_TIMER_DEQUEUE_MS, String(now));
  return properties;
}

/** Rather without the times than not at all. */
function fitting(properties: Buffer, stored: Buffer): Buffer {
  return properties.length <= MAX_PROPERTIES_BYTES ? properties : stored;
}

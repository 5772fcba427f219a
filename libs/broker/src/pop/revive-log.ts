import { encodeProperties, MessageConst } from '@nest-rocketmq/protocol';
import { AppendMessage, type AppendResult } from '@nest-rocketmq/store';
import { reviveTopic } from '../topic/system-topics.ts';
import { encodeAck, encodeBatchAck, type AckRecord } from './ack-record.ts';
import { encodeCheckPoint, reviveTime, type PopCheckPoint, type PopIdentity } from './check-point.ts';
import { ACK_TIME_INTERVAL, ReviveTag, type PopParts } from './pop-parts.ts';

/**
 * Writes what POP remembers on the disk: check points and acknowledgements, as timer messages that come to the queues
 * of the revive topic when the messages' time is over (PopMessageProcessor.buildCkMsg, AckMessageProcessor).
 */
export class ReviveLog {
  readonly #parts: PopParts;
  readonly #topic: string;
  readonly #message = new AppendMessage();

  constructor(parts: PopParts) {
    this.#parts = parts;
    this.#topic = reviveTopic(parts.config.brokerClusterName);
  }

  /**
   * The result is the store's own: read it before the next append.
   * @throws ResponseError when the timers take nothing more for that time
   */
  putCheckPoint(point: PopCheckPoint, reviveQueueId: number): AppendResult {
    const deliverTime = reviveTime(point) - ACK_TIME_INTERVAL;
    const key = `${identityText(point, point.startOffset)}@${point.brokerName}@${ReviveTag.CHECK_POINT}`;
    return this.#put(reviveQueueId, ReviveTag.CHECK_POINT, key, encodeCheckPoint(point), deliverTime);
  }

  /**
   * As {@link putCheckPoint}.
   * @param deliverTime when the pop's time is over, in milliseconds
   */
  putAck(ack: AckRecord, reviveQueueId: number, deliverTime: number): AppendResult {
    const [only] = ack.offsets;
    const single = ack.offsets.length === 1 && only !== undefined;
    const tag = single ? ReviveTag.ACK : ReviveTag.BATCH_ACK;
    const key = `${identityText(ack, single ? only : -1)}@${ack.brokerName}@${ReviveTag.ACK}`;
    const body = single ? encodeAck(ack, only) : encodeBatchAck(ack);
    return this.#put(reviveQueueId, tag, key, body, deliverTime);
  }

  #put(queueId: number, tag: string, key: string, body: Buffer, deliverTime: number): AppendResult {
    const { delayDetour, store, storeClock, storeHost, tick } = this.#parts;
    const now = storeClock.now();
    const properties = new Map<string, string>([
      [MessageConst.PROPERTY_TAGS, tag],
      [MessageConst.PROPERTY_TIMER_DELIVER_MS, String(deliverTime)],
      [MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX, key],
    ]);
    const message = this.#message;
    const place = delayDetour.divert(properties, this.#topic, queueId);
    message.topic = place?.topic ?? this.#topic;
    message.queueId = place?.queueId ?? queueId;
    message.content(body, encodeProperties(properties));
    message.bornTimestamp = now;
    message.bornHost = storeHost;
    message.storeHost = storeHost;
    tick.schedule();
    return store.append(message);
  }
}

function identityText(identity: PopIdentity, offset: number): string {
  return `${identity.topic}@${identity.queueId}@${offset}@${identity.group}@${identity.popTime}`;
}

import { boolean, integer, list, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';
import { subscriptionData } from './subscription-data.ts';

const producerData = record({ groupName: string() });

/** A producer group in a client. */
export type ProducerData = ShapeType<typeof producerData>;

const consumerData = record({
  groupName: string(),
  consumeType: string('CONSUME_PASSIVELY'),
  messageModel: string('CLUSTERING'),
  consumeFromWhere: string('CONSUME_FROM_LAST_OFFSET'),
  subscriptionDataSet: list(subscriptionData),
  unitMode: boolean(),
});

/**
 * A consumer group in a client. `consumeType`: CONSUME_ACTIVELY, CONSUME_PASSIVELY or CONSUME_POP; `messageModel`:
 * CLUSTERING or BROADCASTING; `consumeFromWhere`: CONSUME_FROM_LAST_OFFSET, _FIRST_OFFSET or _TIMESTAMP.
 */
export type ConsumerData = ShapeType<typeof consumerData>;

const heartbeatData = record({
  clientID: string(),
  producerDataSet: list(producerData),
  consumerDataSet: list(consumerData),
  heartbeatFingerprint: integer(),
  withoutSub: boolean(),
});

/** Who lives in a client. */
export type HeartbeatData = ShapeType<typeof heartbeatData>;

/** The body of a heartbeat (34). */
export const HeartbeatData = jsonBody(heartbeatData, SMALL_BODY);

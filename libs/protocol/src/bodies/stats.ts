import { double, integer, record, type ShapeType } from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { queueMapOf } from './message-queue.ts';

const topicOffset = record({ minOffset: integer(), maxOffset: integer(), lastUpdateTimestamp: integer() });

/** How far a queue reaches. Times are in ms, 0 when nothing was stored. */
export type TopicOffset = ShapeType<typeof topicOffset>;

const topicStatsTable = record({ offsetTable: queueMapOf(topicOffset), topicPutTps: double() });

/** The queues of a topic. */
export type TopicStatsTable = ShapeType<typeof topicStatsTable>;

/** The body of a topic statistics answer (202). */
export const TopicStatsTable = jsonBody(topicStatsTable);

const offsetWrapper = record({
  brokerOffset: integer(),
  consumerOffset: integer(),
  pullOffset: integer(),
  lastTimestamp: integer(),
});

/** How far a group is in a queue: the end of the queue, what was committed, what was pulled. */
export type OffsetWrapper = ShapeType<typeof offsetWrapper>;

const consumeStats = record({ offsetTable: queueMapOf(offsetWrapper), consumeTps: double() });

/** How far a group is. */
export type ConsumeStats = ShapeType<typeof consumeStats>;

/** The body of a consume statistics answer (208). */
export const ConsumeStats = jsonBody(consumeStats);

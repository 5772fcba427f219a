import { integer, list, mapOf, maybe, numberMapOf, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';
import { dataVersion } from './data-version.ts';
import { queueMapOf } from './message-queue.ts';

const resetOffsetBody = record({ offsetTable: queueMapOf(integer()) });

/** An offset for each queue. */
export type ResetOffsetBody = ShapeType<typeof resetOffsetBody>;

/** The body of an offset reset: sent to consumers (220), answered to the admin (222). */
export const ResetOffsetBody = jsonBody(resetOffsetBody);

const resetOffsetBodyForC = record({
  offsetTable: list(record({ topic: string(), brokerName: string(), queueId: integer(), offset: integer() })),
});

/** The same as a list. */
export type ResetOffsetBodyForC = ShapeType<typeof resetOffsetBodyForC>;

/** The body of an offset reset (220) for clients written in C++. */
export const ResetOffsetBodyForC = jsonBody(resetOffsetBodyForC);

const getConsumerStatusBody = record({
  messageQueueTable: queueMapOf(integer()),
  consumerTable: mapOf(queueMapOf(integer())),
});

/** The offsets of one client (`messageQueueTable`), or of each client of a group (`consumerTable`). */
export type GetConsumerStatusBody = ShapeType<typeof getConsumerStatusBody>;

/** The body of consumer status answers (221, 223). */
export const GetConsumerStatusBody = jsonBody(getConsumerStatusBody, SMALL_BODY);

const consumerOffsetSerializeWrapper = record({
  offsetTable: mapOf(numberMapOf(integer())),
  dataVersion: maybe(dataVersion),
});

/** All offsets of a broker: by `topic@group`, then by queue id. */
export type ConsumerOffsetSerializeWrapper = ShapeType<typeof consumerOffsetSerializeWrapper>;

/** The body of the answer with all offsets (43). */
export const ConsumerOffsetSerializeWrapper = jsonBody(consumerOffsetSerializeWrapper);

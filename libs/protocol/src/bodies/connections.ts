import { integer, list, mapOf, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { subscriptionData } from './subscription-data.ts';

const connection = record({
  clientId: string(),
  clientAddr: string(),
  language: string(),
  version: integer(),
});

/** One client as its broker sees it. */
export type ClientConnection = ShapeType<typeof connection>;

const consumerConnection = record({
  connectionSet: list(connection),
  subscriptionTable: mapOf(subscriptionData),
  consumeType: string(),
  messageModel: string(),
  consumeFromWhere: string(),
});

/** The connected consumers of a group and what they subscribed. */
export type ConsumerConnection = ShapeType<typeof consumerConnection>;

/** The body of a consumer connection answer (203). */
export const ConsumerConnection = jsonBody(consumerConnection);

const producerConnection = record({ connectionSet: list(connection) });

/** The connected producers of a group. */
export type ProducerConnection = ShapeType<typeof producerConnection>;

/** The body of a producer connection answer (204). */
export const ProducerConnection = jsonBody(producerConnection);

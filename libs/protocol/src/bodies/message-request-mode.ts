import { integer, list, mapOf, maybe, record, string, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';
import { messageQueue } from './message-queue.ts';

/** How a consumer gets the messages of a topic: by reading its own queues, or by popping what nobody else has. */
export type MessageRequestMode = 'PULL' | 'POP';

const queryAssignmentRequestBody = record({
  topic: string(),
  consumerGroup: string(),
  clientId: string(),
  /** The allocation strategy: AVG or AVG_BY_CIRCLE. */
  strategyName: string(),
  messageModel: string('CLUSTERING'),
});

/** Who asks for its queues. */
export type QueryAssignmentRequestBody = ShapeType<typeof queryAssignmentRequestBody>;

/** The body of an assignment request (400). */
export const QueryAssignmentRequestBody = jsonBody(queryAssignmentRequestBody, SMALL_BODY);

const messageQueueAssignment = record({
  messageQueue,
  /** MessageRequestMode; what is absent means PULL. */
  mode: string('PULL'),
  attachments: maybe(mapOf(string())),
});

/** One queue that a consumer is to serve. */
export type MessageQueueAssignment = ShapeType<typeof messageQueueAssignment>;

const queryAssignmentResponseBody = record({
  /** Undefined: nothing is known now, the consumer keeps what it has. */
  messageQueueAssignments: maybe(list(messageQueueAssignment)),
});

/** The queues that a consumer is to serve. */
export type QueryAssignmentResponseBody = ShapeType<typeof queryAssignmentResponseBody>;

/** The body of an assignment answer (400). */
export const QueryAssignmentResponseBody = jsonBody(queryAssignmentResponseBody);

const setMessageRequestModeRequestBody = record({
  topic: string(),
  consumerGroup: string(),
  /** MessageRequestMode. */
  mode: string('PULL'),
  /** How many more consumers share each queue; 0 or less: all. */
  popShareQueueNum: integer(),
});

/** How a group gets the messages of a topic. */
export type SetMessageRequestModeRequestBody = ShapeType<typeof setMessageRequestModeRequestBody>;

/** The body of a request to set the mode (401). */
export const SetMessageRequestModeRequestBody = jsonBody(setMessageRequestModeRequestBody, SMALL_BODY);

const messageRequestModeSerializeWrapper = record({
  messageRequestModeMap: mapOf(mapOf(setMessageRequestModeRequestBody)),
});

/** All modes that were set, by topic and group. */
export type MessageRequestModeSerializeWrapper = ShapeType<typeof messageRequestModeSerializeWrapper>;

/** The body of the modes' answer (402), and the content of `messageRequestMode.json`. */
export const MessageRequestModeSerializeWrapper = jsonBody(messageRequestModeSerializeWrapper);

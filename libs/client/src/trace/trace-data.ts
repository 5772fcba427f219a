import { RocketMQError } from '@nest-rocketmq/runtime';

/** Between the fields of a record (`TraceConstants.CONTENT_SPLITOR`). */
const FIELD_SEPARATOR = '\u0001';
/** Behind each record (`TraceConstants.FIELD_SPLITOR`). */
const RECORD_SEPARATOR = '\u0002';
const KEY_SEPARATOR = ' ';

/** What kind of message a send was of (`MessageType`); its place here is its number on the wire. */
export const TRACE_MESSAGE_TYPES = [
  'Normal_Msg',
  'Trans_Msg_Half',
  'Trans_msg_Commit',
  'Delay_Msg',
  'Order_Msg',
] as const;
/** One of {@link TRACE_MESSAGE_TYPES}. */
export type TraceMessageType = (typeof TRACE_MESSAGE_TYPES)[number];

/** How a call of a listener ended (`ConsumeReturnType`); its place here is its number on the wire. */
export const CONSUME_RETURN_TYPES = ['SUCCESS', 'TIME_OUT', 'EXCEPTION', 'RETURNNULL', 'FAILED'] as const;
/** One of {@link CONSUME_RETURN_TYPES}. */
export type ConsumeReturnType = (typeof CONSUME_RETURN_TYPES)[number];

/** A message was sent. */
export interface PubTrace {
  readonly type: 'Pub';
  /** When the send began, in milliseconds since the epoch. */
  readonly timeStamp: number;
  readonly regionId: string;
  readonly groupName: string;
  readonly topic: string;
  readonly msgId: string;
  readonly tags?: string | undefined;
  readonly keys?: string | undefined;
  /** `host:port` of the broker. */
  readonly storeHost: string;
  readonly bodyLength: number;
  /** Milliseconds. */
  readonly costTime: number;
  readonly msgType: TraceMessageType;
  readonly offsetMsgId: string;
  readonly success: boolean;
}

/** A message is about to be handed to a listener. */
export interface SubBeforeTrace {
  readonly type: 'SubBefore';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly groupName: string;
  /** The same before and after. */
  readonly requestId: string;
  readonly msgId: string;
  readonly retryTimes: number;
  readonly keys?: string | undefined;
}

/** A listener is done with a message. */
export interface SubAfterTrace {
  readonly type: 'SubAfter';
  readonly requestId: string;
  readonly msgId: string;
  readonly costTime: number;
  readonly success: boolean;
  readonly keys?: string | undefined;
  /** A number of {@link CONSUME_RETURN_TYPES}. */
  readonly contextCode: number;
  /** Absent in records of old clients. */
  readonly timeStamp?: number | undefined;
  readonly groupName?: string | undefined;
}

/** A transaction was committed or rolled back. */
export interface EndTransactionTrace {
  readonly type: 'EndTransaction';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly groupName: string;
  readonly topic: string;
  readonly msgId: string;
  readonly tags?: string | undefined;
  readonly keys?: string | undefined;
  readonly storeHost: string;
  readonly msgType: TraceMessageType;
  readonly transactionId: string;
  /** `COMMIT_MESSAGE`, `ROLLBACK_MESSAGE` or `UNKNOW`. */
  readonly transactionState: string;
  readonly fromTransactionCheck: boolean;
}

/** A delayed message was taken back. */
export interface RecallTrace {
  readonly type: 'Recall';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly groupName: string;
  readonly topic: string;
  readonly msgId: string;
  readonly success: boolean;
}

/** One record of a message's trace. */
export type TraceRecord = PubTrace | SubBeforeTrace | SubAfterTrace | EndTransactionTrace | RecallTrace;

type Field = string | number | boolean | undefined;

/** The text of a record, as `TraceDataEncoder.encoderFromContextBean` writes it. */
export function encodeTrace(record: TraceRecord): string {
  return fieldsOf(record).map(text).join(FIELD_SEPARATOR) + RECORD_SEPARATOR;
}

/** The keys a record is found by: the message's id, and its own keys. */
export function traceKeys(record: TraceRecord): string[] {
  const keys = 'keys' in record ? record.keys : undefined;
  return [record.msgId, ...(keys ?? '').split(KEY_SEPARATOR)].filter((key) => key !== '');
}

function fieldsOf(record: TraceRecord): Field[] {
  switch (record.type) {
    case 'Pub':
      return [
        record.type,
        record.timeStamp,
        record.regionId,
        record.groupName,
        record.topic,
        record.msgId,
        record.tags,
        record.keys,
        record.storeHost,
        record.bodyLength,
        record.costTime,
        TRACE_MESSAGE_TYPES.indexOf(record.msgType),
        record.offsetMsgId,
        record.success,
      ];
    case 'SubBefore':
      return [
        record.type,
        record.timeStamp,
        record.regionId,
        record.groupName,
        record.requestId,
        record.msgId,
        record.retryTimes,
        record.keys,
      ];
    case 'SubAfter':
      return [
        record.type,
        record.requestId,
        record.msgId,
        record.costTime,
        record.success,
        record.keys,
        record.contextCode,
        record.timeStamp,
        record.groupName,
      ];
    case 'EndTransaction':
      return [
        record.type,
        record.timeStamp,
        record.regionId,
        record.groupName,
        record.topic,
        record.msgId,
        record.tags,
        record.keys,
        record.storeHost,
        TRACE_MESSAGE_TYPES.indexOf(record.msgType),
        record.transactionId,
        record.transactionState,
        record.fromTransactionCheck,
      ];
    case 'Recall':
      return [
        record.type,
        record.timeStamp,
        record.regionId,
        record.groupName,
        record.topic,
        record.msgId,
        record.success,
      ];
  }
}

/** Java appends what is missing as the text `null`; a separator within a field would make two of it. */
function text(value: Field): string {
  // eslint-disable-next-line no-control-regex
  return typeof value === 'string' ? value.replace(/[\u0001\u0002]/g, ' ') : String(value ?? 'null');
}

/**
 * Reads the records of a trace message's body, those of older clients among them; records of kinds that are unknown are
 * left out.
 * @throws RocketMQError `PROTOCOL` when a record is broken
 */
export function decodeTrace(data: string): TraceRecord[] {
  return data
    .split(RECORD_SEPARATOR)
    .filter((record) => record !== '')
    .flatMap((record) => decodeRecord(record.split(FIELD_SEPARATOR)));
}

function decodeRecord(fields: readonly string[]): TraceRecord[] {
  const at = (index: number): string => {
    const field = fields[index];
    if (field === undefined) throw broken(fields[0] ?? '', `it has no field ${index}`);
    return field;
  };
  const optional = (index: number): string | undefined => (at(index) === 'null' ? undefined : at(index));
  const number = (index: number): number => {
    const value = Number(at(index));
    if (at(index) === '' || !Number.isSafeInteger(value))
      throw broken(at(0), `field ${index} is not a number`);
    return value;
  };
  const head = () => ({ timeStamp: number(1), regionId: at(2), groupName: at(3) });
  const place = () => ({
    topic: at(4),
    msgId: at(5),
    tags: optional(6),
    keys: optional(7),
    storeHost: at(8),
  });
  switch (fields[0]) {
    case 'Pub': {
      // Before 4.5.1 there was no offset message id; some versions write the client's host behind.
      const old = fields.length <= 13;
      return [
        {
          type: 'Pub',
          ...head(),
          ...place(),
          bodyLength: number(9),
          costTime: number(10),
          msgType: messageType(number(11)),
          offsetMsgId: old ? '' : at(12),
          success: fields.length > 12 && at(old ? 12 : 13) === 'true',
        },
      ];
    }
    case 'SubBefore':
      return [
        {
          type: 'SubBefore',
          ...head(),
          requestId: at(4),
          msgId: at(5),
          retryTimes: number(6),
          keys: optional(7),
        },
      ];
    case 'SubAfter':
      return [
        {
          type: 'SubAfter',
          requestId: at(1),
          msgId: at(2),
          costTime: number(3),
          success: at(4) === 'true',
          keys: optional(5),
          contextCode: fields.length >= 7 ? number(6) : 0,
          ...(fields.length >= 9 ? { timeStamp: number(7), groupName: at(8) } : {}),
        },
      ];
    case 'EndTransaction':
      return [
        {
          type: 'EndTransaction',
          ...head(),
          ...place(),
          msgType: messageType(number(9)),
          transactionId: at(10),
          transactionState: at(11),
          fromTransactionCheck: at(12) === 'true',
        },
      ];
    case 'Recall':
      return [{ type: 'Recall', ...head(), topic: at(4), msgId: at(5), success: at(6) === 'true' }];
    default:
      return [];
  }
}

function messageType(ordinal: number): TraceMessageType {
  const type = TRACE_MESSAGE_TYPES[ordinal];
  if (type) return type;
  throw broken('Pub', `there is no message type ${ordinal}`);
}

function broken(type: string, why: string): RocketMQError {
  return new RocketMQError(
    'PROTOCOL',
    `A trace record of the type ${JSON.stringify(type.slice(0, 32))} is broken: ${why}`,
  );
}

/** The second word of a record whose topic length has one byte. As a signed integer, as it is read. */
export const RECORD_MAGIC_V1 = -626843481;
/** The second word of a record whose topic length has two bytes: topics above 127 bytes. */
export const RECORD_MAGIC_V2 = -626843477;
/** The second word of the filler at the end of a commit log file. */
export const BLANK_MAGIC = -875286124;

/** The length of an encoded IPv4 address. */
export const HOST_V4_LENGTH = 8;
/** The length of an encoded IPv6 address. */
export const HOST_V6_LENGTH = 20;

/** Topics longer than this are written in a V2 record. */
export const MAX_V1_TOPIC_LENGTH = 127;
/** What the length of the properties can say. */
export const MAX_PROPERTIES_LENGTH = 32_767;

/** Where the parts of a record lie whose place does not depend on its addresses. */
export const RecordOffset = {
  TOTAL_SIZE: 0,
  MAGIC: 4,
  BODY_CRC: 8,
  QUEUE_ID: 12,
  FLAG: 16,
  QUEUE_OFFSET: 20,
  PHYSICAL_OFFSET: 28,
  SYS_FLAG: 36,
  BORN_TIMESTAMP: 40,
  BORN_HOST: 48,
} as const;

/** Where the later parts of a record lie, from its beginning. */
export interface RecordLayout {
  readonly storeTimestamp: number;
  readonly storeHost: number;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly bodyLength: number;
  readonly body: number;
}

function layout(bornHostLength: number, storeHostLength: number): RecordLayout {
  const storeTimestamp = RecordOffset.BORN_HOST + bornHostLength;
  const storeHost = storeTimestamp + 8;
  const reconsumeTimes = storeHost + storeHostLength;
  return {
    storeTimestamp,
    storeHost,
    reconsumeTimes,
    preparedTransactionOffset: reconsumeTimes + 4,
    bodyLength: reconsumeTimes + 12,
    body: reconsumeTimes + 16,
  };
}

const V4_V4 = layout(HOST_V4_LENGTH, HOST_V4_LENGTH);
const V4_V6 = layout(HOST_V4_LENGTH, HOST_V6_LENGTH);
const V6_V4 = layout(HOST_V6_LENGTH, HOST_V4_LENGTH);
const V6_V6 = layout(HOST_V6_LENGTH, HOST_V6_LENGTH);

/** The layout of a record by the lengths of its addresses, each 8 or 20. */
export function recordLayout(bornHostLength: number, storeHostLength: number): RecordLayout {
  if (bornHostLength === HOST_V4_LENGTH) return storeHostLength === HOST_V4_LENGTH ? V4_V4 : V4_V6;
  return storeHostLength === HOST_V4_LENGTH ? V6_V4 : V6_V6;
}

/** How many bytes a record takes. The topic's length decides between V1 and V2. */
export function recordSize(
  bornHostLength: number,
  storeHostLength: number,
  bodyLength: number,
  topicLength: number,
  propertiesLength: number,
): number {
  const topicSize = topicLength > MAX_V1_TOPIC_LENGTH ? 2 : 1;
  return (
    recordLayout(bornHostLength, storeHostLength).body +
    bodyLength +
    topicSize +
    topicLength +
    2 +
    propertiesLength
  );
}

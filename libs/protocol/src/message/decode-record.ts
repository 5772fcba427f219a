import { MessageSysFlag } from '../codes/sys-flag.ts';
import { crc32 } from './crc32.ts';
import { bornHostLength, MessageRecord, storeHostLength } from './message-record.ts';
import { RECORD_MAGIC_V1, RECORD_MAGIC_V2, recordLayout, RecordOffset } from './record-layout.ts';

/** What {@link decodeRecord} looks at besides the lengths. */
export interface DecodeOptions {
  /** Whether the body's CRC is compared. Default false, as in Java's client. */
  checkCrc?: boolean;
}

const MIN_RECORD_SIZE = 91;

/**
 * The record that begins at `at`. Undefined when there is none: the bytes end, the magic is another (a blank filler for
 * one), a length does not fit into the record, or the CRC differs.
 */
export function decodeRecord(
  buffer: Buffer,
  at: number,
  options: DecodeOptions = {},
): MessageRecord | undefined {
  if (at < 0 || at + MIN_RECORD_SIZE > buffer.length) return undefined;
  const magic = buffer.readInt32BE(at + RecordOffset.MAGIC);
  if (magic !== RECORD_MAGIC_V1 && magic !== RECORD_MAGIC_V2) return undefined;
  const end = at + buffer.readInt32BE(at + RecordOffset.TOTAL_SIZE);
  if (end < at + MIN_RECORD_SIZE || end > buffer.length) return undefined;
  const sysFlag = buffer.readInt32BE(at + RecordOffset.SYS_FLAG);
  const layout = recordLayout(bornHostLength(sysFlag), storeHostLength(sysFlag));
  const bodyStart = at + layout.body;
  if (bodyStart > end) return undefined;
  const bodyEnd = bodyStart + buffer.readInt32BE(at + layout.bodyLength);
  const topicStart = bodyEnd + (magic === RECORD_MAGIC_V1 ? 1 : 2);
  if (bodyEnd < bodyStart || topicStart > end) return undefined;
  const topicEnd =
    topicStart + (magic === RECORD_MAGIC_V1 ? buffer.readUInt8(bodyEnd) : buffer.readUInt16BE(bodyEnd));
  if (topicEnd + 2 > end) return undefined;
  const propertiesEnd = topicEnd + 2 + buffer.readInt16BE(topicEnd);
  // Something may follow the properties: the room a broker of 5.x keeps for a CRC over the whole record.
  if (propertiesEnd < topicEnd + 2 || propertiesEnd > end) return undefined;
  if (
    options.checkCrc === true &&
    crc32(buffer, bodyStart, bodyEnd) !== buffer.readInt32BE(at + RecordOffset.BODY_CRC)
  ) {
    return undefined;
  }
  return new MessageRecord(buffer, at, bodyEnd, topicStart, topicEnd, propertiesEnd);
}

/** All records of a pull's body, which lie one after the other. Ends at the first that is none, as Java's client does. */
export function decodeRecords(buffer: Buffer): MessageRecord[] {
  const records: MessageRecord[] = [];
  let at = 0;
  for (let record = decodeRecord(buffer, 0); record !== undefined; record = decodeRecord(buffer, at)) {
    records.push(record);
    at += record.totalSize;
  }
  return records;
}

/** Whether the body is compressed. */
export function isCompressed(sysFlag: number): boolean {
  return (sysFlag & MessageSysFlag.COMPRESSED_FLAG) !== 0;
}

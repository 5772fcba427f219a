import { RocketMQError } from '@nest-rocketmq/runtime';
import { MessageSysFlag } from '../codes/sys-flag.ts';
import { crc32 } from './crc32.ts';
import { writeInt64 } from './int64.ts';
import {
  HOST_V6_LENGTH,
  MAX_PROPERTIES_LENGTH,
  MAX_V1_TOPIC_LENGTH,
  RECORD_MAGIC_V1,
  RECORD_MAGIC_V2,
  recordLayout,
  RecordOffset,
  recordSize,
} from './record-layout.ts';

/** The parts of a record. Numbers that are left out are 0. */
export interface RecordFields {
  topic: string;
  body: Buffer;
  /** As {@link encodeHost} makes it. Its length sets the IPv6 bit of the sysFlag. */
  bornHost: Buffer;
  storeHost: Buffer;
  /** As {@link encodeProperties} makes them. Default none. */
  properties?: Buffer;
  queueId?: number;
  flag?: number;
  queueOffset?: number;
  physicalOffset?: number;
  sysFlag?: number;
  bornTimestamp?: number;
  storeTimestamp?: number;
  reconsumeTimes?: number;
  preparedTransactionOffset?: number;
}

const NONE = Buffer.alloc(0);

/**
 * The bytes of one record, V2 when the topic takes more than 127 bytes. The broker's store has its own way to write
 * records straight into its log; this one is for tools, tests and messages a broker pushes.
 * Throws RocketMQError `INVALID_ARGUMENT` when the topic or the properties are longer than their length can say.
 */
export function encodeRecord(fields: RecordFields): Buffer {
  const { body, bornHost, storeHost } = fields;
  const topic = Buffer.from(fields.topic);
  const properties = fields.properties ?? NONE;
  if (properties.length > MAX_PROPERTIES_LENGTH || topic.length > 0x7fff) {
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `a record can't hold ${properties.length} bytes of properties and ${topic.length} of topic`,
    );
  }
  const layout = recordLayout(bornHost.length, storeHost.length);
  const size = recordSize(bornHost.length, storeHost.length, body.length, topic.length, properties.length);
  const long = topic.length > MAX_V1_TOPIC_LENGTH;
  const record = Buffer.alloc(size);
  record.writeInt32BE(size, RecordOffset.TOTAL_SIZE);
  record.writeInt32BE(long ? RECORD_MAGIC_V2 : RECORD_MAGIC_V1, RecordOffset.MAGIC);
  record.writeInt32BE(crc32(body), RecordOffset.BODY_CRC);
  record.writeInt32BE(fields.queueId ?? 0, RecordOffset.QUEUE_ID);
  record.writeInt32BE(fields.flag ?? 0, RecordOffset.FLAG);
  writeInt64(record, fields.queueOffset ?? 0, RecordOffset.QUEUE_OFFSET);
  writeInt64(record, fields.physicalOffset ?? 0, RecordOffset.PHYSICAL_OFFSET);
  record.writeInt32BE(withHostBits(fields.sysFlag ?? 0, bornHost, storeHost), RecordOffset.SYS_FLAG);
  writeInt64(record, fields.bornTimestamp ?? 0, RecordOffset.BORN_TIMESTAMP);
  bornHost.copy(record, RecordOffset.BORN_HOST);
  writeInt64(record, fields.storeTimestamp ?? 0, layout.storeTimestamp);
  storeHost.copy(record, layout.storeHost);
  record.writeInt32BE(fields.reconsumeTimes ?? 0, layout.reconsumeTimes);
  writeInt64(record, fields.preparedTransactionOffset ?? 0, layout.preparedTransactionOffset);
  record.writeInt32BE(body.length, layout.bodyLength);
  let at = layout.body + body.copy(record, layout.body);
  at = long ? record.writeInt16BE(topic.length, at) : record.writeUInt8(topic.length, at);
  at += topic.copy(record, at);
  at = record.writeInt16BE(properties.length, at);
  properties.copy(record, at);
  return record;
}

function withHostBits(sysFlag: number, bornHost: Buffer, storeHost: Buffer): number {
  const born = bornHost.length === HOST_V6_LENGTH ? MessageSysFlag.BORNHOST_V6_FLAG : 0;
  const store = storeHost.length === HOST_V6_LENGTH ? MessageSysFlag.STOREHOSTADDRESS_V6_FLAG : 0;
  return (
    (sysFlag & ~(MessageSysFlag.BORNHOST_V6_FLAG | MessageSysFlag.STOREHOSTADDRESS_V6_FLAG)) | born | store
  );
}

export * from './bodies/index.ts';
export { ByteSlicer, readInt32, setBytes, writeInt32 } from './bytes.ts';
export * from './codes/language-code.ts';
export * from './codes/message-const.ts';
export * from './codes/mix-all.ts';
export * from './codes/mq-version.ts';
export * from './codes/perm-name.ts';
export * from './codes/request-code.ts';
export * from './codes/response-code.ts';
export * from './codes/serialize-type.ts';
export * from './codes/sys-flag.ts';
export * from './commands/index.ts';
export type { Command, EmptyHeader, HeaderCodec } from './commands/header-codec.ts';
export { javaHashCode } from './java/hash-code.ts';
export type { JsonObject, JsonValue } from './json/json-value.ts';
export { parseJson, type JsonLimits } from './json/parse-json.ts';
export { JavaDouble, stringifyJson, type StringifyOptions } from './json/stringify-json.ts';
export { decodeFrame } from './remoting/decode-frame.ts';
export { encodeCommand } from './remoting/encode-command.ts';
export type { FieldSource } from './remoting/field-source.ts';
export { HeaderError } from './remoting/header-error.ts';
export { HeaderView } from './remoting/header-view.ts';
export { RemotingCommand } from './remoting/remoting-command.ts';
export { mergeProperties } from './java/merge-properties.ts';
export { formatProperties, parseProperties } from './java/properties.ts';
export { BatchPart, decodeBatch, encodeBatch, type BatchMessage } from './message/batch.ts';
export { crc32 } from './message/crc32.ts';
export { decodeRecord, decodeRecords, isCompressed, type DecodeOptions } from './message/decode-record.ts';
export { encodeRecord, type RecordFields } from './message/encode-record.ts';
export { decodeHost, encodeHost, encodeIp } from './message/host.ts';
export { readInt64, writeInt64 } from './message/int64.ts';
export { decodeOffsetMessageId, offsetMessageId, type OffsetMessageId } from './message/message-id.ts';
export { bornHostLength, MessageRecord, storeHostLength } from './message/message-record.ts';
export * from './message/names.ts';
export * from './message/pop-extra-info.ts';
export * from './message/pop-topics.ts';
export * from './message/properties.ts';
export { SharedProperty } from './message/shared-property.ts';
export { decodeRecallHandle, encodeRecallHandle, type RecallHandle } from './message/recall-handle.ts';
export * from './message/record-layout.ts';
export {
  createUniqueId,
  UniqueIdGenerator,
  uniqueIdTime,
  type UniqueIdOptions,
} from './message/unique-id.ts';

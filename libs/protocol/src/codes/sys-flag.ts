/** The bits of a message's `sysFlag` (RocketMQ's `MessageSysFlag`). */
export const MessageSysFlag = {
  COMPRESSED_FLAG: 0x1,
  MULTI_TAGS_FLAG: 0x2,
  TRANSACTION_NOT_TYPE: 0x0,
  TRANSACTION_PREPARED_TYPE: 0x4,
  TRANSACTION_COMMIT_TYPE: 0x8,
  TRANSACTION_ROLLBACK_TYPE: 0xc,
  /** The mask of the four transaction types. */
  TRANSACTION_MASK: 0xc,
  BORNHOST_V6_FLAG: 0x10,
  STOREHOSTADDRESS_V6_FLAG: 0x20,
  NEED_UNWRAP_FLAG: 0x40,
  INNER_BATCH_FLAG: 0x80,
  COMPRESSION_LZ4_TYPE: 0x100,
  COMPRESSION_ZSTD_TYPE: 0x200,
  COMPRESSION_ZLIB_TYPE: 0x300,
  /** The mask of the compression types; 0 beside `COMPRESSED_FLAG` is zlib, as senders before 4.9.4 wrote it. */
  COMPRESSION_TYPE_MASK: 0x700,
} as const;

/** The bits of a pull's `sysFlag` (RocketMQ's `PullSysFlag`). */
export const PullSysFlag = {
  /** `commitOffset` is to be stored. */
  COMMIT_OFFSET: 0x1,
  /** The broker may hold the request until a message comes. */
  SUSPEND: 0x2,
  /** The header carries the subscription. */
  SUBSCRIPTION: 0x4,
  CLASS_FILTER: 0x8,
  LITE_PULL_MESSAGE: 0x10,
} as const;

/** The bits of a topic's `topicSysFlag` (RocketMQ's `TopicSysFlag`). */
export const TopicSysFlag = { UNIT: 0x1, UNIT_SUB: 0x2 } as const;

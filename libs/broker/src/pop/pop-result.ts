import {
  bornHostLength,
  decodeRecords,
  encodeCommand,
  encodeProperties,
  encodeRecord,
  formatPopExtraInfo,
  MessageConst,
  recordLayout,
  RecordOffset,
  RemotingCommand,
  storeHostLength,
  type FieldSource,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { MessageStore, Selection } from '@nest-rocketmq/store';

/** What the POP_CK property of a revived message says besides its own place. */
export interface RevivedReceipt {
  readonly topic: string;
  readonly startOffset: number;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQueueId: number;
  readonly retry: string;
  readonly brokerName: string;
}

/** The messages that one pop has found so far, with what the answer's header says of them. */
export class PopResult {
  count = 0;
  /** Messages that could be popped still, over all queues. */
  restNum = 0;
  readonly startOffsets: string[] = [];
  readonly messageOffsets: string[] = [];
  readonly orderCounts: string[] = [];
  readonly #store: MessageStore;
  readonly #parts: (Selection | Buffer)[] = [];
  #bytes = 0;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** Takes messages over as they are in the log. */
  add(selection: Selection): void {
    this.#parts.push(selection);
    this.#bytes += selection.bytes;
    this.count += selection.count;
  }

  /**
   * Takes revived messages over under the name of the topic they come from, each with its receipt, as clients of any
   * version expect them.
   * @returns false when they are gone from the log
   */
  addRevived(selection: Selection, receipt: RevivedReceipt): boolean {
    const records = Buffer.allocUnsafe(selection.bytes);
    if (!this.#store.read(selection, records, 0)) return false;
    let at = 0;
    for (const record of decodeRecords(records)) {
      const bytes = records.subarray(at, (at += record.totalSize));
      const born = bornHostLength(record.sysFlag);
      const stored = storeHostLength(record.sysFlag);
      const storeHostStart = recordLayout(born, stored).storeHost;
      const properties = new Map(record.properties);
      if (!properties.has(MessageConst.PROPERTY_POP_CK)) {
        const { queueId, queueOffset } = record;
        properties.set(
          MessageConst.PROPERTY_POP_CK,
          formatPopExtraInfo({ ...receipt, queueId, queueOffset }),
        );
      }
      const rewritten = encodeRecord({
        topic: receipt.topic,
        body: record.body,
        bornHost: bytes.subarray(RecordOffset.BORN_HOST, RecordOffset.BORN_HOST + born),
        storeHost: bytes.subarray(storeHostStart, storeHostStart + stored),
        properties: encodeProperties(properties),
        queueId: record.queueId,
        flag: record.flag,
        queueOffset: record.queueOffset,
        physicalOffset: record.physicalOffset,
        sysFlag: record.sysFlag,
        bornTimestamp: record.bornTimestamp,
        storeTimestamp: record.storeTimestamp,
        reconsumeTimes: record.reconsumeTimes,
        preparedTransactionOffset: record.preparedTransactionOffset,
      });
      this.#parts.push(rewritten);
      this.#bytes += rewritten.length;
      this.count++;
    }
    return true;
  }

  /**
   * Answers with the messages, straight into the connection's out buffer.
   * @returns false when the log was trimmed under them: nothing is written
   */
  answer(
    connection: Connection,
    request: FieldSource & Parameters<typeof RemotingCommand.response>[0],
    code: number,
    remark: string,
    fields: Map<string, string>,
  ): boolean {
    const { position } = connection;
    const frame = encodeCommand(RemotingCommand.response(request, code, remark, fields));
    let at = connection.reserve(frame.length + this.#bytes);
    frame.copy(connection.out, at);
    connection.out.writeInt32BE(frame.length + this.#bytes - 4, at);
    at += frame.length;
    for (const part of this.#parts) {
      if (Buffer.isBuffer(part)) at += part.copy(connection.out, at);
      else if (this.#store.read(part, connection.out, at)) at += part.bytes;
      else {
        connection.rollback(position);
        return false;
      }
    }
    return true;
  }
}

import {
  AckMessage,
  BatchAckMessageRequestBody,
  ChangeMessageInvisibleTime,
  decodeRecords,
  formatPopExtraInfo,
  MessageConst,
  parsePopNumbers,
  parsePopOffsets,
  PopMessage,
  popRetryTopicV1,
  popRetryTopicV2,
  RemotingCommand,
  RequestCode,
  type BatchAck,
  type MessageRecord,
  type PopMessageRequestHeader,
  type PopMessageResponseHeader,
} from '@nest-rocketmq/protocol';
import type { RemotingClient } from '@nest-rocketmq/remoting';

/** A broker to speak to. */
export interface PopTarget {
  readonly client: RemotingClient;
  readonly address: string;
}

/** A popped message with its receipt. */
export interface Popped {
  readonly record: MessageRecord;
  readonly body: string;
  readonly receipt: string;
  /** The topic whose queue holds it. */
  readonly topic: string;
}

/** What a pop brought. */
export interface PopAnswer {
  readonly code: number;
  readonly remark: string | undefined;
  readonly header: PopMessageResponseHeader;
  readonly messages: Popped[];
}

/** Pops and acknowledges as a client does; one group. */
export class PopClient {
  readonly #broker: PopTarget;
  readonly group: string;
  readonly #now: () => number;

  constructor(broker: PopTarget, group: string, now: () => number = Date.now) {
    this.#broker = broker;
    this.group = group;
    this.#now = now;
  }

  async pop(topic: string, options: Partial<PopMessageRequestHeader> = {}): Promise<PopAnswer> {
    const header = {
      consumerGroup: this.group,
      topic,
      queueId: -1,
      maxMsgNums: 32,
      invisibleTime: 10_000,
      pollTime: 0,
      bornTime: this.#now(),
      initMode: 0,
      order: false,
      ...options,
    };
    const request = RemotingCommand.request(RequestCode.POP_MESSAGE, PopMessage.request.encode(header));
    const answer = await this.#broker.client.invoke(this.#broker.address, request, 30_000);
    const reply = PopMessage.response.decode(answer);
    const messages = answer.code === 0 ? this.#receipts(topic, reply, decodeRecords(answer.body)) : [];
    return { code: answer.code, remark: answer.remark, header: reply, messages };
  }

  async ack({ record, receipt, topic }: Popped): Promise<RemotingCommand> {
    const fields = AckMessage.request.encode({
      consumerGroup: this.group,
      topic,
      queueId: record.queueId,
      offset: record.queueOffset,
      extraInfo: receipt,
    });
    const request = RemotingCommand.request(RequestCode.ACK_MESSAGE, fields);
    return this.#broker.client.invoke(this.#broker.address, request, 5000);
  }

  async batchAck(acks: BatchAck[]): Promise<RemotingCommand> {
    const body = BatchAckMessageRequestBody.encode({ brokerName: 'broker-a', acks });
    const request = RemotingCommand.request(RequestCode.BATCH_ACK_MESSAGE, new Map(), body);
    return this.#broker.client.invoke(this.#broker.address, request, 5000);
  }

  async change({ record, receipt, topic }: Popped, invisibleTime: number): Promise<RemotingCommand> {
    const fields = ChangeMessageInvisibleTime.request.encode({
      consumerGroup: this.group,
      topic,
      queueId: record.queueId,
      offset: record.queueOffset,
      extraInfo: receipt,
      invisibleTime,
      suspend: false,
    });
    const request = RemotingCommand.request(RequestCode.CHANGE_MESSAGE_INVISIBLETIME, fields);
    return this.#broker.client.invoke(this.#broker.address, request, 5000);
  }

  #receipts(topic: string, header: PopMessageResponseHeader, records: readonly MessageRecord[]): Popped[] {
    const starts = parsePopNumbers(header.startOffsetInfo);
    const offsets = parsePopOffsets(header.msgOffsetInfo);
    return records.map((record) => {
      const given = record.property(MessageConst.PROPERTY_POP_CK);
      const retry = given?.split(' ')[4] ?? '0';
      const key = `${retry}@${record.queueId}`;
      if (!offsets.get(key)?.includes(record.queueOffset))
        throw new Error(`${key} lacks ${record.queueOffset}`);
      const receipt =
        given ??
        formatPopExtraInfo({
          startOffset: starts.get(key) ?? -1,
          popTime: header.popTime,
          invisibleTime: header.invisibleTime,
          reviveQueueId: header.reviveQid,
          retry,
          brokerName: 'broker-a',
          queueId: record.queueId,
          queueOffset: record.queueOffset,
        });
      const name = { '1': popRetryTopicV1, '2': popRetryTopicV2 }[retry];
      return {
        record,
        body: record.body.toString(),
        receipt,
        topic: name ? name(topic, this.group) : topic,
      };
    });
  }
}

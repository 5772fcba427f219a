import {
  ConsumeMessageDirectly,
  ConsumeMessageDirectlyResult,
  ConsumerRunningInfo,
  GetConsumerRunningInfo,
  GetConsumerStatusBody,
  InvokeBrokerToGetConsumerStatus,
  ResponseCode,
  retryTopic,
  type MessageQueue,
  type QueueEntry,
} from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';
import type { MessageExt } from '../message/message.ts';
import { decodeTrace, type TraceRecord } from '../trace/trace-data.ts';
import { DEFAULT_TRACE_TOPIC } from '../trace/trace-dispatcher.ts';
import { withNamespace } from '../namespace/namespace.ts';
import type { AdminSession } from './admin-session.ts';
import type { MessageAdmin } from './message-admin.ts';

/** Consumers answer within 10 s, or their broker does for them. */
const RELAY_TIMEOUT_MS = 12_000;

/** Asks consumers that run, over their brokers, and looks into message traces. */
export class DiagnosisAdmin {
  readonly #session: AdminSession;
  readonly #messages: MessageAdmin;

  constructor(session: AdminSession, messages: MessageAdmin) {
    this.#session = session;
    this.#messages = messages;
  }

  /** Members tell every broker: the first one that the consumer is connected to asks it. */
  async runningInfo(group: string, clientId: string, jstack: boolean): Promise<ConsumerRunningInfo> {
    const header = { consumerGroup: group, clientId, jstackEnable: jstack };
    let failure: unknown = this.#session.instance.routes.noRoute(retryTopic(group));
    for (const { address } of await this.#session.brokersOf(retryTopic(group))) {
      try {
        const options = { timeoutMs: RELAY_TIMEOUT_MS };
        const { body } = await this.#session.instance.call(address, GetConsumerRunningInfo, header, options);
        return ConsumerRunningInfo.decode(body);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  async offsets(
    group: string,
    topic: string,
    clientId: string | undefined,
  ): Promise<Map<string, QueueEntry<number>[]>> {
    const header = { group, topic, ...(clientId === undefined ? {} : { clientAddr: clientId }) };
    const found = new Map<string, Map<string, { queue: MessageQueue; value: number }>>();
    for (const { address } of await this.#session.brokersOf(topic)) {
      const options = { timeoutMs: RELAY_TIMEOUT_MS };
      const answer = await this.#session.instance.call(
        address,
        InvokeBrokerToGetConsumerStatus,
        header,
        options,
      );
      for (const [client, entries] of GetConsumerStatusBody.decode(answer.body).consumerTable) {
        const known = found.get(client) ?? new Map<string, QueueEntry<number>>();
        for (const entry of entries) known.set(`${entry.queue.brokerName}:${entry.queue.queueId}`, entry);
        found.set(client, known);
      }
    }
    return new Map([...found].map(([client, entries]) => [client, [...entries.values()]]));
  }

  async consumeDirectly(
    group: string,
    clientId: string,
    message: MessageExt,
  ): Promise<ConsumeMessageDirectlyResult> {
    const { offsetMsgId, brokerName } = message;
    const topic = withNamespace(this.#session.instance.settings.namespace, message.topic);
    const address = await this.#session.addressOf({ topic, brokerName, queueId: message.queueId });
    const header = { consumerGroup: group, clientId, msgId: offsetMsgId, brokerName, topic };
    const options = { timeoutMs: RELAY_TIMEOUT_MS };
    const { body } = await this.#session.instance.call(address, ConsumeMessageDirectly, header, options);
    return ConsumeMessageDirectlyResult.decode(body);
  }

  async trace(msgId: string, topic: string | undefined): Promise<TraceRecord[]> {
    try {
      const found = await this.#messages.byKey(topic ?? DEFAULT_TRACE_TOPIC, msgId, { maxNum: 64 });
      const records = found.flatMap((message) => decodeTrace(message.body.toString()));
      return records.filter((record) => record.msgId === msgId);
    } catch (error) {
      if (error instanceof BrokerError && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return [];
      throw error;
    }
  }
}

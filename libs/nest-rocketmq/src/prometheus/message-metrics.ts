import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import {
  consumeChannel,
  receiveChannel,
  sendChannel,
  type ConsumeEvent,
  type ReceiveEvent,
  type SendEvent,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** From a send within a data centre to a handler that takes its time, in seconds. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

const nothing = (): void => undefined;
const SEND_LABELS = ['topic', 'status'] as const;
const GROUP_LABELS = ['consumer_group', 'topic'] as const;

/** Counts what the diagnostics channels tell of: everything that is sent and consumed in this process. */
export class MessageMetrics {
  readonly #sent: Counter<(typeof SEND_LABELS)[number]>;
  readonly #sendSeconds: Histogram<'topic'>;
  readonly #sending: Gauge<'topic'>;
  readonly #consumed: Counter<(typeof GROUP_LABELS)[number] | 'outcome'>;
  readonly #consumeSeconds: Histogram<(typeof GROUP_LABELS)[number]>;
  readonly #consuming: Gauge<'consumer_group'>;
  readonly #received: Counter<(typeof GROUP_LABELS)[number]>;
  readonly #startedAt = new WeakMap<SendEvent | ConsumeEvent, number>();
  readonly #sends;
  readonly #calls;
  readonly #polls;

  constructor(registry: Registry, prefix: string, buckets: readonly number[]) {
    const registers = [registry];
    this.#sent = new Counter({
      name: `${prefix}messages_sent_total`,
      help: 'Messages that were sent, by how that ended: SEND_OK, another status, ONEWAY, or the code of an error',
      labelNames: SEND_LABELS,
      registers,
    });
    this.#sendSeconds = new Histogram({
      name: `${prefix}send_duration_seconds`,
      help: 'How long sends took, all their tries together, failed ones included',
      labelNames: ['topic'],
      buckets: [...buckets],
      registers,
    });
    this.#sending = new Gauge({
      name: `${prefix}sends_in_flight`,
      help: 'Sends that wait for their answer',
      labelNames: ['topic'],
      registers,
    });
    this.#consumed = new Counter({
      name: `${prefix}messages_consumed_total`,
      help: 'Messages that were handled, by what becomes of them: consumed, retry, dead-letter, dropped',
      labelNames: [...GROUP_LABELS, 'outcome'],
      registers,
    });
    this.#consumeSeconds = new Histogram({
      name: `${prefix}consume_duration_seconds`,
      help: 'How long handlers took',
      labelNames: GROUP_LABELS,
      buckets: [...buckets],
      registers,
    });
    this.#consuming = new Gauge({
      name: `${prefix}handlers_in_flight`,
      help: 'Calls of handlers that run',
      labelNames: ['consumer_group'],
      registers,
    });
    this.#received = new Counter({
      name: `${prefix}messages_received_total`,
      help: 'Messages that were polled',
      labelNames: GROUP_LABELS,
      registers,
    });
    const rest = { end: nothing, asyncStart: nothing, error: nothing };
    this.#sends = { ...rest, start: this.#sendStarted, asyncEnd: this.#sendEnded };
    this.#calls = { ...rest, start: this.#callStarted, asyncEnd: this.#callEnded };
    this.#polls = { ...rest, start: nothing, asyncEnd: this.#polled };
    receiveChannel.subscribe(this.#polls);
    sendChannel.subscribe(this.#sends);
    consumeChannel.subscribe(this.#calls);
  }

  /** Counts no more. */
  stop(): void {
    receiveChannel.unsubscribe(this.#polls);
    sendChannel.unsubscribe(this.#sends);
    consumeChannel.unsubscribe(this.#calls);
  }

  readonly #sendStarted = (event: SendEvent): void => {
    this.#startedAt.set(event, performance.now());
    this.#sending.inc({ topic: topicOf(event) });
  };

  readonly #sendEnded = (event: SendEvent): void => {
    const topic = topicOf(event);
    const seconds = this.#since(event);
    // Of what had begun before there was anybody to count it, only the end is known.
    if (seconds === undefined) return;
    this.#sending.dec({ topic });
    this.#sendSeconds.observe({ topic }, seconds);
    this.#sent.inc({ topic, status: statusOf(event) }, event.messages.length);
  };

  readonly #callStarted = (event: ConsumeEvent): void => {
    this.#startedAt.set(event, performance.now());
    this.#consuming.inc({ consumer_group: event.consumerGroup });
  };

  readonly #callEnded = (event: ConsumeEvent): void => {
    const seconds = this.#since(event);
    if (seconds === undefined) return;
    const labels = { consumer_group: event.consumerGroup, topic: topicOf(event) };
    this.#consuming.dec({ consumer_group: event.consumerGroup });
    this.#consumeSeconds.observe(labels, seconds);
    for (const outcome of event.outcomes ?? []) this.#consumed.inc({ ...labels, outcome });
  };

  readonly #polled = ({ consumerGroup, result = [] }: ReceiveEvent): void => {
    for (const { topic } of result) this.#received.inc({ consumer_group: consumerGroup, topic });
  };

  #since(event: SendEvent | ConsumeEvent): number | undefined {
    const startedAt = this.#startedAt.get(event);
    return startedAt === undefined ? undefined : (performance.now() - startedAt) / 1000;
  }
}

function topicOf({ messages }: SendEvent | ConsumeEvent): string {
  return messages[0]?.topic ?? '';
}

function statusOf({ result, error }: SendEvent): string {
  if (error !== undefined) return error instanceof RocketMQError ? error.code : 'ERROR';
  return result ? result.sendStatus : 'ONEWAY';
}

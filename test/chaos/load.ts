import { randomBytes } from 'node:crypto';
import { crc32 } from '@nest-rocketmq/protocol';
import type { DefaultMQProducer, Message, SendResult } from '@nest-rocketmq/client';
import type { HistoryWriter } from './history.ts';

export interface LoadOptions {
  producer: DefaultMQProducer;
  history: HistoryWriter;
  topic: string;
  queues: number;
  brokerName: string;
  /** Senders at work at once; each awaits its own sends, so that there is an order to check. */
  lanes: number;
  /** Milliseconds that each sender rests after a send; default none. */
  pauseMs?: number;
  /** Time-out of a send in milliseconds; default 3000. */
  timeoutMs?: number;
}

const BATCH = 8;

/**
 * Senders that write down what they sent and what they were answered. Every fourth sends batches. A send that fails
 * is not repeated: whether it was stored is what nobody was told.
 */
export class Load {
  readonly #lanes: Promise<void>[] = [];
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => {};
  #stopped = false;
  readonly #acknowledged = new Set<string>();
  readonly #failures: number[];

  constructor(private readonly options: LoadOptions) {
    this.#failures = Array.from({ length: options.lanes }, () => 0);
  }

  /** The ids of the messages that were answered SEND_OK. */
  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  /** How many sends of each sender have failed. */
  get failures(): readonly number[] {
    return [...this.#failures];
  }

  start(): void {
    for (let lane = 0; lane < this.options.lanes; lane++) this.#lanes.push(this.#run(lane));
  }

  /** Holds the senders back after their present send, until {@link resume}: nothing is learnt from a broker that is down. */
  pause(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#open();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#open();
    await Promise.all(this.#lanes);
  }

  async #run(lane: number): Promise<void> {
    const { producer, history, topic, queues, brokerName, pauseMs = 0, timeoutMs = 3000 } = this.options;
    const queue = { topic, brokerName, queueId: lane % queues };
    const name = `lane${lane}`;
    for (let sequence = 0; !this.#stopped;) {
      await this.#gate;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const size = lane % 4 === 3 ? BATCH : 1;
      const messages = Array.from({ length: size }, (_, i) =>
        createMessage(topic, `${name}-${sequence + i}`),
      );
      for (const [i, { keys, body }] of messages.entries()) {
        const crc = crc32(Buffer.from(body));
        history.add({ type: 'attempt', id: String(keys), crc, producer: name, sequence: sequence + i });
      }
      sequence += size;
      const [first] = messages;
      try {
        const options = { queue, retries: 0, timeout: timeoutMs };
        const result =
          size > 1 || !first
            ? await producer.sendBatch(messages, options)
            : await producer.send(first, options);
        if (result.sendStatus === 'SEND_OK') this.#acknowledge(messages, result);
      } catch {
        // The broker was killed under this send. What became of it shows at the reading.
        this.#failures[lane] = (this.#failures[lane] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  #acknowledge(messages: Message[], result: SendResult): void {
    const ids = result.msgId.split(',');
    for (const [i, message] of messages.entries()) {
      this.options.history.add({
        type: 'ack',
        id: String(message.keys),
        queueId: result.messageQueue.queueId,
        offset: result.queueOffset + i,
        msgId: ids[i] ?? '',
      });
      this.#acknowledged.add(String(message.keys));
    }
  }
}

function createMessage(topic: string, id: string): Message {
  const body = randomBytes(64 + Math.floor(Math.random() * 1984));
  return { topic, keys: id, tags: 'chaos', body };
}

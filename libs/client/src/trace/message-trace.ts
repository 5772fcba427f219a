import type { ClientSettings } from '../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../instance/client-registry.ts';
import { MessageSender } from '../producer/message-sender.ts';
import { outgoingMessage } from '../producer/outgoing-message.ts';
import { defaultSendSettings, type SendSettings } from '../producer/send-options.ts';
import { defaultTraceSettings, TraceDispatcher, type TraceMessage } from './trace-dispatcher.ts';
import type { TraceRecord } from './trace-data.ts';

/** How a client is traced. */
export interface TraceOptions {
  /** Whether what it does with messages is traced. Default false. */
  enableMsgTrace?: boolean;
  /** Where traces are sent. Default `RMQ_SYS_TRACE_TOPIC`, which brokers with `traceTopicEnable` have. */
  customizedTraceTopic?: string;
}

/** Java's `TraceConstants.GROUP_NAME_PREFIX`. */
const GROUP_PREFIX = '_INNER_TRACE_PRODUCER';
const SEND_TIMEOUT_MS = 5000;

let lastNumber = 0;

/** The traces of one client: collected, and sent by a producer of their own, which isn't traced itself. */
export class MessageTrace {
  readonly topic: string;
  readonly dispatcher: TraceDispatcher;
  readonly #client: ClientSettings;
  readonly #group: string;
  readonly #settings: SendSettings;
  #lease: InstanceLease | undefined;
  #sender: MessageSender | undefined;

  /**
   * @param group of the client that is traced
   * @param type what it does
   * @param topic where traces go; undefined: the default
   */
  constructor(client: ClientSettings, group: string, type: 'PRODUCE' | 'CONSUME', topic: string | undefined) {
    const settings = { ...defaultTraceSettings, ...(topic ? { topic } : {}) };
    this.topic = settings.topic;
    this.#client = client;
    this.#group = `${GROUP_PREFIX}-${group}-${type}-${++lastNumber}`;
    this.#settings = {
      ...defaultSendSettings,
      sendMsgTimeout: SEND_TIMEOUT_MS,
      // Traces of a namespace are in the same topic as all others.
      namespace: '',
    };
    this.dispatcher = new TraceDispatcher(settings, {
      clock: client.clock,
      logger: client.logger,
      send: (message) => this.#send(message),
    });
  }

  start(): void {
    const member = { group: this.#group };
    this.#lease = acquireInstance(this.#client, { role: 'producer', member });
    this.#sender = new MessageSender(this.#lease.instance, this.#group, this.#settings);
  }

  readonly append = (topic: string, records: readonly TraceRecord[]): void => {
    this.dispatcher.append(topic, records);
  };

  /** Sends what waits (the time-out of sends bounds that), and leaves the cluster. */
  async shutdown(): Promise<void> {
    await this.dispatcher.shutdown();
    await this.#lease?.instance.unregister('producerGroup', this.#group);
    await this.#lease?.release();
  }

  async #send({ topic, keys, body }: TraceMessage): Promise<void> {
    const message = await outgoingMessage({ topic, keys, body }, this.#settings);
    await this.#sender?.send(message);
  }
}

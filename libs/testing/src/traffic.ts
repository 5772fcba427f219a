import { isIPv4 } from 'node:net';
import {
  consumeChannel,
  sendChannel,
  type ConsumeEvent,
  type ConsumeOutcome,
  type MessageExt,
  type ObservedMessage,
  type SendEvent,
  type SendResult,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** A message that a producer of this process sent, and the cluster has: also one that is delayed. */
export interface SentMessage {
  readonly message: ObservedMessage;
  readonly result: SendResult;
}

/** One call of a listener of this process for one message, and how it ended. */
export interface Delivered {
  readonly group: string;
  readonly message: MessageExt;
  /** 1 the first time, 2 when it came again, ... */
  readonly attempt: number;
  /** `dropped`: broadcast messages are not repeated. */
  readonly outcome: ConsumeOutcome;
}

/** Which delivery to wait for. */
export interface DeliveryWanted {
  group?: string;
  msgId?: string;
  /** One of the message's keys. */
  key?: string;
  attempt?: number;
  outcome?: ConsumeOutcome;
}

interface Waiter {
  readonly wanted: DeliveryWanted;
  readonly resolve: (delivered: Delivered) => void;
}

/** Sees what producers and listeners of this process send to one broker and get from it. */
export class Traffic {
  readonly sent: SentMessage[] = [];
  readonly delivered: Delivered[] = [];
  readonly #brokerAddress: string;
  readonly #idPrefix: string;
  readonly #waiters = new Set<Waiter>();
  readonly #onSend = (event: unknown): void => this.#sentBy(event as SendEvent);
  readonly #onConsume = (event: unknown): void => this.#consumedBy(event as ConsumeEvent);

  /** @param brokerAddress `host:port`, with an IPv4 address */
  constructor(brokerAddress: string) {
    this.#brokerAddress = brokerAddress;
    this.#idPrefix = messageIdPrefix(brokerAddress);
    sendChannel.asyncEnd.subscribe(this.#onSend);
    consumeChannel.asyncEnd.subscribe(this.#onConsume);
  }

  /** Sees nothing any more. */
  close(): void {
    sendChannel.asyncEnd.unsubscribe(this.#onSend);
    consumeChannel.asyncEnd.unsubscribe(this.#onConsume);
  }

  /**
   * The first delivery that is as wanted; also one of the past.
   * @param timeoutMs in milliseconds
   * @throws RocketMQError `TIMEOUT` that says what was delivered instead
   */
  async delivery(wanted: DeliveryWanted, timeoutMs: number): Promise<Delivered> {
    const past = this.find(wanted);
    if (past) return past;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      return await new Promise<Delivered>((resolve, reject) => {
        waiter = { wanted, resolve };
        this.#waiters.add(waiter);
        timer = setTimeout(() => reject(this.#missing(wanted, timeoutMs)), timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      if (waiter) this.#waiters.delete(waiter);
    }
  }

  /** A delivery that was; undefined when there was none as wanted. */
  find(wanted: DeliveryWanted): Delivered | undefined {
    return this.delivered.find((delivered) => matches(delivered, wanted));
  }

  #sentBy({ messages, result }: SendEvent): void {
    if (!result) return;
    // A batch has the ids of its messages, separated by commas.
    const ids = result.offsetMsgId.split(',');
    if (ids[0]?.startsWith(this.#idPrefix) !== true) return;
    for (const message of messages) this.sent.push({ message, result });
  }

  #consumedBy({ consumerGroup: group, messages, outcomes = [] }: ConsumeEvent): void {
    for (const [index, message] of messages.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || message.storeHost !== this.#brokerAddress) continue;
      const delivered = { group, message, attempt: message.reconsumeTimes + 1, outcome };
      this.delivered.push(delivered);
      for (const waiter of this.#waiters) {
        if (matches(delivered, waiter.wanted)) waiter.resolve(delivered);
      }
    }
  }

  #missing(wanted: DeliveryWanted, timeoutMs: number): RocketMQError {
    const seen = this.delivered.map(
      ({ group, message, attempt, outcome }) =>
        `${message.topic}:${message.tags ?? ''} ${message.keys.join(' ')} to ${group}, attempt ${attempt}: ${outcome}`,
    );
    return new RocketMQError(
      'TIMEOUT',
      `No delivery like ${JSON.stringify(wanted)} within ${timeoutMs} ms. Delivered were: ${seen.join('; ') || 'none'}`,
    );
  }
}

function matches(delivered: Delivered, { group, msgId, key, attempt, outcome }: DeliveryWanted): boolean {
  const { message } = delivered;
  return (
    (group === undefined || delivered.group === group) &&
    (msgId === undefined || message.msgId === msgId) &&
    (key === undefined || message.keys.includes(key)) &&
    (attempt === undefined || delivered.attempt === attempt) &&
    (outcome === undefined || delivered.outcome === outcome)
  );
}

/** What the ids begin with that a broker gives to messages: its address and port, in hexadecimal. */
function messageIdPrefix(brokerAddress: string): string {
  const colon = brokerAddress.lastIndexOf(':');
  const host = brokerAddress.slice(0, colon);
  if (!isIPv4(host)) throw new RocketMQError('INVALID_ARGUMENT', `Not an IPv4 address: ${host}`);
  const prefix = Buffer.alloc(8);
  prefix.set(host.split('.').map(Number));
  prefix.writeInt32BE(Number(brokerAddress.slice(colon + 1)), 4);
  return prefix.toString('hex').toUpperCase();
}

import { randomUUID } from 'node:crypto';
import { consumeChannel, sendChannel, type ConsumeEvent, type SendEvent } from '@nest-rocketmq/client';
import type { Message, MessageExt, TransactionMessage } from 'nest-rocketmq';
import { isId, type TimelineKind } from '@sample-shop/api';
import type { TimelineEntity } from './timeline.entity.ts';

/** Whose messages are recorded: several services may be in one process, and the channels tell of all of them. */
export interface RecordedService {
  /** The producer group. */
  readonly group: string;
  /** Whether a consumer group is of this service. */
  readonly consumes: (consumerGroup: string) => boolean;
}

const OUTCOMES = {
  consumed: 'consumed',
  retry: 'retried',
  'dead-letter': 'dead',
  dropped: undefined,
} as const;
/** The property of a message that waits for the end of its transaction. */
const HALF = 'TRAN_MSG';
const LONGEST = 255;
const nothing = (): void => undefined;

/**
 * Tells what becomes of the messages of a service: the client says so on Node's diagnostics channels. Only messages that are of an
 * order, which their body names.
 */
export class TimelineRecorder {
  readonly #service: RecordedService;
  readonly #record: (event: TimelineEntity) => void;
  readonly #startedAt = new WeakMap<SendEvent, Date>();
  readonly #sends;
  readonly #calls;

  constructor(service: RecordedService, record: (event: TimelineEntity) => void) {
    this.#service = service;
    this.#record = record;
    const rest = { end: nothing, error: nothing };
    // A message may be consumed before its sender has heard that it was sent: it was sent when that began.
    const start = (event: SendEvent): void => void this.#startedAt.set(event, new Date());
    this.#sends = { ...rest, start, asyncStart: nothing, asyncEnd: this.#sent };
    this.#calls = { ...rest, start: nothing, asyncStart: nothing, asyncEnd: this.#consumed };
  }

  /** Listens from now on. */
  start(): void {
    sendChannel.subscribe(this.#sends);
    consumeChannel.subscribe(this.#calls);
  }

  /** Listens no more. */
  stop(): void {
    sendChannel.unsubscribe(this.#sends);
    consumeChannel.unsubscribe(this.#calls);
  }

  /** Tells how the transaction of a message ended: the client has no channel for that. */
  transactionEnded(message: TransactionMessage | MessageExt, kind: 'committed' | 'rolled back'): void {
    const msgId = 'msgId' in message ? message.msgId : message.transactionId;
    this.#add(message, { kind, msgId, group: this.#service.group, attempt: 1, time: new Date() });
  }

  readonly #sent = (event: SendEvent): void => {
    const { producerGroup, messages, result, error } = event;
    if (producerGroup !== this.#service.group || error !== undefined || !result) return;
    const time = this.#startedAt.get(event) ?? new Date();
    const msgIds = result.msgId.split(',');
    for (const [index, message] of messages.entries()) {
      const kind = message.systemProperties?.[HALF] === undefined ? 'sent' : 'half';
      this.#add(message, { kind, msgId: msgIds[index] ?? '', group: producerGroup, attempt: 1, time });
    }
  };

  readonly #consumed = ({ consumerGroup, messages, outcomes = [] }: ConsumeEvent): void => {
    if (!this.#service.consumes(consumerGroup)) return;
    const time = new Date();
    for (const [index, message] of messages.entries()) {
      const kind = OUTCOMES[outcomes[index] ?? 'dropped'];
      const { msgId, reconsumeTimes } = message;
      if (kind) this.#add(message, { kind, msgId, group: consumerGroup, attempt: reconsumeTimes + 1, time });
    }
  };

  #add(message: Message | MessageExt, what: Happened): void {
    const orderId = orderOf(message.body);
    if (orderId === undefined) return;
    const { topic, tags = '', keys = '' } = message;
    const key = typeof keys === 'string' ? keys : keys.join(' ');
    this.#record({ eventId: randomUUID(), orderId, topic, tag: line(tags), key: line(key), ...what });
  }
}

interface Happened {
  readonly kind: TimelineKind;
  readonly msgId: string;
  readonly group: string;
  readonly attempt: number;
  readonly time: Date;
}

/** Which order a message is of. */
function orderOf(body: Uint8Array): string | undefined {
  try {
    const { orderId } = JSON.parse(Buffer.from(body).toString()) as { orderId?: unknown };
    return isId(orderId) ? orderId : undefined;
  } catch {
    // Somebody else's message, which is no JSON.
    return undefined;
  }
}

function line(text: string): string {
  return text.slice(0, LONGEST);
}

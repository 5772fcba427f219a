import { ResponseCode, type HeaderView } from '@nest-rocketmq/protocol';
import type { Connection, ResponseHandler } from '@nest-rocketmq/remoting';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { asRocketMQError, BrokerError, ClientErrorCode, SendError, type SendAttempt } from '../errors.ts';
import type { SendResult } from '../message/message.ts';
import type { MessageSender, SendChoices } from './message-sender.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { sendResult, sendStatus } from './send-answer.ts';
import type { SendTarget } from './send-frame.ts';
import type { TopicPublisher } from './topic-publisher.ts';

/** What one send may do, beyond its message. */
export interface SendPlan {
  readonly choices: SendChoices;
  /** When the budget is spent, by the sender's clock. */
  readonly deadline: number;
  readonly timeoutMs: number;
}

/**
 * One send on its way: the state between its tries, and the handler of their answers in one object, so that a
 * message costs its promise and this.
 */
export class SendOperation implements ResponseHandler {
  readonly #sender: MessageSender;
  readonly #message: OutgoingMessage;
  readonly #plan: SendPlan;
  readonly #resolve: (result: SendResult) => void;
  readonly #reject: (error: unknown) => void;
  #publisher: TopicPublisher | undefined;
  /** The queue when the caller chose it: it stays the same in every try. */
  #fixed: SendTarget | undefined;
  #tries = 1;
  #target: SendTarget | undefined;
  #address: string | undefined;
  #startedAt = 0;
  /** Tells the answer of a try that was given up from that of the current one. */
  #settled = false;
  #attempts: SendAttempt[] | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    sender: MessageSender,
    message: OutgoingMessage,
    plan: SendPlan,
    resolve: (result: SendResult) => void,
    reject: (error: unknown) => void,
  ) {
    this.#sender = sender;
    this.#message = message;
    this.#plan = plan;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal } = plan.choices;
    if (signal) {
      this.#onAbort = () =>
        this.#fail('ABORTED', 'it was aborted; the message may be stored all the same', signal.reason);
      if (signal.aborted) this.#onAbort();
      else signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** Makes the first try, now that the queues of the topic are known. */
  begin(publisher: TopicPublisher): void {
    if (this.#settled) return;
    const { choices } = this.#plan;
    try {
      const queue = choices.queue ?? choices.select?.(publisher.queues);
      this.#fixed = queue && publisher.targetOf(queue);
    } catch (error) {
      this.abandon(error);
      return;
    }
    this.#publisher = publisher;
    this.#tries = 1 + (choices.retries ?? (this.#fixed ? 0 : this.#sender.settings.retryTimesWhenSendFailed));
    this.#attempt(publisher);
  }

  /** Fails before the first try. */
  abandon(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  #attempt(publisher: TopicPublisher): void {
    if (this.#settled) return;
    const now = this.#sender.clock.now();
    const left = this.#plan.deadline - now;
    if (left <= 0) {
      this.#fail('TIMEOUT', `no time is left of its ${this.#plan.timeoutMs} ms (sendMsgTimeout)`);
      return;
    }
    this.#startedAt = now;
    const target = this.#fixed ?? this.#sender.choose(publisher, this.#target?.brokerName);
    this.#target = target;
    this.#address = this.#sender.brokerAddress(target.brokerName);
    if (this.#address === undefined) {
      this.onError(
        new RocketMQError('NO_BROKER', `The broker ${target.brokerName} has no master now`, {
          responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION,
        }),
      );
      return;
    }
    const connection = this.#sender.existingConnection(this.#address);
    if (connection) this.#transmit(connection, target, left);
    else void this.#connect(this.#address, target, left);
  }

  onResponse(header: HeaderView): void {
    const target = this.#target;
    if (this.#settled || !target) return;
    const status = sendStatus(header.code);
    if (status === undefined) {
      this.#refused(header.code, header.remark, target);
      return;
    }
    this.#sender.note(target.brokerName, this.#startedAt, false, true);
    // The topic exists from now on, with a route of its own.
    if (this.#publisher?.route.provisional) this.#sender.suspectRoute(this.#message.topic);
    if (
      status !== 'SEND_OK' &&
      this.#sender.settings.retryAnotherBrokerWhenNotStoreOK &&
      // This try isn't counted yet: the last one's status is the result.
      this.#triesLeft() > 1
    ) {
      this.#retry(new BrokerError('SendMessage', header.code, header.remark, this.#address ?? ''));
      return;
    }
    try {
      const result = sendResult(status, header, this.#message, target.queue);
      if (this.#publisher?.route.provisional) this.#sender.topicCreated(this.#message.topic);
      this.#settle();
      this.#resolve(result);
    } catch (cause) {
      this.onError(asRocketMQError(cause, this.#address));
    }
  }

  onError(error: RocketMQError): void {
    const target = this.#target;
    if (this.#settled || !target) return;
    this.#sender.note(target.brokerName, this.#startedAt, true, true);
    // A connection that is lost or can't be made: the brokers may have changed, so the route is asked for anew.
    if (error.code !== 'OVERLOADED') this.#sender.suspectRoute(this.#message.topic);
    this.#retry(error);
  }

  async #connect(address: string, target: SendTarget, left: number): Promise<void> {
    try {
      const connection = await this.#sender.connect(address, left);
      if (!this.#settled) this.#transmit(connection, target, this.#plan.deadline - this.#sender.clock.now());
    } catch (error) {
      this.onError(asRocketMQError(error, address));
    }
  }

  #transmit(connection: Connection, target: SendTarget, left: number): void {
    const cap = this.#sender.settings.sendMsgMaxTimeoutPerRequest;
    const timeoutMs = Math.max(1, cap > 0 ? Math.min(cap, left) : left);
    try {
      this.#sender.checkBacklog(connection, this.#message.body.length);
      const opaque = connection.nextOpaque();
      if (!connection.expect(opaque, timeoutMs, this)) return;
      target.write(connection, this.#message, this.#startedAt, opaque, false);
    } catch (error) {
      this.onError(asRocketMQError(error, this.#address));
    }
  }

  #refused(code: number, remark: string | undefined, target: SendTarget): void {
    const error = new BrokerError('SendMessage', code, remark, this.#address ?? '');
    this.#sender.note(target.brokerName, this.#startedAt, true, false);
    if (code === ResponseCode.GO_AWAY && this.#address !== undefined) this.#sender.goneAway(this.#address);
    if (this.#sender.settings.retryResponseCodes.has(code)) {
      if (code === ResponseCode.TOPIC_NOT_EXIST) this.#sender.suspectRoute(this.#message.topic);
      this.#retry(error);
      return;
    }
    this.#record(error);
    this.#fail('REMOTE', error.message);
  }

  #retry(error: RocketMQError): void {
    this.#record(error);
    // Too much waits already: another try would only make it more.
    if (this.#publisher && this.#triesLeft() > 0 && error.code !== 'OVERLOADED')
      this.#attempt(this.#publisher);
    else this.#fail(error.code, error.message);
  }

  #triesLeft(): number {
    return this.#tries - (this.#attempts?.length ?? 0);
  }

  #record(error: RocketMQError): void {
    if (!this.#target) return;
    this.#attempts ??= [];
    this.#attempts.push({
      queue: this.#target.queue,
      address: this.#address,
      durationMs: this.#sender.clock.now() - this.#startedAt,
      error,
    });
  }

  #fail(code: RocketMQError['code'], reason: string, cause?: unknown): void {
    if (this.#settled) return;
    this.#settle();
    const error = new SendError(code, this.#message.topic, reason, this.#attempts ?? []);
    if (cause !== undefined && error.cause === undefined) error.cause = cause;
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#sender.finished();
    if (this.#onAbort) this.#plan.choices.signal?.removeEventListener('abort', this.#onAbort);
  }
}

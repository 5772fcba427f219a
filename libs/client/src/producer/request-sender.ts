import { randomUUID } from 'node:crypto';
import { MessageConst, MixAll } from '@nest-rocketmq/protocol';
import { printable, RocketMQError, type Scheduled } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { TopicRoute } from '../instance/topic-route.ts';
import type { Message, MessageExt, SendResult } from '../message/message.ts';
import { replyTopic } from './request-reply-message.ts';

/** Called with what became of a request (`RequestCallback`). */
export interface RequestCallback {
  onSuccess(reply: MessageExt): void;
  onException(error: unknown): void;
}

/** Sends the request itself. */
export type SendRequest = (message: Message, timeoutMs: number) => Promise<SendResult>;

/** The route a topic is sent to by. */
export type RouteOf = (topic: string) => Promise<TopicRoute>;

/** Sends requests and waits for their replies (`DefaultMQProducerImpl.request`). */
export class RequestSender {
  readonly #instance: ClientInstance;
  readonly #routeOf: RouteOf;
  /** Topics by whose brokers we are known. */
  readonly #prepared = new Set<string>();

  constructor(instance: ClientInstance, routeOf: RouteOf) {
    this.#instance = instance;
    this.#routeOf = routeOf;
  }

  /**
   * Sends a request and gives its reply.
   * @param timeoutMs for both together, in milliseconds
   * @throws RocketMQError `TIMEOUT` with response code 10006 when no reply came in time; `ABORTED`; otherwise what the
   * send failed with
   */
  request(message: Message, timeoutMs: number, send: SendRequest, signal?: AbortSignal): Promise<MessageExt> {
    const { clock } = this.#instance.settings;
    const deadline = clock.now() + timeoutMs;
    const correlationId = randomUUID();
    return new Promise((resolve, reject) => {
      let sent: SendResult | undefined;
      let timer: Scheduled | undefined = undefined;
      const settle = (): void => {
        timer?.cancel();
        signal?.removeEventListener('abort', onAbort);
        this.#instance.requests.forget(correlationId);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error as Error);
      };
      const onAbort = (): void => {
        const text = `The request to topic ${message.topic} was aborted; its message may be stored all the same`;
        fail(new RocketMQError('ABORTED', text, { cause: signal?.reason }));
      };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      timer = clock.schedule(timeoutMs, () => fail(timedOut(message, correlationId, timeoutMs, sent)));
      this.#instance.requests.wait(correlationId, (reply) => {
        settle();
        resolve(reply);
      });
      const outgoing = this.#outgoing(message, correlationId, timeoutMs);
      this.#prepare(message.topic)
        .then(() => send(outgoing, Math.max(1, deadline - clock.now())))
        .then((result) => (sent = result))
        .catch((error: unknown) => {
          const late = error instanceof RocketMQError && error.code === 'TIMEOUT';
          fail(late ? timedOut(message, correlationId, timeoutMs, undefined, error) : error);
        });
    });
  }

  #outgoing(message: Message, correlationId: string, timeoutMs: number): Message {
    return {
      ...message,
      systemProperties: {
        ...message.systemProperties,
        [MessageConst.PROPERTY_CORRELATION_ID]: correlationId,
        [MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT]: this.#instance.clientId,
        [MessageConst.PROPERTY_MESSAGE_TTL]: String(timeoutMs),
      },
    };
  }

  /**
   * Makes sure that every broker a reply can come through knows this client: those of the topic, and those of its
   * clusters' reply topics.
   */
  async #prepare(topic: string): Promise<void> {
    const { routes, heartbeats, settings } = this.#instance;
    if (!this.#prepared.has(topic)) {
      const { data } = await this.#routeOf(topic);
      try {
        const replies = new Set(data.brokerDatas.map(({ cluster }) => replyTopic(cluster)));
        for (const reply of replies) if (!routes.get(reply)) await routes.refresh(reply);
        this.#prepared.add(topic);
      } catch (error) {
        settings.logger.warn(`The route of the replies to topic ${topic} can't be had now`, error);
      }
    }
    const masters = [...routes.brokers().values()].flatMap(
      (addresses) => addresses.get(MixAll.MASTER_ID) ?? [],
    );
    await Promise.all(masters.map((address) => heartbeats.announce(address)));
  }
}

function timedOut(
  message: Message,
  correlationId: string,
  timeoutMs: number,
  sent: SendResult | undefined,
  cause?: unknown,
): RocketMQError {
  const { topic, tags } = message;
  const what = `The request to ${tags === undefined ? topic : `${topic}:${printable(tags)}`} got no reply within ${timeoutMs} ms`;
  const text = sent
    ? `${what}: it was stored (${sent.messageQueue.brokerName}:${sent.messageQueue.queueId} at offset ${sent.queueOffset}, ` +
      `message ${sent.msgId}, correlation id ${correlationId}), but no consumer answered in time. Check that a consumer ` +
      'group subscribes to it, runs, and replies, and that the time-out is long enough for it'
    : `${what}: its broker did not acknowledge it either, so it may not be stored (correlation id ${correlationId}). ` +
      'Check the broker, or allow more time';
  const responseCode = ClientErrorCode.REQUEST_TIMEOUT_EXCEPTION;
  return new RocketMQError('TIMEOUT', text, { responseCode, ...(cause === undefined ? {} : { cause }) });
}

import { randomUUID } from 'node:crypto';
import { GroupList, MessageConst, MixAll, QueryTopicConsumeByWho } from '@nest-rocketmq/protocol';
import { printable, RocketMQError, type Scheduled } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { within } from '../instance/deadline.ts';
import type { TopicRoute } from '../instance/topic-route.ts';
import type { Message, MessageExt, SendResult } from '../message/message.ts';
import { withNamespace } from '../namespace/namespace.ts';
import { replyTopic } from './request-reply-message.ts';

/** How long a request waits for brokers to hear of this client, and for the explanation of a time-out, in milliseconds. */
const ANNOUNCE_PATIENCE_MS = 500;
const EXPLAIN_TIMEOUT_MS = 300;

/** Called with what became of a request (`RequestCallback`). */
export interface RequestCallback {
  /** The reply. */
  onSuccess(reply: MessageExt): void;
  /** There is none: the request was not sent, or nobody replied in time. */
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
  /** Ends the requests that wait. */
  readonly #open = new Set<(error: unknown) => void>();

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
        this.#open.delete(fail);
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
      this.#open.add(fail);
      const timeOut = async (): Promise<void> => {
        // A reply that comes while the broker is asked is as good as one in time.
        const groups = sent && (await this.#consumersOf(sent));
        fail(timedOut(message, { correlationId, timeoutMs, sent, groups }));
      };
      timer = clock.schedule(timeoutMs, () => void timeOut());
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
          fail(late ? timedOut(message, { correlationId, timeoutMs, cause: error }) : error);
        });
    });
  }

  /** Ends the requests that wait for their replies: the producer goes. */
  close(): void {
    const error = new RocketMQError(
      'ABORTED',
      'The producer was shut down before the reply to its request came',
    );
    for (const fail of this.#open) fail(error);
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
    const announced = Promise.all(masters.map((address) => heartbeats.announce(address)));
    // A broker that can't be reached now must not hold up what others can answer.
    const late = new Error('late');
    await within(settings.clock, ANNOUNCE_PATIENCE_MS, announced, () => late).catch(() => undefined);
  }

  /** The groups that the request's broker knows of its topic; undefined when it doesn't tell. */
  async #consumersOf({ messageQueue: { topic, brokerName } }: SendResult): Promise<string[] | undefined> {
    const { routes, settings } = this.#instance;
    const address = routes.brokerAddress(brokerName);
    if (address === undefined) return undefined;
    try {
      const name = withNamespace(settings.namespace, topic);
      const options = { timeoutMs: EXPLAIN_TIMEOUT_MS };
      const { body } = await this.#instance.call(address, QueryTopicConsumeByWho, { topic: name }, options);
      return GroupList.decode(body).groupList;
    } catch (error) {
      settings.logger.debug(
        `The broker ${address} doesn't tell who consumes the topic ${topic}: ${String(error)}`,
      );
      return undefined;
    }
  }
}

interface Unanswered {
  readonly correlationId: string;
  readonly timeoutMs: number;
  /** Undefined: its broker did not acknowledge the request. */
  readonly sent?: SendResult | undefined;
  /** The groups that consume the topic, where that is known. */
  readonly groups?: readonly string[] | undefined;
  readonly cause?: unknown;
}

function timedOut(
  { topic, tags }: Message,
  { correlationId, timeoutMs, sent, groups, cause }: Unanswered,
): RocketMQError {
  const where = tags === undefined ? topic : `${topic}:${printable(tags)}`;
  const what = `The request to ${where} got no reply within ${timeoutMs} ms`;
  const text = sent
    ? `${what}: it was stored (${sent.messageQueue.brokerName}:${sent.messageQueue.queueId} at offset ${sent.queueOffset}, ` +
      `message ${sent.msgId}, correlation id ${correlationId}), but ${whoDidNot(groups)}`
    : `${what}: its broker did not acknowledge it either, so it may not be stored (correlation id ${correlationId}). ` +
      'Check the broker, or allow more time';
  const responseCode = ClientErrorCode.REQUEST_TIMEOUT_EXCEPTION;
  return new RocketMQError('TIMEOUT', text, { responseCode, ...(cause === undefined ? {} : { cause }) });
}

function whoDidNot(groups: readonly string[] | undefined): string {
  if (groups?.length === 0)
    return 'no consumer group subscribes to the topic there. Start a consumer that replies before the requests';
  const who = groups
    ? `none of the groups that consume the topic (${printable(groups.join(', '), 200)})`
    : 'no consumer';
  return `${who} answered in time. Check that one runs, takes this tag and replies, and that the time-out is long enough for it`;
}

import {
  GetRouteInfoByTopic,
  isReadable,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  TopicRouteData,
  type MessageQueue,
} from '@nest-rocketmq/protocol';
import { RemotingClient, tlsClientConfig, type TlsKeys } from '@nest-rocketmq/remoting';
import { printable, RocketMQError, type Clock, type Logger } from '@nest-rocketmq/runtime';
import type { BrokerConfig } from '../config/broker-config.ts';
import { namesrvAddresses } from '../config/namesrv-addresses.ts';
import type { TopicConfigManager } from '../topic/topic-config-manager.ts';

const TIMEOUT_MS = 3000;
const MAX_TOPICS = 10_000;

/** What the queues are found by. */
export interface TopicQueuesParts {
  readonly config: Pick<BrokerConfig, 'brokerName' | 'namesrvAddr' | 'loadBalancePollNameServerInterval'> &
    TlsKeys;
  readonly topics: TopicConfigManager;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Known {
  readonly queues: MessageQueue[] | undefined;
  /** Milliseconds. */
  readonly asked: number;
}

/**
 * The queues of topics over all brokers of the cluster (TopicRouteInfoManager), as the NameServers have them; asked again
 * every `loadBalancePollNameServerInterval` milliseconds. Without a NameServer, this broker's own.
 */
export class TopicQueues {
  readonly #parts: TopicQueuesParts;
  readonly #client: RemotingClient;
  readonly #nameServers: readonly string[];
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<MessageQueue[] | undefined>>();

  constructor(parts: TopicQueuesParts) {
    this.#parts = parts;
    this.#client = new RemotingClient({
      clock: parts.clock,
      logger: parts.logger,
      tls: tlsClientConfig(parts.config),
    });
    this.#nameServers = namesrvAddresses(parts.config.namesrvAddr);
    // This broker's own queues may have become more or fewer.
    parts.topics.onChange((topic) => this.#known.delete(topic));
  }

  /** The readable queues; undefined when the topic is unknown, or nothing can be learnt of it now. */
  async find(topic: string): Promise<MessageQueue[] | undefined> {
    if (this.#nameServers.length === 0) return this.#own(topic);
    const { clock, config } = this.#parts;
    const known = this.#known.get(topic);
    if (known && clock.now() - known.asked < config.loadBalancePollNameServerInterval) return known.queues;
    const asking = this.#asking.get(topic);
    if (asking) return asking;
    const question = this.#ask(topic).finally(() => this.#asking.delete(topic));
    this.#asking.set(topic, question);
    return question;
  }

  /** Closes the connections. */
  shutdown(): Promise<void> {
    return this.#client.close();
  }

  async #ask(topic: string): Promise<MessageQueue[] | undefined> {
    const request = RemotingCommand.request(
      RequestCode.GET_ROUTEINFO_BY_TOPIC,
      GetRouteInfoByTopic.request.encode({ topic, acceptStandardJsonOnly: true }),
    );
    for (const address of this.#nameServers) {
      try {
        const answer = await this.#client.invoke(address, request, TIMEOUT_MS);
        if (answer.code !== ResponseCode.SUCCESS && answer.code !== ResponseCode.TOPIC_NOT_EXIST) continue;
        const found = answer.code === ResponseCode.SUCCESS ? readableQueues(topic, answer.body) : undefined;
        // A topic that the NameServer hasn't heard of yet may be this broker's.
        return this.#remember(topic, found ?? this.#own(topic));
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error;
        const what = `The route of ${printable(topic)} could not be had from ${address}`;
        this.#parts.logger.warn(`${what}: ${error.message}`);
      }
    }
    return this.#known.get(topic)?.queues;
  }

  #remember(topic: string, queues: MessageQueue[] | undefined): MessageQueue[] | undefined {
    if (queues === undefined) return undefined;
    if (this.#known.size >= MAX_TOPICS) this.#known.clear();
    this.#known.set(topic, { queues, asked: this.#parts.clock.now() });
    return queues;
  }

  #own(topic: string): MessageQueue[] | undefined {
    const { config, topics } = this.#parts;
    const own = topics.select(topic);
    return own && isReadable(own.perm) ? queuesOf(topic, config.brokerName, own.readQueueNums) : undefined;
  }
}

function readableQueues(topic: string, body: Buffer): MessageQueue[] {
  return TopicRouteData.decode(body)
    .queueDatas.filter(({ perm }) => isReadable(perm))
    .flatMap(({ brokerName, readQueueNums }) => queuesOf(topic, brokerName, readQueueNums));
}

function queuesOf(topic: string, brokerName: string, count: number): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic, brokerName, queueId }));
}
